import { z } from 'zod'
import type { Json } from '../../directory/json.ts'
import { parseSettings } from '../settings.ts'

export const regions = ['us', 'eu'] as const
export type Region = (typeof regions)[number]

/** Where the guide leaves the service a choice. */
const Settings = z.strictObject({
  /** Where the projects live that `regions` does not name. */
  region: z.enum(regions).default('us'),
  /** Region by project id (SNCH-06). */
  regions: z.record(z.uuid(), z.enum(regions)).default({}),
})
export type Settings = z.output<typeof Settings>

/** Throws ConfigError with the first setting that is wrong. Absent settings are the defaults. */
export const parseSinchSettings = (settings: Json | undefined): Settings => parseSettings('sinch', Settings, settings)
