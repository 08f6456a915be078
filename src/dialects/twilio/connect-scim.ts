import { z } from 'zod'
import type { Account, DesiredAccount, VendorRole, VendorWriter } from '../../sync/vendor.ts'
import { call, RemoteError } from '../../wire/call.ts'
import { walkByOffset } from '../../wire/walk.ts'
import { userOperationsAt } from '../scim/wire.ts'
import {
  addressOf,
  afterWrite,
  checkListed,
  checkUserSid,
  isGone,
  isTaken,
  noAddress,
  readAfter,
  readBack,
  type Reach,
  type Reader,
} from './connect-shared.ts'

const pageSize = 100

/** A User as the guide's examples show it; the public specification adds names and addresses. */
const ScimUser = z.object({
  id: z.string().min(1),
  userName: z.string(),
  active: z.boolean().nullish(),
  name: z.object({ givenName: z.string().nullish(), familyName: z.string().nullish() }).nullish(),
  emails: z.array(z.object({ value: z.string().nullish(), primary: z.boolean().nullish() })).nullish(),
})
type ScimUser = z.output<typeof ScimUser>
/** Only the id is sure to come back with a change. */
const ChangedScimUser = ScimUser.partial({ userName: true })
const ScimList = z.object({ totalResults: z.int(), Resources: z.array(z.unknown()).default([]) })

/** One SCIM API of Twilio's: `prefix` is where its resources lie below the remote's URL. */
export interface ScimAccess {
  readonly remote: Reach
  readonly prefix: string
}

/** The operations of a SCIM user, in our words. Roles are another API's. */
export type ScimUsers = ReturnType<typeof createScimUsers>

