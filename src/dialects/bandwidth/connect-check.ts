import type { CheckReport } from '../../sync/vendor.ts'
import { call, callList, RemoteError, type Remote } from '../../wire/call.ts'
import { listRoles, listUsers } from './wire.ts'

type Finding = CheckReport['findings'][number]

/** Reads the roles and the users, and says what the answers show. Nothing is written, so that the right to write stays unproved. */
export async function checkBandwidth(remote: Remote, accountId: string): Promise<CheckReport> {
  const params = { accountId }
  const transport = transportFindings(remote.baseUrl)
  try {
    const roles = await call(remote, listRoles, { params })
    const users = await callList(remote, listUsers, { params })
    let count = 0
    for (const { value } of users.portions) count += value.Users.length
    return {
      usable: true,
      findings: [
        {
          level: 'ok',
          message: `The credentials work: ${count} users and ${roles.value.Roles.length} roles can be read.`,
        },
        ...transport,
        ...(roles.value.Roles.length === 0 ? [noRoles] : []),
        ...([roles.headers, users.headers].some(isXml) ? [answersXml] : []),
        ...standing,
      ],
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return { usable: false, findings: [{ level: 'problem', message: reasonOf(error) }, ...transport] }
  }
}

const noRoles: Finding = {
  level: 'warning',
  message: 'The account shows no roles. Ask for credentials that may manage users if roles are to be set.',
}

const answersXml: Finding = {
  level: 'warning',
  message: 'XML came back although JSON was asked for. It is understood; a proxy on the way probably drops the Accept header.',
}

const standing: readonly Finding[] = [
  {
    level: 'warning',
    message: 'Whether these credentials may also write cannot be told by reading. The first approved change shows it.',
  },
  {
    level: 'warning',
    message: 'Removal at Bandwidth is final, and no suspension is documented. Keep removals behind an approval.',
  },
  {
    level: 'warning',
    message:
      'Before a removal, make sure in the Dashboard that the user has no active sub-accounts or resources; the API cannot tell.',
  },
  {
    level: 'ok',
    message:
      'Bandwidth offers no SCIM and no user webhooks, and its single sign-on creates nobody: this connection is what provisions users.',
  },
]

const isXml = (headers: Headers): boolean => /[/+]xml\b/i.test(headers.get('content-type') ?? '')

function transportFindings(baseUrl: string): readonly Finding[] {
  const { protocol, hostname } = new URL(baseUrl)
  if (protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return []
  return [{ level: 'warning', message: 'The password travels unencrypted: the URL begins with http. Use https.' }]
}

function reasonOf({ status, from, message }: RemoteError): string {
  if (status === 401)
    return 'Bandwidth refused the credentials. Use user name and password of a Dashboard user (Account > My Profile), not those of a voice or messaging application.'
  if (status === 403)
    return 'The credentials are valid, but not for this account. Use the accountId that stands beside them in the Dashboard, and a user that may manage users.'
  if (status === 429) return 'Bandwidth limits this account at the moment. Try again later, or ask its support for the limits.'
  if (status === 0) return `Bandwidth cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (from === 'other')
    return `The answer (status ${status}) does not come from Bandwidth's API. Check that the URL ends in /api and that no proxy answers in its place.`
  return `Bandwidth answered with status ${status}. Check the URL and the accountId.`
}
