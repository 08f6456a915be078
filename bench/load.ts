import { connect, type Socket } from 'node:net'

export interface LoadOptions {
  readonly port: number
  /** Sockets that each have one request under way. */
  readonly connections: number
  readonly ms: number
  /** The whole request as it goes over the wire. */
  readonly next: () => string
  /** The one status that counts as done. */
  readonly status: number
}

export interface LoadResult {
  readonly done: number
  readonly perSecond: number
}

/**
 * Sends requests over keep-alive connections as fast as they are answered. Every answer must have the expected status and a content-length;
 * the first other one rejects, as does a closed connection.
 */
export async function generateLoad({ port, connections, ms, next, status }: LoadOptions): Promise<LoadResult> {
  const started = performance.now()
  const until = started + ms
  const counts = await Promise.all(Array.from({ length: connections }, () => keepAsking({ port, next, status, until })))
  const done = counts.reduce((sum, count) => sum + count, 0)
  return { done, perSecond: done / ((performance.now() - started) / 1000) }
}

function keepAsking({
  port,
  next,
  status,
  until,
}: Pick<LoadOptions, 'port' | 'next' | 'status'> & { readonly until: number }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const expected = Buffer.from(`HTTP/1.1 ${status} `)
  let done = 0
  let pending: Buffer | undefined
  let finished = false
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const finish = () => {
    finished = true
    socket.destroy()
    resolve(done)
  }
  socket.on('connect', () => socket.write(next()))
  socket.on('data', (chunk: Buffer) => {
    const data = pending ? Buffer.concat([pending, chunk]) : chunk
    const length = answerLength(data)
    if (length === undefined || data.length < length) {
      pending = data
      return
    }
    pending = undefined
    // An answer whose length is not told is NaN here and refused with the rest.
    if (data.length !== length || !data.subarray(0, expected.length).equals(expected)) {
      socket.destroy(new Error(`expected status ${status}, got: ${data.toString('utf8', 0, 600)}`))
      return
    }
    done++
    if (performance.now() >= until) finish()
    else socket.write(next())
  })
  socket.on('error', reject)
  socket.on('close', () => {
    if (!finished) reject(new Error('the server closed the connection'))
  })
  return promise
}

const noContent = Buffer.from('HTTP/1.1 204 ')

/** Bytes of the whole answer; undefined while its head is not complete, NaN when it does not tell. */
function answerLength(data: Buffer): number | undefined {
  const end = data.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  // The one status that is done and has no body.
  if (data.subarray(0, 13).equals(noContent)) return end + 4
  const match = /\r\ncontent-length: *(\d+)/i.exec(data.toString('latin1', 0, end + 2))
  return end + 4 + Number(match?.[1] ?? Number.NaN)
}
