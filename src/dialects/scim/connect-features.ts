import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { Config, readAnswer, readConfig } from './connect-wire.ts'

/** How a server wants to be spoken to (RFC 7643 §5, RFC 9865 §4). */
export interface ScimFeatures {
  /** Changes go by PATCH, else by PUT of the whole resource. */
  readonly patch: boolean
  /** Changes name the version that they rest on. */
  readonly etag: boolean
  readonly paging: 'offset' | 'cursor'
  /** Whether the server said so itself. A server that says nothing is taken to know PATCH and pages by position. */
  readonly told: boolean
}

const untold: ScimFeatures = { patch: true, etag: false, paging: 'offset', told: false }

/** Asks the server once. A failure that may pass is thrown as RemoteError, and asked again the next time. */
export function createFeatures(remote: Remote): () => Promise<ScimFeatures> {
  let asked: Promise<ScimFeatures> | undefined
  return () => {
    asked ??= askFeatures(remote).catch((error: unknown) => {
      asked = undefined
      throw error
    })
    return asked
  }
}

async function askFeatures(remote: Remote): Promise<ScimFeatures> {
  try {
    const { value } = await call(remote, readConfig, {})
    const { patch, etag, pagination } = readAnswer(Config, value, 'none')
    const cursor = pagination?.cursor === true && (pagination.defaultPaginationMethod === 'cursor' || pagination.index === false)
    return {
      patch: patch?.supported ?? true,
      etag: etag?.supported ?? false,
      paging: cursor ? 'cursor' : 'offset',
      told: true,
    }
  } catch (error) {
    if (isMissing(error)) return untold
    throw error
  }
}

/** The server does not have it, or not for this caller: a plain "no" that will not change by asking again. */
export const isMissing = (error: unknown): boolean =>
  error instanceof RemoteError && [400, 403, 404, 405, 501].includes(error.status)
