import type { CheckReport } from '../../sync/vendor.ts'
import { call, type Remote, type RemoteError } from '../../wire/call.ts'
import { probe, probeWriting } from '../../wire/probe.ts'
import { listScim } from './connect-scim.ts'
import { isLoopback } from './credentials.ts'
import { listUsers, updateUser } from './wire.ts'

type Finding = CheckReport['findings'][number]

/** What is asked, and by whom. */
export interface Checked {
  readonly rest: Remote
  readonly scim: Remote | undefined
  readonly profile: 'rest' | 'scim'
  readonly accessKey: string
  /** Each API with the other's credential, which tells whether the two were mixed up; absent where the two are not of one origin. */
  readonly crossed?: { readonly rest: Remote; readonly scim: Remote }
}

/**
 * Asks for one user by REST and by SCIM, and changes nothing of a user who does not exist, which tells whether the key may write. The vendor's refusals
 * do not tell a wrong credential from a wrong plan (MBRD-03); what was mixed up, gated or left out is found here and named.
 */
export async function checkMessageBird(checked: Checked): Promise<CheckReport> {
  const rest = await probe(() => listOne(checked.rest))
  const isUsable = 'value' in rest
  const findings: Finding[] = []
  if (isUsable) {
    const { count, totalCount } = rest.value.value
    findings.push({ level: 'ok', message: `The access key works: ${totalCount ?? count} users can be read.` })
    findings.push(await writeFinding(checked.rest))
    findings.push(...rateFinding(rest.value.headers))
  } else findings.push({ level: 'problem', message: await restReason(rest.error, checked) })
  if (isTestKey(checked.accessKey)) findings.push(testKey)
  const scim = await scimState(checked, isUsable)
  findings.push(scim.finding, ...transportFindings(checked))
  const canWrite = checked.profile === 'rest' || scim.state !== 'broken'
  return { usable: isUsable && canWrite, findings: [...findings, ...standing] }
}

const listOne = (rest: Remote) => call(rest, listUsers, { query: { limit: '1', offset: '0' } })

const passes = async (ask: () => Promise<unknown>): Promise<boolean> => 'value' in (await probe(ask))

const nobody = '00000000-0000-0000-0000-000000000000'

/** By an empty change to a user id that no vendor ever gives. */
async function writeFinding(rest: Remote): Promise<Finding> {
  const writing = await probeWriting(() => call(rest, updateUser, { params: { userId: nobody }, body: {} }))
  if (writing === 'allowed') return { level: 'ok', message: 'The access key may write (scope user:write).' }
  if (writing === 'refused')
    return {
      level: 'warning',
      message:
        'The access key may read and not write. Give it the scope user:write under Developers > API access, or leave writes off.',
    }
  return { level: 'warning', message: 'Whether the access key may write cannot be told. The first approved change shows it.' }
}

async function restReason(error: RemoteError, { crossed, rest }: Checked): Promise<string> {
  const { status, from, message } = error
  if (status === 0) return `MessageBird cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (status === 429)
    return 'MessageBird limits this organization at the moment. Try again later, or ask its support for the limits.'
  if (from === 'other')
    return `The answer (status ${status}) does not come from MessageBird's API. Check that the URL is https://rest.messagebird.com and that no proxy answers in its place.`
  if (status === 401 || status === 403) {
    if (crossed && (await passes(() => listScim(crossed.scim))))
      return 'accessKey holds a SCIM token. It opens /scim/v2 and never /users: put it into scimToken, and a key from Developers > API access into accessKey.'
    if (crossed && (await passes(() => listOne(crossed.rest))))
      return 'scimToken holds an access key. It opens /users and never /scim/v2: put it into accessKey, and a token from Settings > SCIM into scimToken.'
    return status === 403
      ? 'MessageBird knows the access key and does not let it read users. Give it the scope user:read under Developers > API access.'
      : 'MessageBird refused the access key. Use a live key of the organization from Developers > API access: neither a personal nor a project key, nor the SCIM token, opens /users.'
  }
  return `MessageBird answered with status ${status}. Check that the URL is ${new URL(rest.baseUrl).origin} without a path.`
}

