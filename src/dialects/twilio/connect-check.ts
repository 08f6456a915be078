import type { CheckReport } from '../../sync/vendor.ts'
import { call, type Remote, type RemoteError } from '../../wire/call.ts'
import { probe, probeWriting } from '../../wire/probe.ts'
import { basicAuthorization, type TwilioCredentials } from './connect-credentials.ts'
import { createScimUsers } from './connect-scim.ts'
import type { Remotes } from './connect.ts'
import { listAccounts, listUsers, updateUser } from './wire.ts'

type Finding = CheckReport['findings'][number]

/** What one API of Twilio's shows; `works` is undefined where it was not asked. */
interface Part {
  readonly works: boolean | undefined
  readonly findings: readonly Finding[]
}

/** Asks each API that there are credentials for, changes nothing, and tells every trap that the answers show. */
export async function checkTwilio(credentials: TwilioCredentials, remotes: Remotes): Promise<CheckReport> {
  const { profile } = credentials
  const rest = await checkRest(credentials, remotes)
  const scim = await checkScim(credentials, remotes)
  const current = await checkCurrent(credentials, remotes)
  const usable = { rest: rest.works, scim: scim.works, current: current.works }[profile] === true
  const subaccounts = rest.works && remotes.accounts ? await countSubaccounts(remotes.accounts) : []
  return {
    usable,
    findings: [
      ...current.findings,
      ...rest.findings,
      ...scim.findings,
      ...subaccounts,
      ...(profile === 'rest' && rest.works ? [] : [unprovedWriting]),
      ...transportFindings(remotes),
      ...standing,
    ],
  }
}

async function checkRest(credentials: TwilioCredentials, remotes: Remotes): Promise<Part> {
  const { rest, scimAs } = remotes
  const { organizationSid, basic, roleNames, profile } = credentials
  if (!rest || !basic || profile === 'current') return { works: undefined, findings: [] }
  const level = profile === 'rest' ? 'problem' : 'warning'
  const params = { organizationSid }
  const answer = await probe(() => call(rest, listUsers, { params, query: { PageSize: '1000' } }))
  if ('value' in answer) {
    const { users, meta } = answer.value.value
    const count = meta.next_page_url === null ? String(users.length) : `more than ${users.length}`
    const ok: Finding = { level: 'ok', message: `REST works: ${count} users can be read.` }
    return { works: true, findings: [ok, await writeFinding(rest, organizationSid), ...roleFindings(users, roleNames)] }
  }
  const { status } = answer.error
  const said = await (async () => {
    if (status === 401) {
      const opensScim = 'value' in (await probe(() => scimUsersAt(scimAs(`Bearer ${basic.password}`)).count()))
      return opensScim
        ? 'The secret beside the SID is an Organization-level API key. It opens SCIM alone: put it into orgKeySecret, and an account’s auth token or a standard API key here.'
        : 'Twilio refused the credentials. Use an account SID (AC…) with its auth token, or an API key SID (SK…) with its secret; an Organization-level API key does not open REST.'
    }
    if (status === 404)
      return `Twilio knows no organization ${organizationSid} for these credentials. Copy the organization SID (OR…) from the Console under Organization settings; it is not the account SID.`
    if (status === 403)
      return 'The credentials are valid and may not read users. Give their owner the Console role Administrator, or use another account’s.'
    return otherReason(answer.error, 'https://accounts.twilio.com')
  })()
  return { works: false, findings: [{ level, message: said }] }
}

const nobody = `US${'0'.repeat(32)}`

/** By an empty change to a user SID that is nobody's. */
async function writeFinding(rest: Remote, organizationSid: string): Promise<Finding> {
  const writing = await probeWriting(() => call(rest, updateUser, { params: { organizationSid, userSid: nobody }, body: {} }))
  if (writing === 'allowed') return { level: 'ok', message: 'The credentials may write by REST.' }
  if (writing === 'refused')
    return {
      level: 'warning',
      message: 'The credentials may read and not write. Give their owner the Console role Administrator, or leave writes off.',
    }
  return unprovedWriting
}

const unprovedWriting: Finding = {
  level: 'warning',
  message: 'Whether these credentials may also write cannot be told by reading. The first approved change shows it.',
}

/** Role SIDs that are in use and have no name in the setting. */
function roleFindings(
  users: readonly { readonly role_sid?: string | null | undefined }[],
  roleNames: Readonly<Record<string, string>>,
): readonly Finding[] {
  const inUse = Map.groupBy(
    users.flatMap(({ role_sid: sid }) => (sid ? [sid] : [])),
    (sid) => sid,
  )
  const unknown = [...inUse].filter(([sid]) => !Object.hasOwn(roleNames, sid))
  if (unknown.length === 0 && Object.keys(roleNames).length > 0) return []
  const shown = unknown.slice(0, 10).map(([sid, holders]) => `${sid} (${holders.length})`)
  const which = shown.length > 0 ? ` Without a name are: ${shown.join(', ')}.` : ''
  return [
    {
      level: 'warning',
      message: `Role SIDs tell no name. Look them up in the Console and put them under roleNames in the credentials, as {"RL…": "Administrator"}; until then they are shown as unknown and cannot be set.${which}`,
    },
  ]
}

