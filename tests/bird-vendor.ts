import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { openBird, type BirdFace } from './bird.ts'
import { connectBird } from '../src/dialects/bird/connect.ts'
import type { Json } from '../src/directory/json.ts'
import type { Account, DesiredAccount, Vendor } from '../src/sync/vendor.ts'
import type { Exchange } from '../src/wire/call.ts'
import type { WorldOptions } from './world.ts'

export const organizationId = '0198c2a4-6b3e-7d10-9c55-2f6d1f0a7b01'
export const credentials = { organizationId, accessKey: 'birdkey' }

export interface BirdConnection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
}

/** Connects with a clock that does not wait. */
export function connectTo(baseUrl: string, given: Json = credentials): BirdConnection {
  const exchanges: Exchange[] = []
  const vendor = connectBird({
    baseUrl,
    credentials: given,
    fetch,
    sleep: async () => undefined,
    random: () => 0.5,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
  })
  return { vendor, exchanges }
}

/** The served dialect over a real socket, and a connection to it with what the organization's creation printed. */
export async function connectToBird(
  t: TestContext,
  options?: WorldOptions,
): Promise<BirdConnection & { readonly face: BirdFace }> {
  const face = await openBird(t, options)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  return { face, ...connectTo(`${origin}/bird`, face.world.access['bird']) }
}

export const ada: DesiredAccount = {
  userName: 'ada',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'King',
  roleIds: [],
}

export async function listAll(vendor: Vendor): Promise<Account[]> {
  const accounts: Account[] = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}

export async function invite(vendor: Vendor, over: Partial<DesiredAccount> = {}): Promise<Account> {
  const made = await vendor.writer.create({ ...ada, ...over })
  assert.ok(made.outcome === 'invited' && made.account, made.outcome)
  return made.account
}

const at = '2026-03-01T10:20:30.456Z'
export const userId = '0198c2a4-7a10-7c44-8e21-5b7c9d3e4f02'
export const wholeUser = {
  id: userId,
  status: 'active',
  name: 'Ada King',
  activeSessions: 2,
  createdAt: at,
  updatedAt: at,
  emails: [],
  phoneNumbers: [],
  defaultEmail: 'ada@example.com',
}
export const membership = { user: wholeUser, status: 'active', createdAt: at, updatedAt: at }
