import { z } from 'zod'
import { parseSecret, type Presented } from '../../directory/credential.ts'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'
import { roleSlug } from './wire.ts'

export const credentialKind = 'birdkey'

/** The vendor's object, as `organization create` and `twin` print it. `baseUrl` may be left out: the connection's own URL counts. */
const Credentials = z.strictObject({
  baseUrl: z.string().optional(),
  organizationId: z.guid(),
  accessKey: z.string().regex(/^[\x21-\x7e]+$/),
  /** Slugs of roles that Bird has: it lists none, and shows only those that somebody holds. */
  roles: z.array(z.string().regex(roleSlug)).optional(),
})
export type Credentials = z.output<typeof Credentials>

/** Throws ConfigError naming every member that is missing, unknown or of the wrong kind, and no value. */
export function parseCredentials(credentials: Json): Credentials {
  const parsed = Credentials.safeParse(credentials)
  if (!parsed.success) {
    const wrong = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.') || 'the whole object'],
    )
    throw new ConfigError(
      `The Bird credentials are wrong at ${[...new Set(wrong)].join(', ')}. They need organizationId (a UUID) and accessKey; beside them may stand baseUrl, and roles such as ["managed:organization_admin"].`,
    )
  }
  if (/^bk_[a-z0-9]+_/.test(parsed.data.accessKey))
    throw new ConfigError(
      'The Bird accessKey is a key of the newer platform (bk_…), which has no organization users. Make an access key for api.bird.com.',
    )
  return parsed.data
}

/** The URL without a trailing slash. Throws ConfigError for what is not the plain http or https URL of this API. */
export function parseBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new ConfigError('The Bird URL must look like https://api.bird.com, without credentials, query or fragment.')
  if (/\/v1\/*$/.test(url.pathname))
    throw new ConfigError('Leave /v1 out of the Bird URL: it is the version of the document, not a part of the address.')
  if (url.hostname.endsWith('.platform.bird.com'))
    throw new ConfigError('The newer platform (platform.bird.com) has no organization users. Use https://api.bird.com.')
  return url.href.replace(/\/+$/, '')
}

export const accessKeyAuthorization = ({ accessKey }: Pick<Credentials, 'accessKey'>): string => `AccessKey ${accessKey}`

/** The token of an `AccessKey` header; undefined for another scheme or a token that was never issued here. */
export function readAccessKey(authorization: string | undefined): Presented | undefined {
  const secret = authorization === undefined ? undefined : /^AccessKey +(\S+) *$/i.exec(authorization)?.[1]
  const parsed = secret === undefined ? undefined : parseSecret(secret)
  return secret !== undefined && parsed ? { kind: credentialKind, identifier: parsed.identifier, secret } : undefined
}
