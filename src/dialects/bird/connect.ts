import { z } from 'zod'
import type {
  Account,
  AccountPage,
  Capabilities,
  DesiredAccount,
  Vendor,
  VendorReader,
  VendorRole,
  VendorWriter,
} from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { withdraw } from '../withdraw.ts'
import { checkBird } from './connect-check.ts'
import { accessKeyAuthorization, parseBaseUrl, parseCredentials, type Credentials } from './credentials.ts'
import { fromMembership, rolesOfMembership } from './translate.ts'
import {
  createOrganizationUser,
  deleteOrganizationUser,
  getOrganizationUser,
  listOrganizationUsers,
  maxLimit,
  roleSlug,
  updateOrganizationUser,
  type UpdateMembership,
} from './wire.ts'
import type { UserMembership } from './wire-record.ts'

const timeoutMs = 30_000
const maxNameLength = 256

const capabilities: Capabilities = {
  create: true,
  update: false,
  suspend: false,
  remove: true,
  setRoles: true,
  // Bird keeps one display name and lets nobody else change it or the address.
  attributes: ['email'],
  invite: true,
  cancelInvitation: true,
  notes: [
    'Suspend unsupported, remove only: Bird lets no API caller ban or suspend a member. Whoever must be locked out has to be removed.',
    'A removal takes the membership in this organization; the user stays on the platform and in other organizations.',
    'Somebody new is invited by e-mail and is active only once they accept. The API tells no expiry of an invitation.',
    'Name and e-mail address belong to the user and cannot be changed through the API; only roles can.',
    'Roles are set as slugs such as managed:organization_admin. Bird lists no roles: name those that nobody holds yet under "roles" in the credentials.',
    'Bird tells how many sessions somebody has open. A removal is not documented to end them: look at the number before and have the sessions ended.',
  ],
}

/** Calls Bird's Accounts v1. Throws ConfigError when the credentials or the base URL cannot be used. */
export function connectBird(options: ConnectOptions): Vendor {
  const credentials = parseCredentials(options.credentials)
  const remote: Remote = {
    baseUrl: parseBaseUrl(options.baseUrl),
    headers: { authorization: accessKeyAuthorization(credentials), accept: 'application/json' },
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  }
  const reader = createReader(remote, credentials)
  const writer = createWriter(remote, credentials, reader)
  return {
    name: 'bird',
    capabilities,
    reader,
    writer: { ...writer, cancelInvitation: (accountId) => withdraw(accountId, { reader, writer }) },
  }
}

const Records = z.object({ results: z.array(z.unknown()) })
/** Known before anybody is seen to hold it: the one that Bird's document names. */
const documentedRole = 'managed:organization_admin'

function createReader(remote: Remote, { organizationId, roles: named = [] }: Credentials): VendorReader {
  async function* pages(query: Readonly<Record<string, string>>): AsyncIterable<AccountPage> {
    const seen = new Set<string>()
    for (let pageToken: string | undefined; ;) {
      const answer = await call(remote, listOrganizationUsers, {
        params: { organizationId },
        query: { limit: String(maxLimit), ...query, ...(pageToken && { pageToken }) },
      })
      const records = Records.parse(answer.raw).results
      const { results, nextPageToken } = answer.value
      yield { accounts: results.map((membership, index) => fromMembership(membership, records[index])), declaredTotal: undefined }
      if (!nextPageToken) return
      if (seen.has(nextPageToken))
        throw unreadable('Bird answered the same page token twice, so that the list has no end. Try again later.')
      seen.add(nextPageToken)
      pageToken = nextPageToken
    }
  }

  return {
    list: () => pages({}),

    async read(userId) {
      try {
        const answer = await call(remote, getOrganizationUser, { params: { organizationId, userId } })
        return fromMembership(answer.value, answer.raw)
      } catch (error) {
        if (!isNotFound(error)) throw error
        await checkOrganization(remote, organizationId)
        return undefined
      }
    },

    async roles() {
      const found = new Map<string, VendorRole>([documentedRole, ...named].map((slug) => [slug, { id: slug, name: slug }]))
      for await (const { accounts } of pages({ preview: 'true' }))
        for (const role of accounts.flatMap((account) => account.roles)) found.set(role.id, role)
      return [...found.values()]
    },

    check: () => checkBird(remote, organizationId),
  }
}