async function checkScim(credentials: TwilioCredentials, remotes: Remotes): Promise<Part> {
  const { scim, restAs } = remotes
  const { profile, orgKeySecret, organizationSid, accountSid } = credentials
  if (profile === 'current') return { works: undefined, findings: [] }
  if (!scim || orgKeySecret === undefined)
    return {
      works: undefined,
      findings: [
        {
          level: 'warning',
          message:
            'There is no orgKeySecret, so that nobody can be suspended, only removed. SCIM needs an Enterprise plan, single sign-on configured, and an Organization-level API key (Console: Organization > Settings > API Keys).',
        },
      ],
    }
  const level = profile === 'scim' ? 'problem' : 'warning'
  const answer = await probe(() => scimUsersAt(scim).count())
  if ('value' in answer)
    return {
      works: true,
      findings: [{ level: 'ok', message: `SCIM works: it shows ${answer.value} users, and people can be suspended.` }],
    }
  const { status } = answer.error
  const said = await (async () => {
    if (status === 401) {
      const asToken = restAs(basicAuthorization({ userName: accountSid ?? organizationSid, password: orgKeySecret }))
      const opensRest =
        accountSid !== undefined &&
        'value' in (await probe(() => call(asToken, listUsers, { params: { organizationSid }, query: { PageSize: '1' } })))
      return `Wrong credential kind: SCIM needs an Organization-level API key (Console: Organization > Settings > API Keys).${
        opensRest
          ? ' orgKeySecret holds the account’s auth token.'
          : ' Account SID, auth token and standard API keys are refused.'
      }`
    }
    if (status === 403) return gateReason(answer.error.message)
    if (status === 404)
      return `No SCIM answers there for ${organizationSid}. Set scimBaseUrl to https://accounts.twilio.com/scim/v2/Organizations/ and the organization SID (OR…, not AC…).`
    return otherReason(answer.error, 'https://accounts.twilio.com')
  })()
  return { works: false, findings: [{ level, message: said }] }
}

async function checkCurrent(credentials: TwilioCredentials, { current }: Remotes): Promise<Part> {
  const { organizationSid, app } = credentials
  if (!current) return { works: undefined, findings: [] }
  const users = createScimUsers({ remote: current, prefix: `/Organizations/${organizationSid}/scim` })
  const answer = await probe(() => users.count())
  if ('value' in answer)
    return {
      works: true,
      findings: [{ level: 'ok', message: `The organization API works: it shows ${answer.value} users.` }],
    }
  const { status } = answer.error
  const said =
    status === 401 || status === 400
      ? app
        ? 'Twilio refused the OAuth app or its token. Check clientId and clientSecret, and that tokenUrl is https://iam.twilio.com/v1/token; API keys and auth tokens are not accepted here.'
        : 'Wrong credential kind: the organization API needs an OAuth app (clientId, clientSecret), or an Organization-level API key where it is accepted.'
      : status === 403
        ? gateReason(answer.error.message)
        : status === 404
          ? `The organization API knows no ${organizationSid}. Check the organization SID (OR…), and that the URL is https://preview-iam.twilio.com.`
          : otherReason(answer.error, 'https://preview-iam.twilio.com')
  return { works: false, findings: [{ level: 'problem', message: said }] }
}

/** Which gate is shut, as far as the vendor's own words tell. */
function gateReason(message: string): string {
  const plan = 'SCIM needs an Enterprise plan with the SSO add-on: ask Twilio for it'
  const sso =
    'single sign-on has to be configured before SCIM, with Okta, Microsoft Entra ID or OneLogin (Google Workspace is not officially supported)'
  if (/enterprise|\bplan\b/i.test(message)) return `${plan}. After that, ${sso}.`
  if (/sso|single sign-on/i.test(message)) return `The plan is right; ${sso}.`
  return `SCIM is closed to this organization. ${plan}; and ${sso}.`
}

/** Subaccounts and people are mixed up often: how many of the former there are is told, and none is a user. */
async function countSubaccounts(accounts: Remote): Promise<readonly Finding[]> {
  const answer = await probe(() => call(accounts, listAccounts, { query: { PageSize: '1000' } }))
  if ('error' in answer)
    return [{ level: 'warning', message: 'Subaccounts could not be listed. That does not matter for users: they are none.' }]
  const { accounts: found, next_page_uri: next } = answer.value.value
  if (found.length === 0) return []
  const count = next === null ? String(found.length) : `more than ${found.length}`
  return [
    { level: 'ok', message: `There are ${count} subaccounts. They are environments, not people, and none is read as a user.` },
  ]
}

function otherReason({ status, from, message }: RemoteError, url: string): string {
  if (status === 429) return 'Twilio limits these credentials at the moment. Try again later, or ask its support for the limits.'
  if (status === 0) return `Twilio cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (from === 'other')
    return `The answer (status ${status}) does not come from Twilio's API. Check that the URL is ${url} and that no proxy answers in its place.`
  return `Twilio answered with status ${status}. Check that the URL is ${url}. (${message})`
}

const scimUsersAt = (remote: Remote) => createScimUsers({ remote: async () => remote, prefix: '' })

const standing: readonly Finding[] = [
  {
    level: 'warning',
    message:
      'active=false does not end running sessions at Twilio; a removal does, at once, and is final. Keep removals behind an approval.',
  },
  {
    level: 'ok',
    message:
      'Everybody who is created has to accept an invitation by e-mail. Twilio has no user webhooks, so that changes made there show when the list is read.',
  },
  {
    level: 'ok',
    message:
      'Google Workspace is not officially supported as identity provider for SCIM; Okta, Microsoft Entra ID and OneLogin are.',
  },
]

function transportFindings({ rest, scim, accounts }: Remotes): readonly Finding[] {
  const isOpen = ({ baseUrl }: Remote) => {
    const { protocol, hostname } = new URL(baseUrl)
    return protocol !== 'https:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')
  }
  const reached = [rest, scim, accounts].filter((remote) => remote !== undefined)
  if (!reached.some(isOpen)) return []
  return [{ level: 'warning', message: 'The credentials travel unencrypted: a URL begins with http. Use https.' }]
}
