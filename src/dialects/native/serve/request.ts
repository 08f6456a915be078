import type { Call } from '../../../directory/call.ts'
import type { Directory } from '../../../directory/directory.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import { isId } from '../../../directory/id.ts'

/** Refuses as `notFound` a path id that cannot be one of ours, before a database that is strict about ids sees it. */
export function idIn(params: Readonly<Record<string, string>>, name: string): string {
  const id = params[name]
  if (id === undefined || !isId(id))
    throw new DirectoryError('notFound', 'There is no such thing in this organization. Ids are UUIDs in lower case.', {
      field: name,
    })
  return id
}

/** The version that If-Match asks for; undefined where there is no header or it takes any version. */
export function versionIn(headers: Readonly<Record<string, string | undefined>>): number | undefined {
  const header = headers['if-match']?.trim()
  if (header === undefined || header === '*') return undefined
  const version = /^"([0-9]{1,15})"$/.exec(header)?.[1]
  if (version === undefined)
    throw new DirectoryError('malformed', 'If-Match must be the ETag that was answered, such as "3".', { field: 'If-Match' })
  return Number(version)
}

export const etag = ({ version }: { readonly version: number }): Readonly<Record<string, string>> => ({ etag: `"${version}"` })

/**
 * The call of an operation that runs several commands and is repeatable by itself: its key is bound to this request and then left out, since each
 * command would take it for its own.
 */
export async function withoutKey({ claimKey }: Pick<Directory, 'claimKey'>, call: Call): Promise<Call> {
  if (!call.idempotency) return call
  await claimKey(call, undefined)
  return { ...call, idempotency: undefined }
}
