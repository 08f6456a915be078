import { DirectoryError } from '../../directory/errors.ts'
import { takenError, unavailableError } from '../failure.ts'

/** Result codes that say the database, not the statement, is in trouble: busy, locked, read-only, I/O, corrupt, full, cannot open, not a database. */
const troubles: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26])
const constraint = 19

/** What a caller can do about an error of SQLite; errors in our own statements come back as they are. */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DirectoryError) return error
  // A database that was closed.
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return unavailableError(error)
  const code = resultCode(error)
  if (code === constraint) return takenError(error.message, error) ?? error
  return code !== undefined && troubles.has(code) ? unavailableError(error) : error
}

/** SQLite's primary result code; undefined for an error of another origin. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error)
  }
}
