import { z } from 'zod'
import type { Json } from '../../directory/json.ts'
import { parseSettings } from '../settings.ts'

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** What becomes of a limit above 100 (MBRD-Q06): refused, or read as 100. */
  limitAboveMaximum: z.enum(['refuse', 'clamp']).default('refuse'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export const parseMessagebirdSettings = (settings: Json | undefined): Settings => parseSettings('messagebird', Settings, settings)