export function createScimUsers({ remote, prefix }: ScimAccess) {
  const operations = userOperationsAt({ prefix, name: 'scim' })
  const patch = async (accountId: string, steps: readonly object[]): Promise<void> => {
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: steps }
    const { value } = await call(await remote(), operations.patch, { params: { id: checkUserSid(accountId) }, body })
    if (value !== undefined) readMessage(ChangedScimUser, value, 'unknown')
  }

  return {
    /** How many users SCIM says there are, by a list of one. */
    async count(): Promise<number> {
      const { value } = await call(await remote(), operations.list, { query: { startIndex: '1', count: '1' } })
      return readMessage(ScimList, value, 'none').totalResults
    },

    async *list() {
      const fetch = async (from: number) => {
        const query = { startIndex: String(from + 1), count: String(pageSize) }
        const { value } = await call(await remote(), operations.list, { query })
        const { totalResults, Resources } = readMessage(ScimList, value, 'none')
        return { items: Resources.map((raw) => ({ user: readListed(raw), raw })), total: totalResults }
      }
      for await (const { items, total } of walkByOffset({ fetch, idOf: ({ user }) => user.id }))
        yield { accounts: items.map(({ user, raw }) => toAccount(user, raw)), declaredTotal: total }
    },

    async read(accountId: string): Promise<Account | undefined> {
      const id = checkUserSid(accountId)
      try {
        const { value } = await call(await remote(), operations.read, { params: { id } })
        return toAccount(readMessage(ScimUser, value, 'none'), value)
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    /** Answers the user as it was made; undefined where the address is taken. */
    async create(desired: DesiredAccount, userName: string): Promise<Account | undefined> {
      const { givenName, familyName } = desired
      try {
        const { value } = await call(await remote(), operations.create, {
          body: {
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            userName,
            ...((givenName || familyName) && { name: { ...(givenName && { givenName }), ...(familyName && { familyName }) } }),
            emails: [{ value: userName, primary: true }],
            active: true,
          },
        })
        return toAccount(readMessage(ScimUser, value, 'unknown'), value)
      } catch (error) {
        if (isTaken(error)) return undefined
        throw error
      }
    },

    /** Sends what differs between an account and what is desired of it; nothing where nothing does. */
    async change(account: Account, desired: DesiredAccount): Promise<void> {
      const steps = stepsOf(account, desired)
      if (steps.length > 0) await patch(account.id, steps)
    },

    setActive: (accountId: string, active: boolean) => patch(accountId, [{ op: 'replace', path: 'active', value: active }]),

    async remove(accountId: string): Promise<void> {
      try {
        await call(await remote(), operations.remove, { params: { id: checkUserSid(accountId) } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
  }
}

export function createScimReader(users: ScimUsers): Reader {
  return { paging: 'offset', list: () => users.list(), read: (accountId) => users.read(accountId), roles: async () => [] }
}

/**
 * Suspends and resumes, and makes sure by SCIM, where `active` is always shown. The answer is the account as `reader` shows it, with what SCIM knows of
 * its status.
 */
export function createSwitch(users: ScimUsers, reader: Pick<Reader, 'read'>): Required<Pick<VendorWriter, 'suspend' | 'resume'>> {
  const change = async (accountId: string, active: boolean): Promise<Account> => {
    await users.setActive(accountId, active)
    const { status } = await readAfter(users, accountId)
    if ((status === 'suspended') === active)
      throw afterWrite(`Twilio accepted the change and still shows the user as ${status}. Compare the user in the Console.`)
    return { ...(await readAfter(reader, accountId)), status }
  }
  return { suspend: (accountId) => change(accountId, false), resume: (accountId) => change(accountId, true) }
}

export function createScimWriter(users: ScimUsers, reader: Reader): Omit<VendorWriter, 'cancelInvitation'> {
  return {
    async create(desired) {
      const userName = addressOf(desired)
      if (userName === undefined) return { outcome: 'needsPerson', task: noAddress(desired) }
      const created = await users.create(desired, userName)
      if (!created) return { outcome: 'exists' }
      return { outcome: 'invited', account: await readBack(reader, created), expiresAt: undefined }
    },

    async update(accountId, desired) {
      const before = await readOrThrow(reader, accountId)
      if (stepsOf(before, desired).length === 0) return before
      await users.change(before, desired)
      const after = await readAfter(reader, accountId)
      checkKept(after, desired)
      return after
    },

    remove: (accountId) => users.remove(accountId),
    ...createSwitch(users, reader),
  }
}

export async function readOrThrow(reader: Pick<Reader, 'read'>, accountId: string): Promise<Account> {
  const account = await reader.read(accountId)
  if (account) return account
  throw new RemoteError(404, 'The user is gone at Twilio. Read the list again.', {
    retryable: false,
    effect: 'none',
    from: 'vendor',
  })
}

/** Throws where an account is not as it was asked to be. */
export function checkKept(account: Account, desired: DesiredAccount): void {
  const different = stepsOf(account, desired).map(({ path }) => path)
  if (different.length > 0)
    throw afterWrite(`Twilio accepted the update and did not keep ${different.join(', ')}. Compare the user in the Console.`)
}

/** What has to be replaced. The user name is the address, and the one primary address is the user name (TWIL-56, TWIL-P07). */
function stepsOf(account: Account, { email, givenName, familyName }: DesiredAccount) {
  const isMoved = email !== undefined && email.toLowerCase() !== account.userName.toLowerCase()
  const steps: { readonly op: 'replace'; readonly path: string; readonly value: unknown }[] = []
  if (isMoved) {
    steps.push({ op: 'replace', path: 'userName', value: email })
    steps.push({ op: 'replace', path: 'emails', value: [{ value: email, primary: true }] })
  }
  if (givenName !== undefined && givenName !== account.givenName)
    steps.push({ op: 'replace', path: 'name.givenName', value: givenName })
  if (familyName !== undefined && familyName !== account.familyName)
    steps.push({ op: 'replace', path: 'name.familyName', value: familyName })
  return steps
}

function readListed(raw: unknown): ScimUser {
  const user = readMessage(ScimUser, raw, 'none')
  checkListed(user.id)
  return user
}

/** A message that lacks what the guide shows is no answer: it may come from something else at this address. `effect` is what the request may have had. */
function readMessage<S extends z.ZodType>(schema: S, value: unknown, effect: RemoteError['effect']): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new RemoteError(200, 'SCIM answered with something else than a User or a list of Users. Check the SCIM URL.', {
    retryable: false,
    effect,
  })
}

const noRoles: readonly VendorRole[] = []

const toAccount = (user: ScimUser, raw: unknown): Account => ({
  id: user.id,
  userName: user.userName,
  email: user.userName.includes('@') ? user.userName : (primaryOf(user) ?? undefined),
  givenName: user.name?.givenName || undefined,
  familyName: user.name?.familyName || undefined,
  status: user.active == null ? 'unknown' : user.active ? 'active' : 'suspended',
  roles: noRoles,
  raw,
})

const primaryOf = ({ emails }: ScimUser) => (emails?.find(({ primary }) => primary) ?? emails?.[0])?.value
