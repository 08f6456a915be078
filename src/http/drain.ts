import type { Readable } from 'node:stream'

/**
 * Resolves when a request's body is in, nobody having read it, or when there is more of it than is taken. Who is answered before, and hung up on while
 * still sending, may lose the answer to the reset of the connection.
 */
export function drain(
  message: Pick<Readable, 'on' | 'resume' | 'destroyed'> & { readonly complete: boolean },
  limit: number,
): Promise<void> {
  if (message.complete || message.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let received = 0
    message.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > limit) resolve()
    })
    for (const event of ['end', 'close', 'error']) message.on(event, () => resolve())
    message.resume()
  })
}
