import { z } from 'zod'
import type { Account, DesiredAccount, VendorReader, VendorWriter } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import type { Value } from '../../wire/operation.ts'
import type { ScimRoute } from './connect-scim.ts'
import { fromUser } from './translate.ts'
import { createUser, deleteUser, getUser, listUsers, updateUser, type User, type UserChange } from './wire.ts'

/** The most that a page may have. */
const pageSize = 100

export type RestReader = Omit<VendorReader, 'check'>
export type RestWriter = Required<Omit<VendorWriter, 'cancelInvitation'>>

const Records = z.object({ items: z.array(z.unknown()) })

/** With `route`, whom REST does not have is gone only when SCIM does not have them either (MBRD-48). */
export function createRestReader(
  remote: Remote,
  { roles, route }: { readonly roles: readonly string[]; readonly route: ScimRoute | undefined },
): RestReader {
  return {
    paging: 'offset',

    /**
     * Offsets 0, 100, 200 … until the total is reached, or by smaller steps where the vendor says that its pages are smaller. A total that is only the
     * page's own length is none, and the walk goes on to its end.
     */
    async *list() {
      let firstId: string | undefined
      for (let offset = 0; ;) {
        const query = { limit: String(pageSize), offset: String(offset) }
        const { value, raw } = await call(remote, listUsers, { query })
        const { items, limit } = value
        const [first] = items
        if (first && first.id === firstId)
          throw unsent('MessageBird answers the same page whatever the offset is: its list cannot be read to the end.')
        firstId = first?.id
        const records = Records.parse(raw).items
        const declaredTotal = totalOf(value, offset)
        yield { accounts: items.map((user, index) => fromUser(user, records[index])), declaredTotal }
        const step = limit >= 1 && limit < pageSize ? limit : pageSize
        offset += step
        const isEnd = declaredTotal === undefined ? items.length < step : items.length === 0 || offset >= declaredTotal
        if (isEnd) return
      }
    },

    async read(accountId) {
      const account = await readUser(remote, accountId)
      if (account || !route || !(await route.open())) return account
      return route.read(accountId)
    },

    roles: async () => roles.map((value) => ({ id: value, name: value })),
  }
}

/** How many users there are, where the page says so: a count that is the length of a full page, or less than what was seen, does not. */
function totalOf({ count, totalCount, items }: Value<typeof listUsers.reply>, offset: number): number | undefined {
  const isLength = totalCount == null && count === items.length && count >= pageSize
  const total = totalCount ?? count
  return isLength || total < offset + items.length ? undefined : total
}