function createWriter(remote: Remote, { organizationId }: Credentials, reader: VendorReader): VendorWriter {
  const read = async (userId: string) => (await call(remote, getOrganizationUser, { params: { organizationId, userId } })).value

  return {
    async create(desired) {
      const { email, roleIds } = desired
      if (!email)
        return {
          outcome: 'needsPerson',
          task: `Bird invites nobody without an e-mail address. Add one to ${desired.userName} in the directory.`,
        }
      const roles = slugsAmong(roleIds)
      try {
        await call(remote, createOrganizationUser, {
          params: { organizationId },
          body: { name: nameOf(desired), email, ...(roles.length > 0 && { attributes: { roles } }) },
        })
      } catch (error) {
        if (error instanceof RemoteError && error.from === 'vendor' && error.status === 409) return { outcome: 'exists' }
        if (error instanceof RemoteError && error.from === 'vendor' && error.status === 403 && /domain/i.test(error.message))
          return {
            outcome: 'needsPerson',
            task: `Bird does not allow the domain of ${email} in this organization. Allow it in Bird, or correct the address in the directory.`,
          }
        throw error
      }
      // The answer has no fixed shape: the id is learnt by asking for the address.
      const account = await findByEmail(remote, organizationId, email)
      return account?.status === 'active' ? { outcome: 'done', account } : { outcome: 'invited', account, expiresAt: undefined }
    },

    async update(userId, desired) {
      const before = await read(userId)
      const body = roleChange(before, desired.roleIds)
      if (body) await call(remote, updateOrganizationUser, { params: { organizationId, userId }, body })
      const after = await reader.read(userId).catch((cause: unknown) => {
        throw afterWrite('The roles were changed and could not be read back. Read the user again.', cause)
      })
      if (!after) throw afterWrite('The roles were changed and the user is gone now. Read the list again.')
      const held = new Set(after.roles.map((role) => role.id))
      if (held.size !== new Set(desired.roleIds).size || !desired.roleIds.every((id) => held.has(id)))
        throw afterWrite('Bird accepted the change and did not keep the roles. Compare the user in Bird.')
      return after
    },

    async remove(userId) {
      try {
        await call(remote, deleteOrganizationUser, { params: { organizationId, userId } })
      } catch (error) {
        if (!isNotFound(error)) throw error
        await checkOrganization(remote, organizationId)
      }
    },
  }
}

/** The vendor itself says that there is nothing; a proxy's page says nothing of the kind. */
const isNotFound = (error: unknown): boolean => error instanceof RemoteError && error.status === 404 && error.from === 'vendor'

/** An unknown organization is a 404 too, and would make everybody look gone: the list must be readable for a 404 to mean the user. */
async function checkOrganization(remote: Remote, organizationId: string): Promise<void> {
  await call(remote, listOrganizationUsers, { params: { organizationId }, query: { limit: '1', preview: 'true' } })
}

async function findByEmail(remote: Remote, organizationId: string, email: string): Promise<Account | undefined> {
  const answer = await call(remote, listOrganizationUsers, { params: { organizationId }, query: { email, limit: '1' } }).catch(
    (cause: unknown) => {
      throw afterWrite(`${email} was invited, and the invitation could not be read back. Read the list again.`, cause)
    },
  )
  const [membership] = answer.value.results
  return membership && fromMembership(membership, Records.parse(answer.raw).results[0])
}

const nameOf = ({ givenName, familyName, email, userName }: DesiredAccount): string =>
  ([givenName, familyName].filter(Boolean).join(' ') || email || userName).slice(0, maxNameLength)

/** Roles are set as slugs. An id that is none belongs to a role that came through a legacy member, which is kept where it is held and never sent anew. */
const slugsAmong = (roleIds: readonly string[]): string[] => roleIds.filter((id) => roleSlug.test(id))

/** The smallest change that brings the roles about; undefined where they stand already. Legacy roles that are not wanted go by `roleTreatment`. */
function roleChange(membership: UserMembership, wanted: readonly string[]): UpdateMembership | undefined {
  const held = rolesOfMembership(membership).map((role) => role.id)
  const missing = wanted.filter((id) => !held.includes(id))
  const unwanted = held.filter((id) => !wanted.includes(id))
  if (missing.length === 0 && unwanted.length === 0) return undefined
  const unknown = missing.find((id) => !roleSlug.test(id))
  if (unknown !== undefined)
    throw new RemoteError(
      0,
      `Bird sets roles by slug such as ${documentedRole}, and ${unknown} is none. Name the role by its slug.`,
      {
        retryable: false,
        effect: 'none',
      },
    )
  const legacy = [...(membership.roleRefs ?? []).map((reference) => reference.id), ...(membership.roleIds ?? [])]
  if (!legacy.some((id) => !wanted.includes(id))) return { attributes: { roles: slugsAmong(wanted) } }
  const kept = (membership.roleRefs ?? []).filter((reference) => wanted.includes(reference.id))
  const roleRefs = kept.map(({ id, type, workspaces = null }) => {
    const known = type === 'managed' ? ('managed' as const) : ('organization' as const)
    return workspaces ? { id, type: known, workspaces } : { id, type: known }
  })
  return { attributes: { roles: slugsAmong(wanted) }, roleTreatment: 'remove', ...(roleRefs.length > 0 && { roleRefs }) }
}

/** A failure after Bird had accepted a write: what stands there has to be read, and nothing may be sent again blindly. */
const afterWrite = (message: string, cause?: unknown) =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })

const unreadable = (message: string) => new RemoteError(200, message, { retryable: true, effect: 'none', from: 'vendor' })
