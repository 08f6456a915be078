import { DirectoryError } from '../directory/errors.ts'

/** What a violated unique index means to the caller; `table.column` as SQLite names it, an index `table_column` on PostgreSQL. */
const unique: readonly { readonly column: string; readonly field: string; readonly message: string }[] = [
  { column: 'memberships.user_name_key', field: 'userName', message: 'A member has this userName already.' },
  { column: 'memberships.email_key', field: 'emails', message: 'A member has this e-mail address already.' },
  { column: 'groups.display_name_key', field: 'displayName', message: 'A group has this displayName already.' },
  { column: 'credentials.identifier', field: 'identifier', message: 'A credential has this identifier already.' },
  { column: 'invitations.token_hash', field: 'token', message: 'An invitation has this token already.' },
  { column: 'questions.membership_id', field: 'membershipId', message: 'There is a question about this member already.' },
  { column: 'connections.name', field: 'name', message: 'A connection has this name already.' },
  { column: 'reviews.name', field: 'name', message: 'A review has this name already.' },
]

/** `violated` is the message or the constraint's name; undefined when it is none that a caller can do something about. */
export function takenError(violated: string, cause: unknown): DirectoryError | undefined {
  const found = unique.find(({ column }) => violated.includes(column) || violated === column.replace('.', '_'))
  return found && new DirectoryError('taken', found.message, { field: found.field, cause })
}

export const unavailableError = (cause: unknown): DirectoryError =>
  new DirectoryError('unavailable', 'The database cannot be reached right now. Nothing was changed; try again.', {
    cause,
    retryAfterSeconds: 1,
  })
