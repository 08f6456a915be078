import type { z } from 'zod'
import { ConfigError } from '../directory/errors.ts'
import type { Json } from '../directory/json.ts'

/** The operator's settings for a dialect, absent ones with their defaults. Throws ConfigError with the first that is wrong. */
export function parseSettings<S extends z.ZodType>(dialect: string, schema: S, settings: Json | undefined): z.output<S> {
  const parsed = schema.safeParse(settings ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ConfigError(
    `The ${dialect} settings are wrong${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not readable'}.`,
  )
}
