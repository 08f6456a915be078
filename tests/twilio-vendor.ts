import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Json } from '../src/directory/json.ts'
import type { DesiredAccount, Vendor } from '../src/sync/vendor.ts'
import { connectTwilio } from '../src/dialects/twilio/connect.ts'
import type { Exchange } from '../src/wire/call.ts'
import { openTwilio, type Face } from './twilio.ts'
import type { WorldOptions } from './world.ts'

export interface Connection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
  readonly waits: number[]
}

export const organizationSid = `OR${'a'.repeat(32)}`
export const restOnly = { organizationSid, accountSid: `AC${'b'.repeat(32)}`, authToken: 'token-of-the-account' }
export const withKey = { ...restOnly, orgKeySecret: 'key-of-the-organization' }

/** Connects with a clock that does not wait. */
export function connect(baseUrl: string, credentials: Json = restOnly, clock?: () => Date): Connection {
  const exchanges: Exchange[] = []
  const waits: number[] = []
  const vendor = connectTwilio({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 1 - Number.EPSILON,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
    ...(clock && { clock }),
  })
  return { vendor, exchanges, waits }
}

/** The served Twilio over a real socket, and a connection to it with what the organization's creation printed. */
export async function connectToFace(
  t: TestContext,
  options: WorldOptions & { readonly credentials?: Readonly<Record<string, Json | undefined>> } = {},
): Promise<Connection & { readonly face: Face; readonly baseUrl: string }> {
  const face = await openTwilio(t, options)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  const baseUrl = `${origin}/twilio`
  const credentials = Object.fromEntries(
    Object.entries({
      ...face.access,
      scimBaseUrl: `${baseUrl}/scim/v2/Organizations/${face.access.organizationSid}`,
      ...options.credentials,
    }).filter(([, value]) => value !== undefined),
  )
  return { face, baseUrl, ...connect(baseUrl, credentials) }
}

export const ada: DesiredAccount = {
  userName: 'ada@example.com',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'King',
  roleIds: [],
}

export async function listAll(vendor: Vendor) {
  const accounts = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}

export async function make(vendor: Vendor, desired: DesiredAccount = ada) {
  const made = await vendor.writer.create(desired)
  assert.equal(made.outcome, 'invited')
  assert.ok(made.outcome === 'invited' && made.account)
  return made.account
}
