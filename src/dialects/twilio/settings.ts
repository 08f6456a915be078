import { z } from 'zod'
import type { Json } from '../../directory/json.ts'
import { parseSettings } from '../settings.ts'

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** Whether a SCIM group can be read by its id, which the guide's list of operations does not have (TWIL-Q13). */
  scimGroupById: z.enum(['offered', 'absent']).default('offered'),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export const parseTwilioSettings = (settings: Json | undefined): Settings => parseSettings('twilio', Settings, settings)