async function readUser(remote: Remote, userId: string): Promise<Account | undefined> {
  try {
    const { value, raw } = await call(remote, getUser, { params: { userId } })
    return fromUser(value, raw)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

export function createRestWriter(remote: Remote, reader: RestReader): RestWriter {
  const change = async (userId: string, body: UserChange): Promise<Account> => {
    await call(remote, updateUser, { params: { userId }, body })
    return readAfter(reader, userId)
  }

  return {
    async create(desired) {
      const missing = whatIsMissing(desired)
      if (missing !== undefined) return { outcome: 'needsPerson', task: missing }
      const [role] = desired.roleIds
      try {
        const { value } = await call(remote, createUser, {
          body: {
            email: addressOf(desired) ?? '',
            ...(desired.givenName && { firstName: desired.givenName }),
            ...(desired.familyName && { lastName: desired.familyName }),
            ...(role !== undefined && { role }),
          },
        })
        const account = await readBack(reader, value)
        return account.status === 'active' ? { outcome: 'done', account } : { outcome: 'invited', account, expiresAt: undefined }
      } catch (error) {
        if (isTaken(error)) return { outcome: 'exists' }
        throw error
      }
    },

    async update(userId, desired) {
      const before = await call(remote, getUser, { params: { userId } })
      const body = changesOf(fromUser(before.value, before.raw), desired)
      const after = Object.keys(body).length > 0 ? await change(userId, body) : fromUser(before.value, before.raw)
      const different = Object.keys(changesOf(after, desired))
      if (different.length > 0)
        throw afterWrite(
          `MessageBird accepted the update and did not keep ${different.join(', ')}. Compare the user in the dashboard.`,
        )
      return after
    },

    async remove(userId) {
      try {
        await call(remote, deleteUser, { params: { userId } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },

    async suspend(userId) {
      return checkStatus(await change(userId, { status: 'suspended' }), 'suspended')
    },
    async resume(userId) {
      return checkStatus(await change(userId, { status: 'active' }), 'resumed')
    },
  }
}

/** The vendor itself says that there is no such user; a proxy's page says nothing of the kind. */
export const isGone = (error: unknown): boolean => error instanceof RemoteError && error.status === 404 && error.from === 'vendor'
export const isTaken = (error: unknown): boolean =>
  error instanceof RemoteError && error.status === 409 && error.from === 'vendor'

/** The address that a user is made under: the member's, or a user name that is one. */
export const addressOf = ({ email, userName }: Pick<DesiredAccount, 'email' | 'userName'>): string | undefined =>
  email || (/^[^\s@]+@[^\s@]+$/.test(userName) ? userName : undefined)

/** What MessageBird cannot do for somebody as they are; undefined when it can. */
export function whatIsMissing(desired: DesiredAccount): string | undefined {
  if (addressOf(desired) === undefined)
    return `MessageBird creates no user without an e-mail address. Add one to ${desired.userName} in the directory, or create the user in the dashboard.`
  if (desired.roleIds.length > 1)
    return `MessageBird gives a user one role, and ${desired.userName} is to have ${desired.roleIds.length}. Map their roles to one in the connection's policy.`
  return undefined
}

/** The record after a write. */
export async function readAfter(reader: RestReader, userId: string): Promise<Account> {
  const after = await reader.read(userId).catch((cause: unknown) => {
    throw afterWrite('The user was changed and could not be read back. Read it again.', cause)
  })
  if (!after) throw afterWrite('The user was changed and is gone now. Read the list again.')
  return after
}

/** Makes sure that a suspension, or its end, was kept. Who never accepted is invited again after it. */
export function checkStatus(account: Account, wanted: 'suspended' | 'resumed'): Account {
  if ((account.status === 'suspended') === (wanted === 'suspended')) return account
  throw afterWrite(
    `MessageBird accepted the change of status and shows the user as ${account.status}. Compare the user in the dashboard.`,
  )
}

/** The record as it stands now, or, when it cannot be read right after its creation, as the creation answered it: the id must not be lost. */
async function readBack(reader: RestReader, created: User): Promise<Account> {
  const answered = fromUser(created, created)
  try {
    return (await reader.read(created.id)) ?? answered
  } catch (error) {
    if (error instanceof RemoteError) return answered
    throw error
  }
}

/** The fields that are not as desired. An attribute without a desired value is not ours and stays; addresses are compared without regard to case. */
function changesOf(account: Account, desired: DesiredAccount): UserChange {
  const [role, ...others] = desired.roleIds
  if (others.length > 0) throw unsent(whatIsMissing({ ...desired, email: account.email }) ?? '')
  const current = account.roles[0]?.id
  if (role === undefined && current !== undefined)
    throw unsent(
      'MessageBird takes no role away without giving another. Map the person to a role in the policy, or change it in the dashboard.',
    )
  const email = addressOf(desired)
  return {
    ...(email !== undefined && email.toLowerCase() !== account.email?.toLowerCase() && { email }),
    ...(desired.givenName !== undefined && desired.givenName !== account.givenName && { firstName: desired.givenName }),
    ...(desired.familyName !== undefined && desired.familyName !== account.familyName && { lastName: desired.familyName }),
    ...(role !== undefined && role !== current && { role }),
  }
}

const unsent = (message: string) => new RemoteError(0, message, { retryable: false, effect: 'none' })

/** A failure after MessageBird had accepted a write: what stands there has to be read, and nothing may be sent again blindly. */
const afterWrite = (message: string, cause?: unknown) =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })
