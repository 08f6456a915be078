import type { Capabilities, Vendor } from '../../sync/vendor.ts'
import type { Remote } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { withdraw } from '../withdraw.ts'
import { checkSinch } from './connect-check.ts'
import { createKeys } from './connect-keys.ts'
import { createMembers } from './connect-members.ts'
import { createScimWriter } from './connect-scim.ts'
import { createSession } from './connect-session.ts'
import { parseConnectSettings } from './connect-settings.ts'
import { createMemberWriter } from './connect-write.ts'

const timeoutMs = 30_000

const notes: readonly string[] = [
  'Removal takes somebody out of every configured project. Their Sinch identity survives and may be in other projects: it is a residue that only Sinch, or SCIM, takes away.',
  'Sinch has no request that resends an invitation: use the dashboard for whoever stays invited.',
  'Sinch gives a member one role in each project, and keeps a display name but no first and last name.',
  'The e-mail address is the user name. Match by "email" where the directory has other user names.',
  'Sinch has no webhooks for members: changes made there are found by reading the list, and one person can only be found by reading it.',
  'SCIM at Sinch pushes no groups; roles are managed for each user.',
]

const capabilities: Capabilities = {
  create: true,
  update: true,
  suspend: true,
  remove: true,
  setRoles: true,
  attributes: ['email'],
  invite: true,
  cancelInvitation: true,
  residue:
    'the Sinch identity survives, without access to the configured projects: ask Sinch, or deprovision by SCIM, to take it away',
  notes: [
    'Whoever is created is invited by e-mail, has no access before they accept, and is reported as invited until then.',
    ...notes,
  ],
}

const { residue: _, ...withoutResidue } = capabilities

const scimCapabilities: Capabilities = {
  ...withoutResidue,
  invite: false,
  // SCIM takes the identity away with the invitation; a member of projects alone would keep it.
  cancelInvitation: false,
  notes: [
    'Whoever is created by SCIM is active at once, and who is removed by SCIM loses the Sinch identity too.',
    ...notes.slice(1),
  ],
}

/** Calls Sinch: members of projects by REST, or with the profile `scim` by SCIM where Sinch issued it. Throws ConfigError when the credentials or a URL cannot be used. */
export function connectSinch(options: ConnectOptions): Vendor {
  const settings = parseConnectSettings(options.baseUrl, options.credentials)
  const remoteOf = (baseUrl: string, headers: Remote['headers']): Remote => ({
    baseUrl,
    headers,
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  })
  const session = createSession(remoteOf(settings.apiUrl, {}), {
    key: { id: settings.keyId, secret: settings.keySecret },
    tokenEndpoint: settings.tokenEndpoint,
    clientIn: settings.api === 'public' ? 'basic' : 'form',
    clock: options.clock ?? (() => new Date()),
  })
  const { scimBaseUrl, scimToken } = settings
  const scim =
    scimBaseUrl !== undefined && scimToken !== undefined
      ? remoteOf(scimBaseUrl.replace(/\/+$/, ''), { authorization: `Bearer ${scimToken}` })
      : undefined
  const members = createMembers(session, settings)
  const keys = createKeys(session, settings, options.credentials)
  const byRest = createMemberWriter(session, members, settings)
  const byScim = settings.profile === 'scim' && scim ? createScimWriter(scim, { members, byRest }) : undefined
  return {
    name: 'sinch',
    capabilities: byScim ? scimCapabilities : capabilities,
    reader: { ...members.reader, check: () => checkSinch({ session, members, keys, scim, settings }) },
    writer: byScim ?? {
      ...byRest,
      cancelInvitation: (accountId) => withdraw(accountId, { reader: members.reader, writer: byRest }),
    },
    keys,
  }
}
