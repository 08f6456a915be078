import type { CheckReport, VendorKeys } from '../../sync/vendor.ts'
import { RemoteError, type Remote } from '../../wire/call.ts'
import type { Members } from './connect-members.ts'
import { countScim } from './connect-scim.ts'
import type { ConnectSettings } from './connect-settings.ts'
import type { Session } from './connect-session.ts'

type Finding = CheckReport['findings'][number]

/** SNCH-P02. */
const maxKeys = 10

/** Gets a token, reads one page of every project and the list of keys, asks SCIM, and says what the answers show. Nothing is written. */
export async function checkSinch(parts: {
  readonly session: Session
  readonly members: Members
  readonly keys: VendorKeys
  readonly scim: Remote | undefined
  readonly settings: ConnectSettings
}): Promise<CheckReport> {
  const { session, members, keys, scim, settings } = parts
  const around = [...regionFindings(settings), ...transportFindings(settings)]
  const failure = await failureOf(() => session.prove())
  if (failure) return { usable: false, findings: [{ level: 'problem', message: tokenReason(failure) }, ...around] }
  const projects: Finding[] = []
  for (const projectId of settings.projects) projects.push(await checkProject(members, settings, projectId))
  const readable = projects.every(({ level }) => level === 'ok')
  const offered = scim ? await checkScim(scim, settings) : noScim
  return {
    usable: readable && offered.level !== 'problem',
    findings: [...projects, ...(readable ? [await checkKeys(keys)] : []), offered, ...around, ...standing],
  }
}

async function checkProject(members: Members, settings: ConnectSettings, projectId: string): Promise<Finding> {
  let shown = 0
  let pending = 0
  let isWhole = true
  const failure = await failureOf(async () => {
    const walk = members.walk(projectId)
    const first = await walk.next()
    if (first.done) return
    shown = first.value.length
    pending = first.value.filter(({ member }) => member.status === 'PENDING').length
    isWhole = shown < 100
    await walk.return(undefined)
  })
  if (failure) return { level: 'problem', message: `Project ${projectId}: ${projectReason(failure, settings)}` }
  const open = pending > 0 ? `; ${pending} of them are PENDING and have no access before they accept` : ''
  return {
    level: 'ok',
    message: `Project ${projectId}: the key works, and ${isWhole ? '' : 'more than '}${shown} members can be read${open}.`,
  }
}

async function checkKeys(keys: VendorKeys): Promise<Finding> {
  let count = 0
  const failure = await failureOf(async () => {
    count = (await keys.list()).length
  })
  if (failure?.status === 403)
    return {
      level: 'warning',
      message: 'The key may read and not change: roles, invitations and keys need a key with the rights of an OWNER or ADMIN.',
    }
  if (failure)
    return {
      level: 'warning',
      message: `The list of access keys cannot be read (${failure.message}). Their paths are not fully published: set "paths", or "api" to "public".`,
    }
  if (count >= maxKeys)
    return {
      level: 'warning',
      message: `The project has ${count} access keys and may have ${maxKeys}: delete an unused one before a key is rotated.`,
    }
  return { level: 'ok', message: `The key has the rights of an ADMIN: ${count} access keys of at most ${maxKeys} can be seen.` }
}

async function checkScim(scim: Remote, { profile }: ConnectSettings): Promise<Finding> {
  const level = profile === 'scim' ? 'problem' : 'warning'
  let total = 0
  const failure = await failureOf(async () => {
    total = await countScim(scim)
  })
  if (!failure) return { level: 'ok', message: `SCIM works and shows ${total} users.` }
  if (failure.status === 401)
    return { level, message: 'SCIM refused its token. Use the one that Sinch issued with the SCIM URL, not an access key.' }
  if (failure.status === 403 || failure.status === 404)
    return {
      level,
      message:
        'SCIM does not answer at scimBaseUrl. Sinch issues the URL for each customer, on the Enterprise plan and once single sign-on with Okta or Microsoft Entra ID is configured: check it with Sinch support.',
    }
  return { level, message: `SCIM cannot be used: ${failure.message}` }
}

const noScim: Finding = {
  level: 'ok',
  message:
    'No SCIM URL is set. It cannot be configured by oneself: Sinch support issues it on the Enterprise plan with single sign-on; put it into scimBaseUrl and its token into scimToken.',
}

const standing: readonly Finding[] = [
  {
    level: 'warning',
    message:
      'Removal takes somebody out of the configured projects only. The Sinch identity survives and may be in other projects: name them all in "projectIds", or deprovision by SCIM.',
  },
  {
    level: 'warning',
    message: 'No request resends an invitation. Whoever stays PENDING is invited again in the dashboard, by a person.',
  },
  {
    level: 'ok',
    message:
      'Sinch has no webhooks for members and publishes no rate limits: the list is polled, and refusals are waited out with growing pauses.',
  },
]

function regionFindings({ region }: ConnectSettings): readonly Finding[] {
  if (region) return [{ level: 'ok', message: `The region is ${region}, as the connection says.` }]
  return [
    {
      level: 'warning',
      message:
        'The URL is not one of Sinch\'s hosts and no region is set, so none is assumed. Set "region" if the server has several.',
    },
  ]
}

function transportFindings({ apiUrl, tokenEndpoint }: ConnectSettings): readonly Finding[] {
  const isOpen = [apiUrl, tokenEndpoint].some((url) => {
    const { protocol, hostname } = new URL(url)
    return protocol !== 'https:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')
  })
  return isOpen ? [{ level: 'warning', message: 'The key travels unencrypted: a URL begins with http. Use https.' }] : []
}

async function failureOf(probe: () => Promise<void>): Promise<RemoteError | undefined> {
  try {
    await probe()
    return undefined
  } catch (error) {
    if (error instanceof RemoteError) return error
    throw error
  }
}

function tokenReason({ status, from, message }: RemoteError): string {
  if (status === 0) return `Sinch cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (status === 400 || status === 401)
    return 'Sinch gives no token for this key. Use Key ID and Key Secret of an access key (Settings > Access Keys), not a service plan or an app of its communications APIs; if it needs Basic, set "api" to "public".'
  if (status === 429) return 'Sinch gives out no tokens at the moment: too many were asked for. Try again in a minute.'
  if (from === 'other')
    return `The answer (status ${status}) does not come from Sinch's token endpoint. Check "tokenUrl" and that no proxy answers in its place.`
  return `Sinch's token endpoint answered with status ${status}. Try again later.`
}

function projectReason({ status, from, message }: RemoteError, { region }: ConnectSettings): string {
  if (status === 0) return `Sinch cannot be reached. (${message})`
  if (status === 401)
    return 'the token is not accepted here. Tokens and base URLs of the communications APIs are no good for members, and the other way round.'
  if (status === 403)
    return 'the key has no access. A key acts in the project that it was made in and below: use one of this project.'
  if (status === 404 && from === 'vendor')
    return `there is no such project${region ? ` in the region ${region}` : ''}. Check projectId and region; the paths are not fully published either: set "paths" where Sinch names others.`
  if (status === 429) return 'Sinch limits this account at the moment, and says neither how nor how long. Try again later.'
  if (from === 'other')
    return `the answer (status ${status}) does not come from Sinch's API. Check the URL and that no proxy answers in its place.`
  return `Sinch answered with status ${status}. Try again later.`
}
