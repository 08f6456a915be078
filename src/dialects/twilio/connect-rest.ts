import { z } from 'zod'
import { changedAtOf, type Account, type DesiredAccount, type VendorWriter } from '../../sync/vendor.ts'
import { call, type Remote } from '../../wire/call.ts'
import {
  addressOf,
  afterWrite,
  checkListed,
  checkUserSid,
  follow,
  isGone,
  isTaken,
  noAddress,
  readAfter,
  readBack,
  unsent,
  walkLinks,
  type Reader,
  type RoleBook,
} from './connect-shared.ts'
import { createUser, deleteUser, getUser, listUsers, updateUser, type ChangedUser, type User } from './wire.ts'

/** As many as the API gives on one page. */
const pageSize = '1000'

const Records = z.object({ users: z.array(z.unknown()) })

export interface RestAccess {
  readonly remote: Remote
  readonly organizationSid: string
  readonly roles: RoleBook
}

/** Reads users by REST. */
export function createRestReader({ remote, organizationSid, roles }: RestAccess): Reader {
  const params = { organizationSid }
  return {
    async *list() {
      const pages = walkLinks(() => call(remote, listUsers, { params, query: { PageSize: pageSize } }), {
        linkOf: ({ value }) => value.meta.next_page_url,
        next: (link) => {
          const followed = follow(remote, listUsers, link)
          return call(followed.remote, followed.operation, {})
        },
      })
      for await (const { value, raw } of pages) {
        const records = Records.parse(raw).users
        value.users.forEach(({ sid }) => checkListed(sid))
        yield { accounts: value.users.map((user, at) => toAccount(user, records[at], roles)), declaredTotal: undefined }
      }
    },

    async read(accountId) {
      const userSid = checkUserSid(accountId)
      try {
        const { value, raw } = await call(remote, getUser, { params: { ...params, userSid } })
        return toAccount(value, raw, roles)
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    roles: async () => roles.all(),
  }
}

/** Writes users by REST; reading back is the reader's. */
export function createRestWriter(
  { remote, organizationSid, roles }: RestAccess,
  reader: Reader,
): Pick<VendorWriter, 'create' | 'update' | 'remove'> {
  const params = { organizationSid }
  return {
    async create(desired) {
      const Email = addressOf(desired)
      if (Email === undefined) return { outcome: 'needsPerson', task: noAddress(desired) }
      if (desired.roleIds.length > 1) return { outcome: 'needsPerson', task: tooManyRoles(desired) }
      const [RoleSid] = desired.roleIds
      const { givenName: FirstName, familyName: LastName } = desired
      const FriendlyName = [FirstName, LastName].filter(Boolean).join(' ')
      try {
        const { value, raw } = await call(remote, createUser, {
          params,
          body: {
            Email,
            ...(RoleSid !== undefined && { RoleSid }),
            ...(FriendlyName && { FriendlyName }),
            ...(FirstName && { FirstName }),
            ...(LastName && { LastName }),
          },
        })
        const account = await readBack(reader, toAccount({ ...value, email: value.email ?? Email }, raw, roles))
        // How long an invitation holds is not documented.
        return { outcome: 'invited', account, expiresAt: undefined }
      } catch (error) {
        if (isTaken(error)) return { outcome: 'exists' }
        throw error
      }
    },

    async update(accountId, desired) {
      const userSid = checkUserSid(accountId)
      const { value, raw } = await call(remote, getUser, { params: { ...params, userSid } })
      const before = toAccount(value, raw, roles)
      const body = changesOf(before, desired)
      if (Object.keys(body).length === 0) return before
      await call(remote, updateUser, { params: { ...params, userSid }, body })
      const after = await readAfter(reader, userSid)
      const different = Object.keys(changesOf(after, desired))
      if (different.length > 0)
        throw afterWrite(`Twilio accepted the update and did not keep ${different.join(', ')}. Compare the user in the Console.`)
      return after
    },

    async remove(accountId) {
      const userSid = checkUserSid(accountId)
      try {
        await call(remote, deleteUser, { params: { ...params, userSid } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
  }
}

/** What we own and is not as desired. Names are not compared: they may be missing from an answer without being empty (TWIL-26). */
function changesOf(account: Account, desired: DesiredAccount): ChangedUser {
  const email = desired.email
  const [RoleSid, ...others] = desired.roleIds
  if (others.length > 0) throw unsent(tooManyRoles(desired))
  if (RoleSid === undefined && account.roles.length > 0)
    throw unsent('Twilio documents no way to take the only role of a user away. Give another role, or remove the user.')
  return {
    ...(email && email.toLowerCase() !== account.email?.toLowerCase() && { Email: email }),
    ...(RoleSid !== undefined && RoleSid !== account.roles[0]?.id && { RoleSid }),
  }
}

const tooManyRoles = ({ userName, roleIds }: DesiredAccount): string =>
  `Twilio gives a user one role by this API, and ${userName} should hold ${roleIds.length}. Map their roles and groups to one.`

/** A user in our words. `active` says nothing of an invitation (TWIL-58): who is not suspended may not have accepted yet. */
const toAccount = (user: User, raw: unknown, roles: RoleBook): Account => ({
  id: user.sid,
  userName: user.email ?? user.sid,
  email: user.email ?? undefined,
  givenName: user.first_name || undefined,
  familyName: user.last_name || undefined,
  status: user.active == null ? 'unknown' : user.active ? 'active' : 'suspended',
  roles: user.role_sid ? [roles.toRole(user.role_sid)] : [],
  ...changedAtOf(user.date_updated),
  raw,
})
