import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** Where the document leaves the service a choice. */
const Settings = z.strictObject({
  /** Whether callers see telephone numbers, or `**hidden**` in their place. */
  phoneNumbers: z.enum(['shown', 'hidden']).default('shown'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export function parseSettings(settings: Json | undefined): Settings {
  const parsed = Settings.safeParse(settings ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ConfigError(
    `The bird settings are wrong${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not readable'}.`,
  )
}
