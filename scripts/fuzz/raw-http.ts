import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What became of a request: an answer, a connection closed without one, or silence. */
export type Outcome = Answer | 'closed' | 'silent'

/** Sends bytes as they are over a connection of their own and reads until the server closes it; with `hangUpMs`, stops sending after so long. */
export function exchange(
  port: number,
  request: Uint8Array,
  { timeoutMs, hangUpMs }: { readonly timeoutMs: number; readonly hangUpMs?: number | undefined },
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const chunks: Buffer[] = []
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const end = () => {
    clearTimeout(patience)
    socket.destroy()
    resolve(parseAnswer(Buffer.concat(chunks).toString('utf8')) ?? 'closed')
  }
  const patience = setTimeout(() => {
    socket.destroy()
    resolve(parseAnswer(Buffer.concat(chunks).toString('utf8')) ?? 'silent')
  }, timeoutMs)
  socket.on('connect', () => {
    socket.write(request)
    if (hangUpMs !== undefined) setTimeout(() => socket.end(), hangUpMs)
  })
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', end)
  socket.on('close', end)
  return promise
}

function parseAnswer(all: string): Answer | undefined {
  const text = all.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/, '')
  const end = text.indexOf('\r\n\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]
  if (end < 0 || status === undefined) return undefined
  const lines = text.slice(0, end).split('\r\n').slice(1)
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const rest = Buffer.from(text.slice(end + 4))
  // What follows the answer's own length is another answer, to bytes that came after the request.
  const length = headers['content-length'] === undefined ? rest.length : Number(headers['content-length'])
  return { status: Number(status), headers, body: rest.toString('utf8', 0, length) }
}
