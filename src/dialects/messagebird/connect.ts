import type { Capabilities, Vendor } from '../../sync/vendor.ts'
import type { Remote } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { withdraw } from '../withdraw.ts'
import { checkMessageBird } from './connect-check.ts'
import { createRestReader, createRestWriter, type RestWriter } from './connect-rest.ts'
import { createScimRoute, createScimWriter, type ScimRoute } from './connect-scim.ts'
import { parseBaseUrl, parseCredentials } from './credentials.ts'

const timeoutMs = 30_000
/** The two role values that the guide names; the API lists none. */
const documentedRoles = ['admin', 'member']

const notes: readonly string[] = [
  'Removal is final: MessageBird deletes the user at once and cannot bring it back. A suspension keeps the user and can be taken back.',
  'Lists are paged by offset: who is added or removed meanwhile may be missing or appear twice. Such a read counts as incomplete and is repeated.',
  'MessageBird has no user webhooks: changes made there are found by reading the list.',
  'MessageBird gives a user one role and does not list its roles. Name the values under "roles" in the credentials; admin and member are known.',
  'The e-mail address is the user name. Match by "email" where the directory has other user names.',
  'This is the older MessageBird API at rest.messagebird.com. Bird, the same company since 2024, has another one: connect that as "bird".',
  'Only Okta is documented as identity provider for its SCIM; Entra ID, Google Workspace, custom attributes and the enterprise extension are not confirmed.',
]

/**
 * Calls MessageBird: people are read by REST; they are written by REST, or, with the profile `scim`, by SCIM where the plan has it. Throws ConfigError when
 * the credentials or a URL cannot be used.
 */
export function connectMessageBird(options: ConnectOptions): Vendor {
  const credentials = parseCredentials(options.credentials)
  const { profile = 'rest', roles = documentedRoles } = credentials
  const baseUrl = parseBaseUrl(options.baseUrl, 'baseUrl')
  const scimBaseUrl = parseBaseUrl(credentials.scimBaseUrl ?? `${baseUrl}/scim/v2`, 'scimBaseUrl')
  const remoteOf = (url: string, authorization: string): Remote => ({
    baseUrl: url,
    headers: { authorization },
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  })
  const rest = remoteOf(baseUrl, `AccessKey ${credentials.accessKey}`)
  const scim = credentials.scimToken === undefined ? undefined : remoteOf(scimBaseUrl, `Bearer ${credentials.scimToken}`)
  const route = profile === 'scim' && scim ? createScimRoute(scim) : undefined
  const reader = createRestReader(rest, { roles, route })
  const byRest = createRestWriter(rest, reader)
  const isOneVendor = new URL(baseUrl).origin === new URL(scimBaseUrl).origin
  return {
    name: 'messagebird',
    capabilities: route ? scimCapabilities : restCapabilities,
    reader: {
      ...reader,
      check: () =>
        checkMessageBird({
          rest,
          scim,
          profile,
          accessKey: credentials.accessKey,
          ...(isOneVendor &&
            credentials.scimToken !== undefined && {
              crossed: {
                rest: remoteOf(baseUrl, `AccessKey ${credentials.scimToken}`),
                scim: remoteOf(scimBaseUrl, `Bearer ${credentials.accessKey}`),
              },
            }),
        }),
    },
    writer: {
      ...(route ? routed(route, { byRest, byScim: createScimWriter(route, { reader, byRest }) }) : byRest),
      cancelInvitation: (accountId) => withdraw(accountId, { reader, writer: byRest }),
    },
  }
}

const restCapabilities: Capabilities = {
  create: true,
  update: true,
  suspend: true,
  remove: true,
  setRoles: true,
  invite: true,
  cancelInvitation: true,
  attributes: ['email', 'givenName', 'familyName'],
  notes: [
    'Who is created is invited by e-mail and becomes active by accepting; until then they are reported as invited.',
    ...notes,
  ],
}

const scimCapabilities: Capabilities = {
  ...restCapabilities,
  notes: [
    'Who is created by SCIM is active at once. Below Enterprise SCIM is closed; then REST is used, and who is created is invited.',
    ...notes,
  ],
}

/** By SCIM where the plan has it, else by REST: which of them is found out before the first write (MBRD-29). */
function routed(route: ScimRoute, { byRest, byScim }: { readonly byRest: RestWriter; readonly byScim: RestWriter }): RestWriter {
  const writer = async () => ((await route.open()) ? byScim : byRest)
  return {
    create: async (desired) => (await writer()).create(desired),
    update: (accountId, desired) => byRest.update(accountId, desired),
    remove: async (accountId) => (await writer()).remove(accountId),
    suspend: async (accountId) => (await writer()).suspend(accountId),
    resume: async (accountId) => (await writer()).resume(accountId),
  }
}