interface ScimState {
  /** `gated` means that REST is used; `broken` that a connection by SCIM cannot write. */
  readonly state: 'absent' | 'open' | 'gated' | 'broken'
  readonly finding: Finding
}

/** What SCIM needs, in the order in which it is set up: plan, token, base URL (MBRD-52). */
async function scimState({ scim, profile, crossed }: Checked, isRestUsable: boolean): Promise<ScimState> {
  if (!scim) return { state: 'absent', finding: scimIsAbsent }
  const answer = await probe(() => listScim(scim))
  if ('value' in answer) {
    const used =
      profile === 'scim'
        ? 'People are created and suspended by SCIM, active at once.'
        : 'REST is used; set the profile "scim" to create people active at once.'
    const message = `The SCIM token works: the plan has SCIM, and it shows ${answer.value} users. ${used}`
    return { state: 'open', finding: { level: 'ok', message } }
  }
  const { status, from } = answer.error
  const level = profile === 'scim' ? 'problem' : 'warning'
  const broken = (message: string): ScimState => ({ state: 'broken', finding: { level, message } })
  if (from === 'other' || status === 404)
    return broken(
      `No SCIM answers at scimBaseUrl (status ${status}). Set it to https://rest.messagebird.com/scim/v2, as the plan and the token need it.`,
    )
  if (status === 429) return broken('MessageBird limits SCIM at the moment. Check again later.')
  if (crossed && (await passes(() => listOne(crossed.rest))))
    return broken('scimToken holds an access key. It opens /users and never /scim/v2: generate a SCIM token in Settings > SCIM.')
  if (status !== 403)
    return broken(
      'MessageBird refused the SCIM token. Check the plan first (Enterprise), then generate a new token in Settings > SCIM; the access key never opens SCIM.',
    )
  const message = `SCIM is closed to this token: the organization is below Enterprise, or the token lacks the scope scim:read. Check the plan first${isRestUsable ? '; until then REST is used' : ''}.`
  return { state: 'gated', finding: { level, message } }
}

const scimIsAbsent: Finding = {
  level: 'ok',
  message:
    'SCIM is not set up, and REST is used. SCIM needs, in this order, the plan Enterprise, a token from Settings > SCIM as scimToken, and its base URL as scimBaseUrl.',
}

const testKey: Finding = {
  level: 'warning',
  message: 'This is a test key: it sees and changes test data, and nobody real. Use a live key to manage people.',
}

/** MessageBird's own keys begin with their mode; ours name their kind. */
const isTestKey = (accessKey: string): boolean => /^(?:test_|rc_messagebirdtestkey_)/.test(accessKey)

function rateFinding(headers: Headers): readonly Finding[] {
  const limit = headers.get('x-ratelimit-limit')
  if (limit === null || !/^\d{1,9}$/.test(limit)) return []
  return [
    {
      level: 'ok',
      message: `MessageBird allows ${limit} requests at a time here. A refusal says no Retry-After; waits grow by themselves.`,
    },
  ]
}

const standing: readonly Finding[] = [
  {
    level: 'warning',
    message: 'Deleting a user at MessageBird is immediate and final, and there is no recovery. Keep removals behind an approval.',
  },
  {
    level: 'warning',
    message: 'Whoever is created by REST is invited and stays so until they accept: they are pending, which is no failure.',
  },
  {
    level: 'ok',
    message:
      'MessageBird has no user webhooks, and documents SCIM for Okta alone; Entra ID and Google Workspace are not confirmed.',
  },
]

/** Only of the REST URL: SCIM elsewhere than on this machine is https, or is refused when the connection is made. */
function transportFindings({ rest }: Checked): readonly Finding[] {
  const url = new URL(rest.baseUrl)
  if (url.protocol === 'https:' || isLoopback(url)) return []
  return [{ level: 'warning', message: 'The access key travels unencrypted: the URL begins with http. Use https.' }]
}
