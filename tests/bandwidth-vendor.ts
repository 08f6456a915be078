import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import { openFace, type Face } from './bandwidth.ts'
import type { Json } from '../src/directory/json.ts'
import type { DesiredAccount, Vendor } from '../src/sync/vendor.ts'
import type { Exchange } from '../src/wire/call.ts'
import { connectBandwidth } from '../src/dialects/bandwidth/connect.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export interface Scripted {
  readonly status: number
  readonly type?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A vendor that answers by a script, over a real socket. `undefined` closes the connection without an answer. */
export async function scripted(t: TestContext, answer: (seen: Seen, index: number) => Scripted | undefined) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      }
      seen.push(one)
      const reply = answer(one, seen.length - 1)
      if (!reply) return request.socket.destroy()
      response.writeHead(reply.status, { 'content-type': reply.type ?? 'application/json', ...reply.headers })
      return response.end(reply.body ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  return { url: `http://127.0.0.1:${address.port}/api`, seen }
}

export const vendorError = (status: number): Scripted => ({
  status,
  body: JSON.stringify({ ResponseStatus: { ErrorCode: `${status}01`, Description: 'No.' } }),
})
export const json = (value: unknown, status = 200): Scripted => ({ status, body: JSON.stringify(value) })

export interface Connection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
  readonly waits: number[]
}

/** Connects with a clock that does not wait. */
export function connect(baseUrl: string, credentials: Json = { accountId: '12345', username: 'u', password: 'p' }): Connection {
  const exchanges: Exchange[] = []
  const waits: number[] = []
  const vendor = connectBandwidth({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 1 - Number.EPSILON,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
  })
  return { vendor, exchanges, waits }
}

/** The served dialect over a real socket, and a connection to it with what the organization's creation printed. */
export async function connectToFace(t: TestContext): Promise<Connection & { readonly face: Face }> {
  const face = await openFace(t)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  return { face, ...connect(`${origin}/bandwidth/api`, face.world.access['bandwidth']) }
}

export const ada: DesiredAccount = {
  userName: 'ada',
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
  assert.ok(made.outcome === 'done')
  return made.account
}
