import { connect, type Socket } from 'node:net'

export interface LoadOptions {
  readonly port: number
  /** Sockets that each have one request under way. */
  readonly connections: number
  readonly ms: number
  /** The whole request as it goes over the wire. */
  readonly next: () => string
  /** What counts as done: one status, or any of several. */
  readonly status: number | readonly number[]
}

export interface LoadResult {
  readonly done: number
  readonly perSecond: number
}

/**
 * Sends requests over keep-alive connections as fast as they are answered. Every answer must have an expected status, and end by its content-length or as chunks;
 * the first other one rejects, as does a closed connection.
 */
export async function generateLoad({ port, connections, ms, next, status }: LoadOptions): Promise<LoadResult> {
  const started = performance.now()
  const until = started + ms
  const statuses = typeof status === 'number' ? [status] : status
  const counts = await Promise.all(
    Array.from({ length: connections }, () => keepAsking({ port, next, until, isDone: (found) => statuses.includes(found) })),
  )
  const done = counts.reduce((sum, count) => sum + count, 0)
  return { done, perSecond: done / ((performance.now() - started) / 1000) }
}

/** An answer on its way. */
interface Answer {
  /** How many bytes it has, with its head; undefined for one in chunks, NaN for one that does not tell. */
  readonly length: number | undefined
  readonly status: number
}

function keepAsking({
  port,
  next,
  until,
  isDone,
}: Pick<LoadOptions, 'port' | 'next'> & {
  readonly until: number
  readonly isDone: (status: number) => boolean
}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let done = 0
  let answer: Answer | undefined
  /** The head, while it is not whole; else how it ends so far. */
  let kept: Buffer = empty
  let received = 0
  let finished = false
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const finish = () => {
    finished = true
    socket.destroy()
    resolve(done)
  }
  socket.on('connect', () => socket.write(next()))
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    if (!answer) {
      answer = readHead(kept)
      if (!answer) return
      if (!isDone(answer.status) || Number.isNaN(answer.length)) {
        socket.destroy(new Error(`an answer that was not expected: ${kept.toString('utf8', 0, 600)}`))
        return
      }
    }
    const isWhole = answer.length === undefined ? kept.subarray(-5).equals(lastChunk) : received >= answer.length
    if (!isWhole) {
      kept = kept.subarray(-5)
      return
    }
    if (answer.length !== undefined && received !== answer.length) {
      socket.destroy(new Error('an answer is longer than it says'))
      return
    }
    answer = undefined
    kept = empty
    received = 0
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

const empty = Buffer.alloc(0)
const lastChunk = Buffer.from('0\r\n\r\n')

/** What the head says; undefined while it is not complete. */
function readHead(data: Buffer): Answer | undefined {
  const end = data.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = data.toString('latin1', 0, end + 2)
  const status = Number(head.slice(9, 12))
  // The one status that is done and has no body.
  if (status === 204) return { status, length: end + 4 }
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, length: undefined }
  return { status, length: end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN) }
}
