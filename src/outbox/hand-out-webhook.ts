import { Webhook } from 'standardwebhooks'
import type { HandedKey, HandOutcome } from '../sync/keys/hand-out.ts'

/** Sends one signed message; answers the status. Throws when nobody answers, and follows no redirection. */
export type Post = (
  url: string,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
) => Promise<{ readonly status: number }>

/** Posts the key as a Standard Webhook `key.rotated`. The message of a rotation has one id, so that a repetition is known. A 2xx acknowledges the key. */
export async function postKey(
  { url, secret }: { readonly url: string; readonly secret: string },
  key: HandedKey,
  { post, now }: { readonly post: Post; readonly now: Date },
): Promise<HandOutcome> {
  const id = `msg_${key.rotation}`
  const body = JSON.stringify({ type: 'key.rotated', timestamp: now.toISOString(), data: key })
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  }
  try {
    const { status } = await post(url, { headers, body })
    return status >= 200 && status < 300
      ? { outcome: 'acknowledged' }
      : { outcome: 'failed', reason: `its address answered ${status}` }
  } catch {
    return { outcome: 'failed', reason: 'its address did not answer' }
  }
}

const timeoutMs = 30_000

/** Posts to an address that whoever runs the server wrote into the settings. */
export const createPost =
  (fetcher: typeof fetch): Post =>
  async (url, { headers, body }) => {
    const response = await fetcher(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    return { status: response.status }
  }
