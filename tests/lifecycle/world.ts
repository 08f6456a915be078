import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openHome, syncParts } from '../../src/app.ts'
import { connectors, dialects } from '../../src/dialects/index.ts'
import type { Call } from '../../src/directory/call.ts'
import { duties, scopes, type Duty } from '../../src/directory/credential.ts'
import { createDirectory } from '../../src/directory/directory.ts'
import { ConfigError, DirectoryError } from '../../src/directory/errors.ts'
import { createIdSource } from '../../src/directory/id.ts'
import type { JsonObject } from '../../src/directory/json.ts'
import type { PlanTier } from '../../src/directory/organization.ts'
import { createSealer } from '../../src/directory/seal.ts'
import { createServer } from '../../src/http/server.ts'
import { openStore } from '../../src/store/open.ts'
import type { Policy } from '../../src/sync/connection.ts'
import { createEngine } from '../../src/sync/create.ts'
import type { Engine } from '../../src/sync/engine.ts'
import type { Offboarding, Visit } from '../../src/sync/ledger.ts'
import type { SyncParts } from '../../src/sync/parts.ts'
import { raise } from '../../src/sync/raising.ts'
import { workOnce } from '../../src/sync/run.ts'
import type { Account, Vendor } from '../../src/sync/vendor.ts'
import { createTwin, type Twin } from '../../src/twin/create.ts'
import { databaseFile, readNote } from '../../src/twin/home.ts'
import { temporaryFolder } from '../folder.ts'
import { createTime, type Time } from '../sync.ts'

/** The vendors, each with the names of its roles for whoever is on the desk and for whoever leads it. */
export const vendors = {
  bird: { desk: 'managed:organization_member', lead: 'managed:organization_admin' },
  messagebird: { desk: 'member', lead: 'admin' },
  twilio: { desk: 'Member', lead: 'Admin' },
  bandwidth: { desk: 'Member', lead: 'Admin' },
  sinch: { desk: 'MEMBER', lead: 'ADMIN' },
} as const
export type VendorName = keyof typeof vendors
export const vendorNames: readonly VendorName[] = ['bird', 'messagebird', 'twilio', 'bandwidth', 'sinch']

/** A hub whose clock the test moves, connected to a twin of each vendor over real sockets; the identity provider speaks SCIM to it. */
export interface Lifecycle {
  readonly engine: Engine
  readonly time: Time
  readonly twins: Readonly<Record<VendorName, Twin>>
  /** The connection's id. */
  readonly connections: Readonly<Record<VendorName, string>>
  readonly by: (actor: string, duty?: Duty) => Call
  /** Sends one SCIM request as the identity provider does; fails the test unless it is taken. */
  readonly scim: (method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object) => Promise<{ readonly id: string }>
  /** Pushes a person who is in the groups, Staff among them, which assigns the connections. Answers the member's id. */
  readonly join: (userName: string, groups?: readonly string[]) => Promise<string>
  readonly group: (name: string, change: { readonly add?: string; readonly remove?: string }) => Promise<void>
  /** The push that ends it all: active is false. */
  readonly deactivate: (id: string) => Promise<void>
  readonly reactivate: (id: string) => Promise<void>
  /** The person opens the vendor's mail and accepts, wherever they are only invited. */
  readonly accept: (email: string) => Promise<void>
  readonly settle: () => Promise<void>
  readonly pass: (minutes: number, stride?: number) => Promise<void>
  /** The account at the vendor itself, by e-mail. */
  readonly at: (vendor: VendorName, email: string) => Promise<Account | undefined>
  /** What `of` says of the account at each vendor. */
  readonly everywhere: <T>(email: string, of: (account: Account | undefined) => T) => Promise<Record<VendorName, T>>
  /** Somebody else approves whatever waits, also where it takes the last administrator away. */
  readonly approve: (reason: string) => Promise<void>
  /** The newest offboarding with its visits by vendor. */
  readonly newest: () => Promise<{ readonly offboarding: Offboarding; readonly visits: Readonly<Record<VendorName, Visit>> }>
  readonly facts: () => ReturnType<SyncParts['directory']['listFacts']>
  /** The vendor changes what the customer has bought. */
  readonly sell: (vendor: VendorName, plan: PlanTier) => Promise<void>
}

