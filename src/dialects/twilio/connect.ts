import type { Capabilities, Vendor, VendorReader, VendorWriter } from '../../sync/vendor.ts'
import type { Remote } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { checkTwilio } from './connect-check.ts'
import { basicAuthorization, parseBaseUrl, parseCredentials, type TwilioCredentials } from './connect-credentials.ts'
import { createCurrentReader, createCurrentWriter, createTokenReach } from './connect-current.ts'
import { createRestReader, createRestWriter } from './connect-rest.ts'
import { createScimReader, createScimUsers, createScimWriter, createSwitch } from './connect-scim.ts'
import { createRoleBook, type Reach } from './connect-shared.ts'

const timeoutMs = 30_000

/** Calls Twilio by one of three APIs (`profile`). Throws ConfigError when the credentials or a URL cannot be used. */
export function connectTwilio(options: ConnectOptions): Vendor {
  const baseUrl = parseBaseUrl(options.baseUrl, 'baseUrl')
  const credentials = parseCredentials(options.credentials, baseUrl)
  const remotes = remotesOf(options, baseUrl, credentials)
  const { reader, writer, capabilities } = profileOf(credentials, remotes)
  return {
    name: 'twilio',
    capabilities,
    reader: { ...reader, check: () => checkTwilio(credentials, remotes) },
    writer,
  }
}

/** How each of the APIs is reached; undefined where its credential is not there. */
export interface Remotes {
  readonly rest: Remote | undefined
  readonly accounts: Remote | undefined
  readonly scim: Remote | undefined
  readonly current: Reach | undefined
  /** The same places with any credential, which tells whether two were mixed up. */
  readonly restAs: (authorization: string) => Remote
  readonly scimAs: (authorization: string) => Remote
}

function remotesOf(options: ConnectOptions, baseUrl: string, credentials: TwilioCredentials): Remotes {
  const { basic, orgKeySecret, app, tokenUrl, scimBaseUrl, apiBaseUrl, profile } = credentials
  const remoteOf = (url: string, authorization: string): Remote => ({
    baseUrl: url,
    headers: { authorization },
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  })
  const bearer = orgKeySecret === undefined ? undefined : `Bearer ${orgKeySecret}`
  const direct = bearer === undefined ? undefined : remoteOf(baseUrl, bearer)
  const clock = options.clock ?? (() => new Date())
  const byToken = app && createTokenReach(remoteOf(baseUrl, ''), { tokenUrl, app, clock })
  return {
    rest: basic && remoteOf(baseUrl, basicAuthorization(basic)),
    accounts: basic && remoteOf(apiBaseUrl, basicAuthorization(basic)),
    scim: bearer === undefined ? undefined : remoteOf(scimBaseUrl, bearer),
    current: profile === 'current' ? (byToken ?? (direct && (async () => direct))) : undefined,
    restAs: (authorization) => remoteOf(baseUrl, authorization),
    scimAs: (authorization) => remoteOf(scimBaseUrl, authorization),
  }
}

interface ProfileParts {
  readonly reader: Omit<VendorReader, 'check'>
  readonly writer: VendorWriter
  readonly capabilities: Capabilities
}

function profileOf(credentials: TwilioCredentials, { rest, scim, current }: Remotes): ProfileParts {
  const { organizationSid, roleNames, profile } = credentials
  const roles = createRoleBook(roleNames)
  const guideUsers = scim && createScimUsers({ remote: async () => scim, prefix: '' })
  if (profile === 'current' && current) {
    const users = createScimUsers({ remote: current, prefix: `/Organizations/${organizationSid}/scim` })
    const access = { remote: current, organizationSid, users, roles }
    const reader = createCurrentReader(access)
    return { reader, writer: createCurrentWriter(access, reader), capabilities: currentCapabilities }
  }
  if (profile === 'scim' && guideUsers) {
    const reader = createScimReader(guideUsers)
    return { reader, writer: createScimWriter(guideUsers, reader), capabilities: scimCapabilities }
  }
  if (!rest) throw new TypeError('a profile without its credentials')
  const access = { remote: rest, organizationSid, roles }
  const reader = createRestReader(access)
  const writer = { ...createRestWriter(access, reader), ...(guideUsers && createSwitch(guideUsers, reader)) }
  return { reader, writer, capabilities: restCapabilities(guideUsers !== undefined) }
}

const notes: readonly string[] = [
  'Removal is final: Twilio deletes the user, ends the sessions at once, and takes nobody back without a new invitation.',
  'A suspension (active=false) does not end running sessions. Whoever must be out at once has to be removed.',
  'Who is created is invited by e-mail and has no access before accepting; no API, SCIM included, can accept for them.',
  'Twilio calls a user active who has not accepted yet, so that an invitation and an account look the same here, and who is only invited is removed like anybody.',
  'The e-mail address is the user name. Match by "email" where the directory has other user names.',
  'Twilio has no webhooks for users: changes made there are found by reading the list.',
  'Subaccounts are environments and no people: they are never read as users.',
  'Okta, Microsoft Entra ID and OneLogin are supported as identity providers; Google Workspace is not officially supported.',
]

const suspensionResidue = 'a suspension ends no running session: the removal does'

const roleNote =
  'Role SIDs tell no name and no API lists them. Name them under "roleNames" in the credentials; those that are not there are shown as unknown.'

function restCapabilities(suspend: boolean): Capabilities {
  return {
    create: true,
    update: true,
    suspend,
    remove: true,
    setRoles: true,
    attributes: ['email'],
    invite: true,
    suspensionResidue,
    cancelInvitation: false,
    notes: [
      suspend
        ? 'Users are read and written by REST, and suspended by SCIM with the organization key, which needs an Enterprise plan with single sign-on configured.'
        : 'Users can be suspended by SCIM alone. Add orgKeySecret, an Organization-level API key, for that; without it there is only removal.',
      'First and last names may be missing from what REST answers. They are sent with an invitation and not compared afterwards.',
      roleNote,
      ...notes,
    ],
  }
}

const scimCapabilities: Capabilities = {
  create: true,
  update: true,
  suspend: true,
  remove: true,
  setRoles: false,
  attributes: ['email', 'givenName', 'familyName'],
  invite: true,
  suspensionResidue,
  cancelInvitation: false,
  notes: [
    'Users are read and written by SCIM, which needs an Enterprise plan with single sign-on configured, and the organization key.',
    'SCIM sets no roles: groups are mapped to Console roles in the identity provider, and a group without mapping grants nothing. Use the profile "rest" for roles.',
    ...notes,
  ],
}

const currentCapabilities: Capabilities = {
  ...scimCapabilities,
  setRoles: true,
  notes: [
    'Users are read and written by the public organization API: SCIM for people, role assignments for roles. It is for users whose e-mail domain the organization has verified.',
    roleNote,
    ...notes,
  ],
}
