import { z } from 'zod'
import type { Json } from '../../directory/json.ts'
import { parseSettings } from '../settings.ts'

/** Where the document leaves the service a choice. */
const Settings = z.strictObject({
  /** Whether callers see telephone numbers, or `**hidden**` in their place. */
  phoneNumbers: z.enum(['shown', 'hidden']).default('shown'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export const parseBirdSettings = (settings: Json | undefined): Settings => parseSettings('bird', Settings, settings)
