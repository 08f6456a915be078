import type { CheckReport } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { probeWriting } from '../../wire/probe.ts'
import { getOrganizationUser, listOrganizationUsers, updateOrganizationUser } from './wire.ts'
import { hiddenNumber } from './wire-record.ts'

type Finding = CheckReport['findings'][number]

/** Reads a few members, and one of them by id, changes nothing of a user who does not exist, and says what the answers show. */
export async function checkBird(remote: Remote, organizationId: string): Promise<CheckReport> {
  const params = { organizationId }
  const transport = transportFindings(remote.baseUrl)
  try {
    const { value } = await call(remote, listOrganizationUsers, { params, query: { limit: '10' } })
    const [first] = value.results
    const one = first && (await call(remote, getOrganizationUser, { params: { ...params, userId: first.user.id } })).value
    const users = value.results.map((membership) => membership.user)
    return {
      usable: true,
      findings: [
        {
          level: 'ok',
          message: `The access key works: the members of the organization can be read, the first ${users.length} were.`,
        },
        await writeFinding(remote, organizationId),
        ...transport,
        ...(first ? [] : [noMembers]),
        ...(users.some((user) => 'phoneNumber' in user && user.phoneNumber === hiddenNumber) ? [hidden] : []),
        ...(one && !('emails' in one.user) ? [previews] : []),
        ...standing,
      ],
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return { usable: false, findings: [{ level: 'problem', message: reasonOf(error) }, ...transport] }
  }
}

const nobody = '00000000-0000-0000-0000-000000000000'

/** By an empty change to a user id that no vendor ever gives. */
async function writeFinding(remote: Remote, organizationId: string): Promise<Finding> {
  const writing = await probeWriting(() =>
    call(remote, updateOrganizationUser, { params: { organizationId, userId: nobody }, body: {} }),
  )
  if (writing === 'allowed') return { level: 'ok', message: 'The access key may write.' }
  if (writing === 'refused')
    return {
      level: 'warning',
      message:
        'The access key may read and not write. Attach a role whose policy allows writing organization users, or leave writes off.',
    }
  return {
    level: 'warning',
    message:
      'Whether this key may also write cannot be told. See that its access policy allows it; the first approved change shows it.',
  }
}

const noMembers: Finding = {
  level: 'warning',
  message: 'The organization shows no members. Check that the organizationId is the one whose users are meant.',
}
const hidden: Finding = {
  level: 'warning',
  message: `Bird hides telephone numbers (${hiddenNumber}) from this key. They are neither compared nor written; nothing has to be done.`,
}
const previews: Finding = {
  level: 'warning',
  message:
    'Bird shows this key previews instead of whole users. People are matched by their default address; give the key a policy that reads users.',
}

const standing: readonly Finding[] = [
  {
    level: 'warning',
    message: 'Suspend unsupported, remove only: no API call bans or suspends a member. Keep removals behind an approval.',
  },
  {
    level: 'warning',
    message:
      'Name and e-mail address cannot be changed through the API. Have the user change them at Bird, or remove and invite again.',
  },
  {
    level: 'warning',
    message: 'Bird lists no roles: known are those that members hold. Name others by slug under "roles" in the credentials.',
  },
  {
    level: 'ok',
    message:
      'The status of a membership and of a user are different things: the membership decides here. Open sessions are read with each user.',
  },
  {
    level: 'ok',
    message: 'Bird gives no total: members are counted by walking every page, 100 at a time.',
  },
]

function transportFindings(baseUrl: string): readonly Finding[] {
  const { protocol, hostname } = new URL(baseUrl)
  if (protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return []
  return [{ level: 'warning', message: 'The access key travels unencrypted: the URL begins with http. Use https.' }]
}

function reasonOf({ status, from, message }: RemoteError): string {
  if (status === 0) return `Bird cannot be reached. Check the URL, the network and the TLS certificate. (${message})`
  if (from === 'other')
    return `The answer (status ${status}) does not come from Bird's API. Check that the URL is https://api.bird.com, without /v1, and that no proxy answers in its place.`
  if (status === 401)
    return 'Bird refused the access key. Use an access key of Bird (sent as "Authorization: AccessKey …"), not one of MessageBird or of the newer platform (bk_…), and one that was not revoked.'
  if (status === 403)
    return 'The access key is valid, but its policy does not allow this. Attach a role whose policy allows reading and writing organization users.'
  if (status === 404)
    return 'Bird knows no such organization for this key. Use the organizationId of the organization that the key belongs to, not a workspace id.'
  if (status === 429)
    return 'Bird limits this key at the moment. Try again later; Bird tells neither the limit nor how long to wait.'
  if (status === 200) return `Bird's answer is not the one of Accounts v1. Check the URL. (${message})`
  return `Bird answered with status ${status}. Check the URL and the organizationId, and try again later.`
}
