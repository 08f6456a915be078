import type { CheckReport } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { probeWriting } from '../../wire/probe.ts'
import { isMissing, type ScimFeatures } from './connect-features.ts'
import { groupCalls, listOf, readAnswer, ScimGroup, ScimUser, userCalls } from './connect-wire.ts'

type Finding = CheckReport['findings'][number]

/** Reads what the server says of itself, one user and one group, changes somebody who does not exist, and says what the answers show. */
export async function checkScim(remote: Remote, features: () => Promise<ScimFeatures>): Promise<CheckReport> {
  const transport = transportFindings(remote.baseUrl)
  const query = { startIndex: '1', count: '1' }
  try {
    const users = readAnswer(listOf(ScimUser), (await call(remote, userCalls.list, { query })).value, 'none')
    const groups = await countGroups(remote, query)
    const known = await features()
    return {
      usable: true,
      findings: [
        { level: 'ok', message: `The credentials work: ${users.totalResults ?? 'an unknown number of'} users can be read.` },
        groups,
        ...featureFindings(known),
        ...(typeof users.totalResults === 'number' ? [] : [noTotal]),
        ...transport,
        known.patch ? await writeFinding(remote) : unproved,
      ],
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return { usable: false, findings: [{ level: 'problem', message: reasonOf(error) }, ...transport] }
  }
}

async function countGroups(remote: Remote, query: Readonly<Record<string, string>>): Promise<Finding> {
  try {
    const { value } = await call(remote, groupCalls.list, { query: { ...query, excludedAttributes: 'members' } })
    const { totalResults } = readAnswer(listOf(ScimGroup), value, 'none')
    return totalResults === 0
      ? {
          level: 'warning',
          message: 'There are no groups. Groups stand for roles: make them at the application if roles are to be given.',
        }
      : { level: 'ok', message: `Roles are the application’s groups; ${totalResults ?? 'some'} can be read.` }
  } catch (error) {
    if (!isMissing(error)) throw error
    return {
      level: 'warning',
      message:
        'The application shows no groups to this token, so that no roles can be set. Ask for the right to groups if it has them.',
    }
  }
}

function featureFindings({ patch, told, paging }: ScimFeatures): readonly Finding[] {
  if (!told)
    return [
      {
        level: 'warning',
        message:
          'The application does not say what it can do (/ServiceProviderConfig). Changes will go by PATCH, as most applications want them.',
      },
    ]
  return [
    {
      level: 'ok',
      message: `Changes go by ${patch ? 'PATCH' : 'PUT of the whole user, read and merged first'}; lists are read by ${paging === 'cursor' ? 'cursor' : 'position'}.`,
    },
  ]
}

const noTotal: Finding = {
  level: 'warning',
  message:
    'The list does not say how many users there are, so that a short list cannot be told from a whole one. Keep removals behind an approval.',
}

/** By a change to a user id that nobody has, which only finds out that nobody has it. */
async function writeFinding(remote: Remote): Promise<Finding> {
  const writing = await probeWriting(() =>
    call(remote, userCalls.patch, {
      params: { id: '00000000-0000-0000-0000-000000000000' },
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: true }],
      },
    }),
  )
  if (writing === 'allowed') return { level: 'ok', message: 'The credentials may write.' }
  return writing === 'refused' ? readOnly : unproved
}

const readOnly: Finding = {
  level: 'warning',
  message: 'The credentials may read and not write. Make a token that may change users, or leave writes off.',
}

const unproved: Finding = {
  level: 'warning',
  message: 'Whether these credentials may also write cannot be told by reading. The first approved change shows it.',
}

function transportFindings(baseUrl: string): readonly Finding[] {
  const { protocol, hostname } = new URL(baseUrl)
  if (protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return []
  return [{ level: 'warning', message: 'The token travels unencrypted: the URL begins with http. Use https.' }]
}

function reasonOf({ status, from, message }: RemoteError): string {
  if (status === 401)
    return 'The application refused the credentials. Make a new SCIM token in its settings; other API keys rarely work for SCIM.'
  if (status === 403)
    return `The credentials are valid and may not read users. SCIM often needs a higher plan, or single sign-on set up first; else the token lacks a scope. (${message})`
  if (status === 404) return 'There is no /Users below the base URL. It must end where /Users follows, often in /scim/v2.'
  if (status === 429) return 'The application limits this connection at the moment. Try again later.'
  if (status === 0) return `The application cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (from === 'other')
    return `The answer (status ${status}) does not come from a SCIM API. Check the base URL, and that no proxy answers in its place.`
  return `The application answered with status ${status}. Check the base URL. (${message})`
}
