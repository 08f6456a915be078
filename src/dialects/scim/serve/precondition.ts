import { DirectoryError } from '../../../directory/errors.ts'
import { versionTag } from '../translate.ts'

/** The entity tags of an If-Match or If-None-Match header, weakness aside; undefined for `*`. */
function readTags(header: string): readonly string[] | undefined {
  if (header.trim() === '*') return undefined
  return [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].map(([, opaque]) => opaque ?? '')
}

/** The version that If-Match allows: any where there is no header or a `*`. A tag that this server never gave is stale. */
export async function readIfMatch(header: string | undefined, currentTag: () => Promise<string>): Promise<number | undefined> {
  const tags = header === undefined ? undefined : readTags(header)
  if (!tags) return undefined
  const [only, ...others] = tags
  const version = others.length === 0 ? toVersion(only) : undefined
  if (version !== undefined) return version
  // Several tags, or a foreign one: the resource must be one of them as it stands now, and still be so when it is written.
  const current = await currentTag()
  const found = tags.map(toVersion).find((version) => version !== undefined && versionTag(version) === current)
  if (found === undefined)
    throw new DirectoryError(
      'stale',
      'The resource has another version than If-Match names. Read it again and repeat the change.',
    )
  return found
}

/** Whether If-None-Match names the version that stands. */
export function isUnmodified(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  const tags = readTags(header)
  return !tags || tags.some((opaque) => tag === `W/"${opaque}"`)
}

const toVersion = (opaque: string | undefined): number | undefined =>
  opaque !== undefined && /^[1-9]\d{0,14}$/.test(opaque) ? Number(opaque) : undefined