export async function openLifecycle(
  t: TestContext,
  { policy, byScim = [] }: { readonly policy?: Partial<Policy>; readonly byScim?: readonly VendorName[] } = {},
): Promise<Lifecycle> {
  const folder = temporaryFolder(t)
  const time = createTime()
  const opened = await Promise.all(
    vendorNames.map(async (name) => [name, await openTwin(t, { name, home: join(folder, name), time })] as const),
  )
  const twins = byName(opened)
  const home = await openHome(join(folder, 'hub'), {})
  const reached = new Map<string, Vendor>()
  const parts: SyncParts = {
    ...syncParts(home, { log: undefined }),
    connect: (vendor, { baseUrl, credentials }) => {
      const connect = connectors[vendor]
      if (!connect) throw new ConfigError(`There is no connector for "${vendor}".`)
      const made = connect({
        baseUrl,
        credentials,
        fetch,
        sleep: async () => undefined,
        random: () => 0.5,
        randomBytes,
        clock: time.clock,
      })
      reached.set(vendor, made)
      return made
    },
    clock: time.clock,
    sleep: time.sleep,
  }
  const engine = createEngine(parts)
  const app = createServer({
    directory: home.directory,
    store: home.database.store,
    dialects,
    engine,
    settings: {},
    clock: time.clock,
    newId: home.newId,
    log: undefined,
    check: () => home.database.check(),
    tokenKeys: home.tokenKeys,
  })
  t.after(async () => {
    await app.close()
    await home.close()
  })
  const origin = 'http://rollcall.test'
  const access = await home.createOrganization({ name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] }, origin)
  const organizationId = access['organization']?.['id'] ?? ''
  const by = (actor: string, duty: Duty = 'owner'): Call => ({
    organizationId,
    actor,
    scopes: new Set(duties[duty]),
    now: time.clock(),
    requestId: home.newId(),
    via: 'test',
  })

  const scim: Lifecycle['scim'] = async (method, path, body) => {
    const reply = await app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: { authorization: `Bearer ${access['scim']?.['token']}`, 'content-type': 'application/scim+json' },
      ...(body && { payload: JSON.stringify(body) }),
    })
    assert.ok(reply.statusCode < 300, `${method} ${path}: ${reply.statusCode} ${reply.payload}`)
    return reply.payload === '' ? { id: '' } : JSON.parse(reply.payload)
  }
  const patch = (path: string, ...operations: readonly object[]) =>
    scim('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations })
  const groups = new Map<string, string>()
  for (const displayName of ['Staff', 'Desk', 'Leads'])
    groups.set(
      displayName,
      (await scim('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName })).id,
    )
  const group: Lifecycle['group'] = async (name, { add, remove }) => {
    const id = groups.get(name)
    if (add !== undefined) await patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: add }] })
    if (remove !== undefined) await patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${remove}"]` })
  }

  const connected = opened.map(async ([name, { credentials }]) => {
    const { desk, lead } = vendors[name]
    const connection = await engine.addConnection(by('admin'), {
      name,
      vendor: name,
      baseUrl: credentials['baseUrl'] ?? '',
      credentials: {
        ...(await settingsOf(name, { folder, credentials, time })),
        ...(byScim.includes(name) && { profile: 'scim' }),
      },
      assignments: [{ kind: 'group', groupId: groups.get('Staff') ?? '' }],
      policy: { matchBy: ['userName', 'email'], roleMap: { Desk: desk, Leads: lead }, ...policy },
    })
    await engine.changeConnection(by('admin'), { id: connection.id, writesEnabled: true })
    return [name, connection.id] as const
  })
  const connections = byName(await Promise.all(connected))

  const settle = async () => {
    do for (const id of await home.database.queue.organizationsWithNewFacts()) await raise(parts, id)
    while (await workOnce(parts))
  }
  const at: Lifecycle['at'] = async (name, email) => {
    const vendor = reached.get(name)
    assert.ok(vendor)
    for await (const { accounts } of vendor.reader.list()) {
      const found = accounts.find((account) => account.email === email || account.userName === email)
      if (found) return found
    }
    return undefined
  }
  await settle()
  return {
    engine,
    time,
    twins,
    connections,
    by,
    scim,
    group,
    settle,
    at,
    join: async (userName, others = ['Desk']) => {
      const { id } = await scim('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName,
        name: { givenName: 'Ada', familyName: 'Lovelace' },
        emails: [{ value: userName, primary: true }],
        active: true,
      })
      for (const name of ['Staff', ...others]) await group(name, { add: id })
      return id
    },
    deactivate: async (id) => void (await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' })),
    reactivate: async (id) => void (await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: true })),
    accept: async (email) => {
      for (const name of vendorNames) await acceptAt(join(folder, name), { name, email, time })
    },
    pass: async (minutes, stride = 1) => {
      for (let minute = 0; minute < minutes; minute += stride) {
        await settle()
        await time.advance(stride * 60_000)
      }
      await settle()
    },
    everywhere: async (email, of) =>
      byName(await Promise.all(vendorNames.map(async (name) => [name, of(await at(name, email))] as const))),
    approve: async (reason) => {
      for (const plan of await engine.listPlans(by('boss', 'approver'), { state: 'open', limit: 100 }))
        await engine.approvePlan(by('boss', 'approver'), { id: plan.id, digest: plan.digest, reason, accept: ['lastOwner'] })
      await settle()
    },
    newest: async () => {
      const [offboarding] = await engine.listOffboardings(by('owner'), { limit: 1 })
      assert.ok(offboarding)
      const { visits } = await engine.getOffboarding(by('owner'), { id: offboarding.id })
      const named = vendorNames.map(
        (name) => [name, visits.find(({ connectionId }) => connectionId === connections[name])] as const,
      )
      return { offboarding, visits: byName(named.flatMap(([name, visit]) => (visit ? [[name, visit] as const] : []))) }
    },
    sell: (name, plan) =>
      withTwin(join(folder, name), { name, time }, async ({ directory, call }) => {
        await directory.changeOrganization({ ...call, scopes: new Set(scopes) }, { plan })
      }),
    facts: () => home.directory.listFacts(by('auditor', 'auditor'), { after: 0, limit: 10_000 }),
  }
}

