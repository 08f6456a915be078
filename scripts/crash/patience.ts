import { setTimeout as wait } from 'node:timers/promises'

/** Thrown when the time of the whole run is over. */
export class OutOfTime extends Error {
  override name = 'OutOfTime'
}

/**
 * Sends a request until it is answered with one of the statuses, to one URL after the other, as a client does whose server may be gone.
 * Any other answer below 500 rejects: nobody should get one.
 */
export async function patiently(
  send: (origin: string) => Promise<Response>,
  {
    origins,
    accept,
    expired,
  }: { readonly origins: readonly string[]; readonly accept: readonly number[]; readonly expired: () => boolean },
): Promise<{ readonly status: number; readonly body: unknown }> {
  for (let attempt = 0; ; attempt++) {
    if (expired()) throw new OutOfTime('the time of the run is over')
    const answer = await answered(send, origins[attempt % origins.length]!)
    if (answer && accept.includes(answer.status)) return answer
    if (answer && answer.status < 500) throw new Error(`unexpected answer ${answer.status}: ${JSON.stringify(answer.body)}`)
    await wait(50)
  }
}

/** Undefined when no whole answer came. */
async function answered(send: (origin: string) => Promise<Response>, origin: string) {
  try {
    const response = await send(origin)
    const text = await response.text()
    const body: unknown = text ? JSON.parse(text) : undefined
    return { status: response.status, body }
  } catch {
    return undefined
  }
}
