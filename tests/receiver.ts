import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'

const Message = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ sequence: z.int(), subject: z.string(), action: z.string(), detail: z.looseObject({}) }),
})

export interface ReceivedMessage {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly type: string
  readonly sequence: number
  readonly data: z.output<typeof Message>['data']
}

/** A real receiver of webhooks on 127.0.0.1 that verifies each message with the official library before it looks into it. */
export interface Receiver {
  readonly url: string
  /** Verified with one of these; a message that no secret verifies is answered 401 and counted. */
  readonly secrets: string[]
  /** Answered with 2xx, in the order in which they came. */
  readonly accepted: readonly ReceivedMessage[]
  /** Every verified message, whatever was answered. */
  readonly received: readonly ReceivedMessage[]
  readonly unverified: () => number
  /** What is answered from now on; 0 hangs up, a promise keeps the sender waiting. */
  answer: (message: ReceivedMessage) => number | Promise<number>
  /** Resolves when so many messages have been received. */
  readonly until: (count: number) => Promise<void>
}

export async function openReceiver(t: TestContext): Promise<Receiver> {
  const accepted: ReceivedMessage[] = []
  const received: ReceivedMessage[] = []
  const waiting = new Set<() => void>()
  let unverified = 0
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const text = Buffer.concat(chunks).toString('utf8')
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    if (!receiver.secrets.some((secret) => verifies(secret, { text, headers }))) {
      unverified++
      return response.writeHead(401).end()
    }
    const { type, data } = Message.parse(JSON.parse(text))
    const message = { id: headers['webhook-id'] ?? '', headers, text, type, sequence: data.sequence, data }
    received.push(message)
    for (const look of waiting) look()
    const status = await receiver.answer(message)
    if (status === 0) return request.socket.destroy()
    if (status < 300) accepted.push(message)
    return response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('canary17')
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/path17`,
    secrets: [],
    accepted,
    received,
    unverified: () => unverified,
    answer: () => 204,
    until: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (received.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
  return receiver
}

export function verifies(
  secret: string,
  { text, headers }: { readonly text: string; readonly headers: Readonly<Record<string, string>> },
): boolean {
  try {
    new Webhook(secret).verify(text, { ...headers })
    return true
  } catch {
    return false
  }
}
