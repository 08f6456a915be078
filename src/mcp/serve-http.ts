import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Send } from '../dialects/native/connect.ts'
import { createMcpServer } from './tools.ts'

export interface McpHttp {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves MCP over Streamable HTTP at `/mcp`, on this machine alone. Every caller brings a native key of their own as the bearer, and can do what it
 * allows; requests of web pages, and those that name another host, are refused (DNS rebinding).
 */
export async function openMcpHttp({
  port,
  sendWith,
}: {
  readonly port: number
  readonly sendWith: (key: string) => Send
}): Promise<McpHttp> {
  const handler = createMcpHandler((context) => createMcpServer(sendWith(bearerOf(context.requestInfo?.headers) ?? '')))
  const server = createServer((request, response) => {
    const refusal = refusalOf(request)
    if (refusal) return refuse(response, refusal)
    void exchange(request, response, handler.fetch).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    close: async () => {
      await handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Refusal {
  readonly status: number
  readonly message: string
}

function refusalOf({ url, headers }: IncomingMessage): Refusal | undefined {
  if (headers.origin !== undefined || !/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? ''))
    return { status: 403, message: 'This server answers programs on its own machine, and no web page.' }
  if (url?.split('?', 1)[0] !== '/mcp') return { status: 404, message: 'MCP is served at /mcp.' }
  if (headers.authorization === undefined || bearerOf(new Headers({ authorization: headers.authorization })) === undefined)
    return { status: 401, message: 'Send a native key: Authorization: Bearer rc_…' }
  return undefined
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  response.writeHead(status, { 'content-type': 'application/json', ...challenge }).end(JSON.stringify({ error: message }))
}

const bearerOf = (headers: Headers | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,200})$/.exec(headers?.get('authorization') ?? '')?.[1]

/** One exchange as the library speaks it: a web request in, a web response out, streamed. */
async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  fetch: (request: Request) => Promise<Response>,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  const answered = await fetch(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      ),
      ...(hasBody && { body: Readable.toWeb(request), duplex: 'half' as const }),
      signal: gone.signal,
    }),
  )
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (!answered.body) return void response.end()
  await pipeline(Readable.fromWeb(answered.body), response)
}
