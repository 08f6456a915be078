import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Call } from '../src/directory/call.ts'
import { duties, scopes, type Duty } from '../src/directory/credential.ts'
import { createDirectory, type Directory } from '../src/directory/directory.ts'
import { ConfigError } from '../src/directory/errors.ts'
import { createIdSource } from '../src/directory/id.ts'
import type { Membership } from '../src/directory/membership.ts'
import { createSealer } from '../src/directory/seal.ts'
import { openStore, type OpenStore } from '../src/store/open.ts'
import type { Assignment, ConnectionView, Policy } from '../src/sync/connection.ts'
import { createEngine } from '../src/sync/create.ts'
import type { Engine } from '../src/sync/engine.ts'
import type { Step } from '../src/sync/ledger.ts'
import type { SyncParts } from '../src/sync/parts.ts'
import { raise } from '../src/sync/raising.ts'
import type { Signer } from '../src/sync/signed.ts'
import { workOnce } from '../src/sync/run.ts'
import { createMemoryVendor, type MemoryVendor } from './memory-vendor.ts'
import { temporaryFolder } from './folder.ts'
import { putMigrated } from './migrated.ts'

/** A clock that stands still until it is moved; whoever sleeps wakes when it passes. */
export interface Time {
  readonly clock: () => Date
  readonly sleep: (ms: number) => Promise<void>
  readonly advance: (ms: number) => Promise<void>
}

export interface SyncWorld {
  readonly parts: SyncParts
  readonly database: OpenStore
  readonly directory: Directory
  readonly engine: Engine
  readonly vendor: MemoryVendor
  readonly time: Time
  readonly organizationId: string
  /** Of its SQLite database. */
  readonly file: string
  /** A call by somebody with the scopes of a duty; the identity provider is `idp`. */
  readonly by: (actor: string, duty?: Duty) => Call
  readonly join: (
    userName: string,
    over?: Partial<Pick<Membership, 'displayName' | 'externalId' | 'name' | 'emails' | 'attributes'>>,
  ) => Promise<Membership>
  /** The member is suspended by the identity provider. */
  readonly leave: (id: string) => Promise<Membership>
  readonly connect: (input?: {
    readonly writes?: boolean
    readonly policy?: Partial<Policy>
    readonly assignments?: readonly Assignment[]
  }) => Promise<ConnectionView>
  /** Does what is due now, until nothing is. */
  readonly settle: () => Promise<void>
  /** Lets time pass, some minutes at a stride, and does whatever comes due. */
  readonly pass: (minutes: number, stride?: number) => Promise<void>
  readonly steps: () => Promise<readonly Step[]>
  /** Parts of another process on the same database. */
  readonly process: (holder: string) => SyncParts
}

export async function openSyncWorld(t: TestContext, options: Parameters<typeof createMemoryVendor>[0] = {}): Promise<SyncWorld> {
  const sealer = createSealer([new Uint8Array(32).fill(7)], randomBytes)
  const file = await putMigrated(join(temporaryFolder(t), 'rollcall.db'))
  const database = await openStore({ database: file, sealer })
  t.after(() => database.close())
  const time = createTime()
  const newId = createIdSource(time.clock)
  const directory = createDirectory({ store: database.store, newId, randomBytes })
  const vendor = createMemoryVendor({ slowly: () => time.advance(9_000), ...options })
  const process = (holder: string): SyncParts => ({
    ledger: database.ledger,
    queue: database.queue,
    directory,
    sealer,
    connect: (name, { credentials }) => {
      if (name !== 'memory') throw new ConfigError(`There is no connector for "${name}".`)
      if (typeof credentials !== 'object' || credentials === null || !('key' in credentials))
        throw new ConfigError('credentials need a key.')
      return vendor
    },
    signer: createTestSigner(),
    clock: time.clock,
    newId,
    random: () => 0.5,
    sleep: time.sleep,
    holder,
    leaseMs: 5_000,
    pollMs: 250,
    log: () => undefined,
  })
  const parts = process('one')
  const engine = createEngine(parts)
  const organizationId = newId()
  const by = (actor: string, duty: Duty = 'owner'): Call => ({
    organizationId,
    actor,
    scopes: new Set(duties[duty]),
    now: time.clock(),
    requestId: newId(),
    via: 'test',
  })
  await directory.createOrganization(
    { ...by('setup'), scopes: new Set(scopes) },
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [], credentials: [] },
  )
  let connectionId = ''
  const settle = async () => {
    do for (const id of await database.queue.organizationsWithNewFacts()) await raise(parts, id)
    while (await workOnce(parts))
  }
  return {
    parts,
    database,
    directory,
    engine,
    vendor,
    time,
    organizationId,
    file,
    by,
    process,
    join: async (userName, over = {}) => {
      const state = {
        userName,
        externalId: undefined,
        displayName: undefined,
        name: { givenName: 'Given', familyName: 'Family' },
        emails: [{ value: `${userName}@example.com`, primary: true }],
        roleIds: [],
        suspended: false,
        attributes: {},
        ...over,
      }
      return (await directory.addMember(by('idp'), { state, as: 'active' })).member
    },
    leave: (id) => directory.suspendMember(by('idp'), { id, sessions: 'end' }),
    connect: async ({ writes = true, policy, assignments } = {}) => {
      const input: Parameters<Engine['addConnection']>[1] = {
        name: 'desk',
        vendor: 'memory',
        baseUrl: 'https://vendor.test/api',
        credentials: { key: 'secret-of-the-vendor' },
        assignments: assignments ?? [{ kind: 'everyone' }],
        policy,
      }
      const connection = await engine.addConnection(by('admin'), input)
      connectionId = connection.id
      return writes ? engine.changeConnection(by('admin'), { id: connection.id, writesEnabled: true }) : connection
    },
    settle,
    pass: async (minutes, stride = 1) => {
      for (let minute = 0; minute < minutes; minute += stride) {
        await settle()
        await time.advance(stride * 60_000)
      }
      await settle()
    },
    steps: async () => {
      const plans = await database.ledger.read((tx) => tx.plans(organizationId, { connectionId, limit: 1_000 }))
      const all = await Promise.all(
        plans.toReversed().map(({ id }) => database.ledger.read((tx) => tx.steps(organizationId, id))),
      )
      return all.flat()
    },
  }
}

export function createTestSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    sign: (bytes) => sign(null, bytes, privateKey),
  }
}

export function createTime(): Time {
  let now = Date.UTC(2026, 10, 21, 8)
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    clock: () => new Date(now),
    sleep: (ms) => new Promise((resolve) => sleepers.add({ at: now + ms, wake: resolve })),
    advance: async (ms) => {
      now += ms
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
