import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** Whether a SCIM group can be read by its id, which the guide's list of operations does not have (TWIL-Q13). */
  scimGroupById: z.enum(['offered', 'absent']).default('offered'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export function parseSettings(settings: Json | undefined): Settings {
  const parsed = Settings.safeParse(settings ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ConfigError(
    `The twilio settings are wrong${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not readable'}.`,
  )
}
