import { z } from 'zod'
import { parseSecret, type Presented } from '../../directory/credential.ts'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

/** Keys of the organization, for `/users`: they see the organization, or its test data. */
export const liveKeyKind = 'messagebirdkey'
export const testKeyKind = 'messagebirdtestkey'
/** A person's own key: MessageBird issues such keys, and they open nothing here (MBRD-04). */
export const personalKeyKind = 'messagebirdpersonalkey'
/** The token of Settings > SCIM, for `/scim/v2`. */
export const scimTokenKind = 'messagebirdscim'

export type Mode = 'live' | 'test'

/** The key of an `Authorization: AccessKey …` header; undefined where there is none that this product could have issued. */
export function readAccessKey(header: string | undefined): Presented | undefined {
  const key = readScheme(header, 'AccessKey')
  if (!key) return undefined
  return { kind: key.kind === testKeyKind ? testKeyKind : liveKeyKind, identifier: key.identifier, secret: key.secret }
}

/** The token of an `Authorization: Bearer …` header, likewise. */
export function readScimToken(header: string | undefined): Presented | undefined {
  const token = readScheme(header, 'Bearer')
  return token && { kind: scimTokenKind, identifier: token.identifier, secret: token.secret }
}

/** Which data a key that was let in sees. */
export const modeOf = (header: string | undefined): Mode => (readAccessKey(header)?.kind === testKeyKind ? 'test' : 'live')

function readScheme(header: string | undefined, scheme: 'AccessKey' | 'Bearer') {
  const secret = header === undefined ? undefined : new RegExp(`^${scheme} +([^\\s]+) *$`, 'i').exec(header)?.[1]
  const parsed = secret === undefined ? undefined : parseSecret(secret)
  return secret !== undefined && parsed ? { ...parsed, secret } : undefined
}

/** The vendor's object, as `organization create` and `twin` print it, and what an operator may add. */
const Credentials = z.strictObject({
  /** May be left out: the connection's own URL counts. */
  baseUrl: z.string().optional(),
  accessKey: z.string().min(1),
  /** `/scim/v2` below the connection's URL unless said otherwise. */
  scimBaseUrl: z.string().optional(),
  scimToken: z.string().min(1).optional(),
  /** Which of the two APIs writes, where both could: `rest` unless said otherwise. */
  profile: z.enum(['rest', 'scim']).optional(),
  /** The organization's role values; the API lists none. The two that the guide names unless said otherwise. */
  roles: z.array(z.string().min(1)).optional(),
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
      `The MessageBird credentials are wrong at ${[...new Set(wrong)].join(', ')}. They need accessKey, and may have scimToken, scimBaseUrl, profile ("rest" or "scim") and roles (a list of role values).`,
    )
  }
  const { data } = parsed
  if (data.profile === 'scim' && data.scimToken === undefined)
    throw new ConfigError(
      'The profile "scim" needs scimToken: generate one in Settings > SCIM of the MessageBird dashboard, which needs an Enterprise plan.',
    )
  if (data.scimToken === data.accessKey)
    throw new ConfigError(
      'accessKey and scimToken are the same. They are two credentials: the key comes from Developers > API access, the token from Settings > SCIM.',
    )
  return data
}

/** The URL without a trailing slash. Throws ConfigError for what is not the plain http or https URL of an API, such as one with a password in it. */
export function parseBaseUrl(text: string, name: 'baseUrl' | 'scimBaseUrl'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new ConfigError(
      `The MessageBird ${name} must look like https://rest.messagebird.com${name === 'scimBaseUrl' ? '/scim/v2' : ''}, without credentials, query or fragment.`,
    )
  if (name === 'scimBaseUrl' && url.protocol !== 'https:' && !isLoopback(url))
    throw new ConfigError(
      'The MessageBird scimBaseUrl must start with https://, unless it is on this machine (127.0.0.1, [::1], localhost).',
    )
  return url.href.replace(/\/+$/, '')
}

/** Whether what is sent there stays on this machine. */
export const isLoopback = ({ hostname }: Pick<URL, 'hostname'>): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
