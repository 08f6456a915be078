import { createHash } from 'node:crypto'
import { z } from 'zod'
import { DirectoryError } from '../../directory/errors.ts'

/** What a list was asked for, and where the walk through it stands. */
const Walk = z.strictObject({
  /** The id of the last member that was shown. */
  after: z.string().optional(),
  reverse: z.boolean(),
  preview: z.boolean(),
  searchTerm: z.string().optional(),
  userIds: z.array(z.string()).optional(),
  email: z.string().optional(),
})
export type Walk = z.output<typeof Walk>

const Token = z.tuple([z.string(), Walk])

/** Base64url of a JSON array, as Bird's tokens are of one: it carries the filters and the order, and is good for one organization. */
export const toPageToken = (walk: Walk, organizationId: string): string =>
  Buffer.from(JSON.stringify([seal(walk, organizationId), walk])).toString('base64url')

/** Throws DirectoryError `invalid` for anything that `toPageToken` did not answer for the same organization. */
export function fromPageToken(text: string, organizationId: string): Walk {
  const token = Token.safeParse(parse(text))
  if (!token.success || token.data[0] !== seal(token.data[1], organizationId))
    throw new DirectoryError('invalid', 'The page token is not one of this list. Start again without it.', { field: 'pageToken' })
  return token.data[1]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** Recognises a changed or misplaced token. No secret: every read is bound to the caller's organization anyway. */
const seal = ({ after, reverse, preview, searchTerm, userIds, email }: Walk, organizationId: string) =>
  createHash('sha256')
    .update(JSON.stringify([organizationId, after, reverse, preview, searchTerm, userIds, email]))
    .digest('base64url')
    .slice(0, 16)
