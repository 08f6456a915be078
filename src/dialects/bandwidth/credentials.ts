import { z } from 'zod'
import type { Presented } from '../../directory/credential.ts'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

export const credentialKind = 'bandwidth'

/** The vendor's object, as `organization create` and `twin` print it. `baseUrl` may be left out: the connection's own URL counts. */
const Credentials = z.strictObject({
  baseUrl: z.string().optional(),
  accountId: z.string().min(1),
  username: z
    .string()
    .min(1)
    .regex(/^[^:]*$/, 'must not contain a colon'),
  password: z.string().min(1),
})
export type Credentials = z.output<typeof Credentials>

/** Throws ConfigError naming every member that is missing, unknown or of the wrong kind, and no value. */
export function parseCredentials(credentials: Json): Credentials {
  const parsed = Credentials.safeParse(credentials)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.') || 'the whole object'],
  )
  throw new ConfigError(
    `The Bandwidth credentials are wrong at ${[...new Set(wrong)].join(', ')}. They need exactly accountId, username and password of a Dashboard user (baseUrl may stand beside them).`,
  )
}

/** The URL without a trailing slash. Throws ConfigError for what is not the plain http or https URL of an API, such as one with a password in it. */
export function parseBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new ConfigError(
      'The Bandwidth URL must look like https://dashboard.bandwidth.com/api, without credentials, query or fragment.',
    )
  return url.href.replace(/\/+$/, '')
}

export const basicAuthorization = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`

/** User name and password of a Basic header; undefined for another scheme or what is not base64 of `name:password`. */
export function readBasic(authorization: string | undefined): Presented | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization?.trim() ?? '') ?? []
  if (encoded === undefined || encoded.length > 1000) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { kind: credentialKind, identifier: text.slice(0, colon), secret: text.slice(colon + 1) }
}
