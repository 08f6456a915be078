import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** What becomes of a limit above 100 (MBRD-Q06): refused, or read as 100. */
  limitAboveMaximum: z.enum(['refuse', 'clamp']).default('refuse'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export function parseSettings(settings: Json | undefined): Settings {
  const parsed = Settings.safeParse(settings ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ConfigError(
    `The messagebird settings are wrong${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not readable'}.`,
  )
}
