import { existsSync } from 'node:fs'
import { databaseFile } from '../config.ts'
import type { Context } from './context.ts'
import { usageError } from './failure.ts'

/** Refuses a home that holds no installation, rather than making an empty one. */
export function requireHome({ environment }: Context, home: string): void {
  if (environment['DATABASE_URL'] || existsSync(databaseFile(home))) return
  throw usageError(
    `There is no installation in ${home}. Name its folder with --home, or make one: rollcall organization create --name NAME`,
  )
}