const byName = <T>(entries: readonly (readonly [VendorName, T])[]): Record<VendorName, T> => {
  const found = new Map(entries)
  const of = (name: VendorName): T => {
    assert.ok(found.has(name), name)
    return found.get(name)!
  }
  return {
    bird: of('bird'),
    messagebird: of('messagebird'),
    twilio: of('twilio'),
    bandwidth: of('bandwidth'),
    sinch: of('sinch'),
  }
}

async function openTwin(
  t: TestContext,
  { name, home, time }: { readonly name: VendorName; readonly home: string; readonly time: Time },
): Promise<Twin> {
  const dialect = dialects.find((each) => each.name === name)
  assert.ok(dialect)
  const twin = await createTwin({ dialect, home, people: 4, seed: 3, clock: time.clock, sleep: async () => undefined })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => twin.close())
  return twin
}

/** Opens a twin's own directory, as the people at the vendor see it. */
async function withTwin<T>(
  home: string,
  { name, time }: { readonly name: VendorName; readonly time: Time },
  work: (twin: {
    readonly directory: ReturnType<typeof createDirectory>
    readonly call: Call
    readonly mails: Mails
  }) => Promise<T>,
): Promise<T> {
  const note = readNote(home, name)
  assert.ok(note)
  const sealer = createSealer([Buffer.from(note.sealingKey, 'base64url')], randomBytes)
  const database = await openStore({ database: databaseFile(home), sealer })
  try {
    const directory = createDirectory({ store: database.store, newId: createIdSource(time.clock), randomBytes })
    const call: Call = {
      organizationId: note.organizationId,
      actor: 'system:person',
      scopes: new Set(duties.owner),
      now: time.clock(),
      requestId: 'test',
      via: 'test',
    }
    return await work({ directory, call, mails: await database.outbox.mails({ limit: 1_000 }) })
  } finally {
    await database.close()
  }
}

/** Who was invited before, and whose invitation has come to its end since, has further mails. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof DirectoryError) || error.refusal !== 'conflict') throw error
}

type Mails = readonly { readonly to?: string | undefined; readonly token?: string | undefined }[]

const acceptAt = (
  home: string,
  input: { readonly name: VendorName; readonly email: string; readonly time: Time },
): Promise<void> =>
  withTwin(home, input, async ({ directory, call, mails }) => {
    for (const { to, token } of mails)
      if (to === input.email && token !== undefined) await directory.acceptInvitation(call, { token }).catch(ignoreEnded)
  })

/** The twin's credentials as the connector takes them: Twilio names no role, so that its role SIDs are named there. */
async function settingsOf(
  name: VendorName,
  {
    folder,
    credentials,
    time,
  }: { readonly folder: string; readonly credentials: Readonly<Record<string, string>>; readonly time: Time },
): Promise<JsonObject> {
  if (name !== 'twilio') return { ...credentials }
  const roles = await withTwin(join(folder, name), { name, time }, ({ directory, call }) => directory.listRoles(call, {}))
  const roleNames = Object.fromEntries(roles.map((role) => [`RL${role.id.replaceAll('-', '')}`, role.name]))
  return { ...credentials, roleNames }
}
