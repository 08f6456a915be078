import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** The least number of characters of a password (BAND-Q07). */
  passwordMinimum: z.int().min(1).max(128).default(12),
  /** Whether a PUT without FirstName, LastName or Email is refused instead of resetting them (BAND-Q08). */
  strictPut: z.boolean().default(false),
  /** Whether Enabled may suspend and resume (BAND-Q06); if not, a value that would is refused. */
  honourEnabled: z.boolean().default(true),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export function parseSettings(settings: Json | undefined): Settings {
  const parsed = Settings.safeParse(settings ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ConfigError(
    `The bandwidth settings are wrong${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not readable'}.`,
  )
}
