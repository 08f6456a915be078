import { DatabaseError } from 'pg'
import { ConfigError, DirectoryError } from '../../directory/errors.ts'
import { takenError, unavailableError } from '../failure.ts'

const uniqueViolation = '23505'
/** Serialization and deadlock, resources, lock and idle time-outs, a read-only server, a cancelled statement, a shutdown, system errors. */
const troubles = /^(08|40|53|55P03|25P03|25006|57|58)/
/** Errors that mean the URL is wrong rather than the server away: authentication, no such database, no rights. */
const misconfigured: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '42501'])

/** What a caller can do about an error of PostgreSQL; errors in our own statements come back as they are. */
export function translate(error: unknown): unknown {
  if (error instanceof DirectoryError || error instanceof ConfigError || error instanceof TypeError) return error
  if (!(error instanceof DatabaseError)) return unavailableError(error)
  const code = error.code ?? ''
  if (code === uniqueViolation) return takenError(error.constraint ?? '', error) ?? error
  if (misconfigured.has(code))
    return new ConfigError(`PostgreSQL refuses: ${error.message}. Check DATABASE_URL and the rights of its user.`, {
      cause: error,
    })
  return troubles.test(code) ? unavailableError(error) : error
}

/** Whether the connection ended, so that nobody heard what became of the statement. */
export const brokeConnection = (error: unknown): boolean =>
  !(error instanceof DatabaseError) || /^(08|57P)/.test(error.code ?? '')

export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translate(error)
  }
}
