import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { openHub, type Hub } from '../src/app.ts'
import { bandwidth } from '../src/dialects/bandwidth/dialect.ts'
import { createClient, type Client } from '../src/dialects/native/connect.ts'
import type { Json } from '../src/directory/json.ts'
import type { OrganizationInput } from '../src/directory/organization.ts'
import { createTwin, type Twin } from '../src/twin/create.ts'
import { temporaryFolder } from './folder.ts'

type Parsed = ReturnType<typeof JSON.parse>

export interface ScimReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Parsed
}

export type Send = (method: string, path: string, body?: object) => Promise<ScimReply>

/** A hub and a stand-in for Bandwidth on real sockets, and a connection between them that people are assigned to through its SCIM address. */
export interface ApplicationStory {
  readonly hub: Hub
  readonly twin: Twin
  readonly access: Readonly<Record<string, Record<string, string>>>
  readonly owner: Client
  readonly approver: Client
  readonly connection: Awaited<ReturnType<Client['createConnection']>>
  /** Below the connection's SCIM address, with a token that is confined to it. */
  readonly send: Send
  readonly token: string
  readonly sender: (baseUrl: string, token: string) => Send
  /** A further connection to the same twin, and its SCIM address. */
  readonly connect: (
    name: string,
    over?: Partial<Parameters<Client['createConnection']>[0]['body']>,
  ) => Promise<{ readonly connection: ApplicationStory['connection']; readonly send: Send; readonly token: string }>
  /** The twin's users by name. */
  readonly accounts: () => Promise<ReadonlyMap<string, Parsed>>
  readonly atVendor: (method: string, path: string, body?: object) => Promise<Parsed>
}

export interface StoryOptions {
  readonly writes?: 'on' | 'off'
  readonly sso?: OrganizationInput['sso']
  readonly policy?: Parameters<Client['createConnection']>[0]['body']['policy']
}

type Closing = Pick<TestContext, 'after'>

export async function openBandwidthTwin(t: Closing, settings?: Json): Promise<Twin> {
  const twin = await createTwin({
    dialect: bandwidth,
    home: join(temporaryFolder(t), 'twin'),
    people: 3,
    seed: 7,
    clock: () => new Date(),
    ...(settings !== undefined && { settings }),
  })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => twin.close())
  return twin
}

export interface HubInput {
  readonly vendorWaitMs?: number
  /** That of a hub which it shares a database with. */
  readonly home?: string
  /** SQLite in the home where it is not given. */
  readonly databaseUrl?: string
}

export async function openApplicationHub(t: Closing, input: HubInput = {}): Promise<Hub> {
  const { vendorWaitMs, home = temporaryFolder(t), databaseUrl } = input
  const settings = vendorWaitMs === undefined ? {} : { dialects: { scim: { vendorWaitMs } } }
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings))
  const environment = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  const hub = await openHub({ home, environment, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  return hub
}

/** An organization of its own; the hub and the twin may be shared with other stories that push other people. */
export async function openApplicationStory(
  { hub, twin }: Pick<ApplicationStory, 'hub' | 'twin'>,
  options: StoryOptions = {},
): Promise<ApplicationStory> {
  const access = await hub.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: options.sso ?? 'okta', emailDomains: [] },
    hub.url,
  )
  const client = (key = '') =>
    createClient({
      url: hub.url,
      key,
      fetch,
      sleep: async (ms) => sleep(ms),
      random: Math.random,
      newKey: randomUUID,
      timeoutMs: 30_000,
    })
  const owner = client(access['native']?.['key'])
  const approver = client((await owner.createCredential({ body: { name: 'approver', duty: 'approver' } })).key)
  const { accountId = '', username = '', password = '', baseUrl = '' } = twin.credentials

  const connect: ApplicationStory['connect'] = async (name, over = {}) => {
    const connection = await owner.createConnection({
      body: { name, vendor: 'bandwidth', baseUrl, credentials: { accountId, username, password }, assignments: [], ...over },
    })
    const { key } = await owner.createCredential({ body: { name, connectionId: connection.id } })
    return { connection, token: key, send: sender(connection.scimBaseUrl, key) }
  }
  const { connection, send, token } = await connect('desk', options.policy && { policy: options.policy })
  if (options.writes !== 'off') await owner.changeConnection({ connectionId: connection.id, body: { writesEnabled: true } })
  // What is known of the vendor by now serves for a while: a joiner costs no further read.
  await owner.importAccounts({ connectionId: connection.id })

  const atVendor: ApplicationStory['atVendor'] = async (method, path, body) => {
    const reply = await fetch(`${baseUrl}/accounts/${accountId}${path}`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${username}:${password}`)}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    assert.ok(reply.ok, text)
    return JSON.parse(text || '{}')
  }
  return {
    hub,
    twin,
    access,
    owner,
    approver,
    connection,
    send,
    token,
    sender,
    connect,
    atVendor,
    accounts: async () => new Map((await atVendor('GET', '/users')).Users.map((user: Parsed) => [user.Username, user])),
  }
}

function sender(baseUrl: string, token: string): Send {
  return async (method, path, body) => {
    const reply = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : {} }
  }
}

/** Asks until the answer is there. What never comes fails the test by its runner's limit. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await nextTurn()
  }
}

export const lifecycleUrn = 'urn:rollcall:params:scim:schemas:extension:2.0:User'

/** How it stands with the account, as a User at a connection's address tells it. */
export const provisioningOf = ({ body }: ScimReply): string | undefined => body[lifecycleUrn]?.provisioning
export const detailOf = ({ body }: ScimReply): string => body[lifecycleUrn]?.provisioningDetail ?? ''

export const pushed = (name: string, over: object = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `${name}@example.com`,
  externalId: `idp-${name}`,
  name: { givenName: name, familyName: 'Pushed' },
  emails: [{ value: `${name}@example.com`, primary: true }],
  active: true,
  ...over,
})

export const patching = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
})
