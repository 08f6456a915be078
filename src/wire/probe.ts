import { RemoteError } from './call.ts'

/** What came of a request that is asked to learn something: an answer, or why there is none. */
export type Probe<T> = { readonly value: T } | { readonly error: RemoteError }

export async function probe<T>(ask: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { value: await ask() }
  } catch (error) {
    if (error instanceof RemoteError) return { error }
    throw error
  }
}

/**
 * Whether a credential may write, by a change of somebody who does not exist: refused for its scope or not found, in neither case is anything changed.
 * `unknown` where the answer tells neither.
 */
export async function probeWriting(changeNobody: () => Promise<unknown>): Promise<'allowed' | 'refused' | 'unknown'> {
  const answer = await probe(changeNobody)
  const status = 'error' in answer && answer.error.from === 'vendor' ? answer.error.status : undefined
  if (status === 404) return 'allowed'
  return status === 401 || status === 403 ? 'refused' : 'unknown'
}
