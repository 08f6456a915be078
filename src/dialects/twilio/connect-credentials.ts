import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'

const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `must be a SID that begins with ${prefix}`)

/** The vendor's object, as `organization create` and `twin` print it, and what an operator may add. */
const Credentials = z.strictObject({
  /** May be left out: the connection's own URL counts. */
  baseUrl: z.string().optional(),
  organizationSid: sid('OR'),
  accountSid: sid('AC').optional(),
  authToken: z.string().min(1).optional(),
  /** Goes before the auth token where both are there: it can be revoked by itself. */
  apiKeySid: sid('SK').optional(),
  apiKeySecret: z.string().min(1).optional(),
  /** `/scim/v2/Organizations/{organizationSid}` below the connection's URL unless said otherwise; https://iam.twilio.com/scim/v2 is the public one. */
  scimBaseUrl: z.string().optional(),
  orgKeySecret: z.string().min(1).optional(),
  /** Where subaccounts are listed: https://api.twilio.com for accounts.twilio.com, else the connection's URL. */
  apiBaseUrl: z.string().optional(),
  /** Which API is used: the guide's REST (usual where its credentials are there), its SCIM, or what Twilio publishes today at preview-iam.twilio.com. */
  profile: z.enum(['rest', 'scim', 'current']).optional(),
  /** For `current`: an OAuth app in place of orgKeySecret, and where it gets its tokens; `/v1/token` below the connection's URL unless said otherwise. */
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
  tokenUrl: z.string().optional(),
  /** The names of this organization's role SIDs; no API tells them. */
  roleNames: z.record(z.string(), z.string().min(1)).optional(),
})

export type Profile = 'rest' | 'scim' | 'current'

/** A user name and password of HTTP Basic. */
export interface Basic {
  readonly userName: string
  readonly password: string
}

/** The credentials, sorted by what they open. */
export interface TwilioCredentials {
  readonly organizationSid: string
  readonly profile: Profile
  readonly basic: Basic | undefined
  readonly accountSid: string | undefined
  readonly orgKeySecret: string | undefined
  readonly app: { readonly clientId: string; readonly clientSecret: string } | undefined
  readonly scimBaseUrl: string
  readonly apiBaseUrl: string
  readonly tokenUrl: string
  readonly roleNames: Readonly<Record<string, string>>
}

const whatIsNeeded =
  'They need organizationSid (OR…), and accountSid (AC…) with authToken or apiKeySid (SK…) with apiKeySecret for REST, or orgKeySecret for SCIM; profile, scimBaseUrl, apiBaseUrl, clientId with clientSecret, tokenUrl and roleNames may stand beside them.'

/** Throws ConfigError naming every member that is missing, unknown or of the wrong kind, and no value. */
export function parseCredentials(credentials: Json, baseUrl: string): TwilioCredentials {
  const parsed = Credentials.safeParse(credentials)
  if (!parsed.success) {
    const wrong = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.') || 'the whole object'],
    )
    throw new ConfigError(`The Twilio credentials are wrong at ${[...new Set(wrong)].join(', ')}. ${whatIsNeeded}`)
  }
  const { data } = parsed
  const basic = pairOf(data.apiKeySid, data.apiKeySecret) ?? pairOf(data.accountSid, data.authToken)
  const profile = data.profile ?? (basic ? 'rest' : 'scim')
  const app =
    data.clientId !== undefined && data.clientSecret !== undefined
      ? { clientId: data.clientId, clientSecret: data.clientSecret }
      : undefined
  if (profile === 'rest' && !basic) throw new ConfigError(`The profile "rest" lacks its credentials. ${whatIsNeeded}`)
  if (profile === 'scim' && data.orgKeySecret === undefined)
    throw new ConfigError(
      `SCIM needs orgKeySecret, an Organization-level API key (Console: Organization > Settings > API Keys). ${whatIsNeeded}`,
    )
  if (profile === 'current' && data.orgKeySecret === undefined && !app)
    throw new ConfigError('The profile "current" needs clientId with clientSecret of an OAuth app, or orgKeySecret.')
  if (data.orgKeySecret !== undefined && (data.orgKeySecret === data.authToken || data.orgKeySecret === data.apiKeySecret))
    throw new ConfigError(
      'orgKeySecret repeats the secret of another credential. They are different kinds: the organization key comes from Organization > Settings > API Keys.',
    )
  return {
    organizationSid: data.organizationSid,
    profile,
    basic,
    accountSid: data.accountSid,
    orgKeySecret: data.orgKeySecret,
    app,
    scimBaseUrl: parseBaseUrl(data.scimBaseUrl ?? `${baseUrl}/scim/v2/Organizations/${data.organizationSid}`, 'scimBaseUrl'),
    apiBaseUrl: parseBaseUrl(
      data.apiBaseUrl ?? (baseUrl === 'https://accounts.twilio.com' ? 'https://api.twilio.com' : baseUrl),
      'apiBaseUrl',
    ),
    tokenUrl: parseBaseUrl(data.tokenUrl ?? `${baseUrl}/v1/token`, 'tokenUrl'),
    roleNames: data.roleNames ?? {},
  }
}

const pairOf = (userName: string | undefined, password: string | undefined): Basic | undefined =>
  userName !== undefined && password !== undefined ? { userName, password } : undefined

/** The URL without a trailing slash. Throws ConfigError for what is not the plain http or https URL of an API, such as one with a password in it. */
export function parseBaseUrl(text: string, name: 'baseUrl' | 'scimBaseUrl' | 'apiBaseUrl' | 'tokenUrl'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new ConfigError(
      `The Twilio ${name} must be a URL such as https://accounts.twilio.com, without credentials, query or fragment.`,
    )
  return url.href.replace(/\/+$/, '')
}

export const basicAuthorization = ({ userName, password }: Basic): string =>
  `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`
