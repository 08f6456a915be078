import type { JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { DirectoryError } from '../directory/errors.ts'

/** Finds the key of a token among those that are published at a URL. Throws DirectoryError `unavailable` where they cannot be read. */
export type PublishedKeys = (url: string, now: Date) => JWTVerifyGetKey

export interface PublishedKeysOptions {
  /** For URLs that somebody else chose: createSafeFetch. */
  readonly fetch: typeof fetch
}

const freshMs = 10 * 60 * 1_000
/** How soon keys are read again because a token names one that is not among them, or because they could not be read. */
const againMs = 10_000
const mostUrls = 1_000

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })

interface Entry {
  readonly reading: Promise<JWTVerifyGetKey>
  readonly readAtMs: number
  readonly failed: boolean
}

/**
 * JSON Web Key Sets (RFC 7517), read when they are needed and kept for ten minutes. A token that names a key which is not among those kept has them read
 * once more, so that a provider may rotate its keys at any time; neither that nor a failure is repeated within ten seconds. Whoever asks meanwhile shares one request.
 */
export function createPublishedKeys({ fetch }: PublishedKeysOptions): PublishedKeys {
  const known = new Map<string, Entry>()

  const read = (url: string, nowMs: number): Promise<JWTVerifyGetKey> => {
    const entry: Entry = { reading: readKeys(fetch, url), readAtMs: nowMs, failed: false }
    known.delete(url)
    known.set(url, entry)
    const [oldest] = known.keys()
    if (known.size > mostUrls && oldest !== undefined) known.delete(oldest)
    // Who asked is told; the note keeps the next one from asking too soon.
    entry.reading.catch(() => known.get(url) === entry && known.set(url, { ...entry, failed: true }))
    return entry.reading
  }

  return (url, now) => async (header, token) => {
    const nowMs = now.getTime()
    const entry = known.get(url)
    const ageMs = entry ? nowMs - entry.readAtMs : Infinity
    const isKept = entry !== undefined && ageMs < (entry.failed ? againMs : freshMs)
    const keys = await (isKept ? entry.reading : read(url, nowMs))
    try {
      return await keys(header, token)
    } catch (error) {
      if (!isKept || ageMs < againMs || !isUnknownKey(error)) throw error
      return (await read(url, nowMs))(header, token)
    }
  }
}

const isUnknownKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY'

async function readKeys(get: typeof fetch, url: string): Promise<JWTVerifyGetKey> {
  // Loaded when the first assertion comes.
  const { createLocalJWKSet } = await import('jose')
  try {
    const answer = await get(url, { headers: { accept: 'application/jwk-set+json, application/json' } })
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
    return createLocalJWKSet(KeySet.parse(await answer.json()))
  } catch (cause) {
    throw new DirectoryError('unavailable', 'The published keys of the client cannot be read at the moment.', {
      cause,
      retryAfterSeconds: againMs / 1_000,
    })
  }
}
