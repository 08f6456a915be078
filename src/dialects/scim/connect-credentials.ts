import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** A token, or for old applications a user name and password. `baseUrl` may be left out: the connection's own URL counts. */
const Credentials = z.union([
  z.strictObject({ baseUrl: z.string().optional(), token: z.string().min(1) }),
  z.strictObject({
    baseUrl: z.string().optional(),
    username: z
      .string()
      .min(1)
      .regex(/^[^:]*$/),
    password: z.string().min(1),
  }),
])

/** The Authorization header. Throws ConfigError that says what is wanted, and repeats no value. */
export function readAuthorization(credentials: Json): string {
  const { data } = Credentials.safeParse(credentials)
  if (!data)
    throw new ConfigError(
      'The SCIM credentials must be a JSON object with exactly a token, or with username and password (baseUrl may stand beside them).',
    )
  if ('token' in data) return `Bearer ${data.token}`
  return `Basic ${Buffer.from(`${data.username}:${data.password}`, 'utf8').toString('base64')}`
}

/** The URL without a trailing slash. Throws ConfigError for what is not the plain http or https URL of an API. */
export function parseBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new ConfigError('The SCIM URL must look like https://example.com/scim/v2, without credentials, query or fragment.')
  return url.href.replace(/\/+$/, '')
}
