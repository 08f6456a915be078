import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'
import { roleNames, type RoleName } from './wire.ts'

const path = z.string().regex(/^\/[\w./{}-]+$/, 'must begin with a slash')
const url = z.string().refine(isPlainUrl, 'must be a plain http or https URL')

/**
 * The vendor's object, as `organization create` and `twin` print it, and where a connection may differ from the guide. `baseUrl` may be left out: the
 * connection's own URL counts.
 */
const Credentials = z.strictObject({
  baseUrl: z.string().optional(),
  projectId: z.string().min(1),
  keyId: z
    .string()
    .min(1)
    .regex(/^[^:]*$/, 'must not contain a colon'),
  keySecret: z.string().min(1),
  /** The SCIM URL that Sinch issued, and its token (SNCH-39). */
  scimBaseUrl: url.optional(),
  scimToken: z.string().min(1).optional(),
  /** Where the projects live; needed where the URL does not name it (SNCH-07). */
  region: z.enum(['us', 'eu']).optional(),
  /** Further projects of the account that the connection takes care of (SNCH-26). */
  projectIds: z.array(z.string().min(1)).optional(),
  /** `rest` writes members by REST; `scim` creates, deactivates and deletes by SCIM. */
  profile: z.enum(['rest', 'scim']).default('rest'),
  /** Whose words the keys and the token are asked for in: the guide's, or the public API's. */
  api: z.enum(['guide', 'public']).default('guide'),
  /** What somebody is invited as for whom no role is named. */
  defaultRole: z.enum(roleNames).default('READONLY' satisfies RoleName),
  /** The whole address of the token endpoint. */
  tokenUrl: url.optional(),
  /** Of the public API's keys, where it is not the connection's. */
  keysBaseUrl: url.optional(),
  /** In place of the guide's, with {projectId}, {userId} and {keyId} (SNCH-45). */
  paths: z
    .strictObject({ members: path.optional(), member: path.optional(), keys: path.optional(), key: path.optional() })
    .default({}),
})
type Credentials = z.output<typeof Credentials>

/** Everything that a connection to Sinch is made of, checked. */
export interface ConnectSettings extends Credentials {
  /** The connection's, without a trailing slash. */
  readonly apiUrl: string
  readonly tokenEndpoint: string
  /** Where the public API's keys are, without a trailing slash. */
  readonly keysUrl: string
  /** Undefined where the host is not one of Sinch's and no region was given. */
  readonly region: 'us' | 'eu' | undefined
  /** The one that came first, then the further ones. */
  readonly projects: readonly [string, ...string[]]
}

/** Throws ConfigError naming every member that is wrong, and no value. */
export function parseConnectSettings(baseUrl: string, credentials: Json): ConnectSettings {
  const parsed = Credentials.safeParse(credentials)
  if (!parsed.success) {
    const wrong = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.') || 'the whole object'],
    )
    throw new ConfigError(
      `The Sinch credentials are wrong at ${[...new Set(wrong)].join(', ')}. They need projectId, keyId and keySecret of an access key; region, projectIds, scimBaseUrl and scimToken may stand beside them.`,
    )
  }
  const { data } = parsed
  if (
    (data.scimBaseUrl === undefined) !== (data.scimToken === undefined) ||
    (data.profile === 'scim' && data.scimToken === undefined)
  )
    throw new ConfigError('SCIM at Sinch needs scimBaseUrl and scimToken together, as Sinch support issued them.')
  if (!isPlainUrl(baseUrl))
    throw new ConfigError('The Sinch URL must look like https://us.api.sinch.com, without credentials, query or fragment.')
  const { hostname, href } = new URL(baseUrl)
  const apiUrl = href.replace(/\/+$/, '')
  const projects = [...new Set([data.projectId, ...(data.projectIds ?? [])])]
  return {
    ...data,
    apiUrl,
    tokenEndpoint: data.tokenUrl ?? (isSinch(hostname) ? 'https://auth.sinch.com/oauth2/token' : `${apiUrl}/oauth2/token`),
    keysUrl: (data.keysBaseUrl ?? (isSinch(hostname) ? 'https://account.api.sinch.com' : apiUrl)).replace(/\/+$/, ''),
    region: regionOf(hostname, data.region),
    projects: [data.projectId, ...projects.slice(1)],
  }
}

/** Never a guess: one of Sinch's hosts names its region, or the setting does, and both must agree. */
function regionOf(hostname: string, region: Credentials['region']): Credentials['region'] {
  const named = /^(us|eu)\.api\.sinch\.com$/.exec(hostname)?.[1]
  if (named !== undefined && region !== undefined && named !== region)
    throw new ConfigError(
      `The URL is in the region ${named} and the setting says ${region}. Use the region that the project lives in for both.`,
    )
  if (named === undefined && isSinch(hostname))
    throw new ConfigError('Say in which region the project lives: use https://us.api.sinch.com or https://eu.api.sinch.com.')
  return named === 'us' || named === 'eu' ? named : region
}

export const isSinch = (hostname: string): boolean => /(^|\.)sinch\.com$/.test(hostname)

function isPlainUrl(text: string): boolean {
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  return (
    parsed !== undefined &&
    /^https?:$/.test(parsed.protocol) &&
    !parsed.username &&
    !parsed.password &&
    !parsed.search &&
    !parsed.hash
  )
}
