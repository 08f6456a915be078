import { z } from 'zod'
import type { Json } from '../../directory/json.ts'
import { parseSettings } from '../settings.ts'

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
export const parseBandwidthSettings = (settings: Json | undefined): Settings => parseSettings('bandwidth', Settings, settings)
