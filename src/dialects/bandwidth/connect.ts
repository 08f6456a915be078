import { z } from 'zod'
import type { Account, Capabilities, DesiredAccount, Vendor, VendorReader, VendorWriter } from '../../sync/vendor.ts'
import { call, callList, RemoteError, type Remote } from '../../wire/call.ts'
import type { Value } from '../../wire/operation.ts'
import type { ConnectOptions } from '../dialect.ts'
import { checkBandwidth } from './connect-check.ts'
import { basicAuthorization, parseBaseUrl, parseCredentials } from './credentials.ts'
import { generatePassword } from './password.ts'
import { fromUser } from './translate.ts'
import { createUser, deleteUser, getUser, listRoles, listUsers, updateUserKeeping, User, type NewUser } from './wire.ts'

const timeoutMs = 30_000

const capabilities: Capabilities = {
  create: true,
  update: true,
  suspend: false,
  remove: true,
  setRoles: true,
  invite: false,
  cancelInvitation: false,
  notes: [
    'Removal is final: Bandwidth deletes the user and cannot bring it back.',
    'Before a removal, make sure in the Dashboard that the user has no active sub-accounts or resources: the API cannot tell.',
    'Bandwidth documents no way to suspend a user. Whoever must be locked out has to be removed.',
    'A created user gets a random password that nobody knows; they sign in by single sign-on or reset it.',
    'Bandwidth has no SCIM and no user webhooks: changes made there are found by reading the list.',
  ],
}

/** Calls Bandwidth's Dashboard API. Throws ConfigError when the credentials or the base URL cannot be used. */
export function connectBandwidth(options: ConnectOptions): Vendor {
  const credentials = parseCredentials(options.credentials)
  const remote: Remote = {
    baseUrl: parseBaseUrl(options.baseUrl),
    headers: { authorization: basicAuthorization(credentials), accept: 'application/json', 'content-type': 'application/json' },
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  }
  const reader = createReader(remote, credentials.accountId)
  const writer = createWriter(remote, { accountId: credentials.accountId, reader, randomBytes: options.randomBytes })
  return { name: 'bandwidth', capabilities, reader, writer }
}

const Records = z.object({ Users: z.array(z.unknown()) })

function createReader(remote: Remote, accountId: string): VendorReader {
  return {
    async *list() {
      const { portions } = await callList(remote, listUsers, { params: { accountId } })
      let isFirst = true
      for (const { value, raw } of portions) {
        const records = Records.parse(raw).Users
        const accounts = value.Users.map((user, index) => fromUser(user, records[index]))
        yield { accounts, declaredTotal: undefined, ...(!isFirst && { continues: true }) }
        isFirst = false
      }
    },

    async read(accountIdAtVendor) {
      try {
        const answer = await call(remote, getUser, { params: { accountId, userId: accountIdAtVendor } })
        return fromUser(answer.value, answer.raw)
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    async roles() {
      const { value } = await call(remote, listRoles, { params: { accountId } })
      return value.Roles.map((role) => ({ id: role.RoleId, name: role.RoleName }))
    },

    check: () => checkBandwidth(remote, accountId),
  }
}

function createWriter(
  remote: Remote,
  {
    accountId,
    reader,
    randomBytes,
  }: { readonly accountId: string; readonly reader: VendorReader; readonly randomBytes: ConnectOptions['randomBytes'] },
): VendorWriter {
  return {
    async create(desired) {
      const { userName, givenName, familyName, email, roleIds } = desired
      if (!givenName || !familyName || !email) return { outcome: 'needsPerson', task: whatIsMissing(desired) }
      const body: NewUser = {
        Username: userName,
        FirstName: givenName,
        LastName: familyName,
        Email: email,
        Password: generatePassword(randomBytes),
        ...(roleIds.length > 0 && { Roles: toRoles(roleIds) }),
      }
      try {
        const answer = await call(remote, createUser, { params: { accountId }, body })
        return { outcome: 'done', account: await readBack(reader, fromUser(answer.value, answer.raw)) }
      } catch (error) {
        if (error instanceof RemoteError && error.status === 409 && error.from === 'vendor') return { outcome: 'exists' }
        throw error
      }
    },

    async update(userId, desired) {
      const params = { accountId, userId }
      const before = await call(remote, getUser, { params })
      await call(remote, updateUserKeeping, { params, body: mergeUser(before, desired) })
      const after = await reader.read(userId).catch((cause: unknown) => {
        throw afterWrite('The user was updated and could not be read back. Read it again.', cause)
      })
      if (!after) throw afterWrite('The user was updated and is gone now. Read the list again.')
      const different = differences(after, desired)
      if (different.length > 0)
        throw afterWrite(
          `Bandwidth accepted the update and did not keep ${different.join(', ')}. Compare the user in the Dashboard.`,
        )
      return after
    },

    async remove(userId) {
      try {
        await call(remote, deleteUser, { params: { accountId, userId } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
  }
}

/** The vendor itself says that there is no such user; a proxy's page says nothing of the kind. */
const isGone = (error: unknown): boolean => error instanceof RemoteError && error.status === 404 && error.from === 'vendor'

/** The record as it stands now, or, when it cannot be read right after its creation, as the creation answered it: the UserId must not be lost. */
async function readBack(reader: VendorReader, created: Account): Promise<Account> {
  try {
    return (await reader.read(created.id)) ?? created
  } catch (error) {
    if (error instanceof RemoteError) return created
    throw error
  }
}

/** The whole record to put back: as it was read, with what we own laid over it. An attribute without a desired value is not ours and stays. */
function mergeUser(
  { value, raw }: { readonly value: User; readonly raw: unknown },
  desired: DesiredAccount,
): Value<typeof updateUserKeeping.request> {
  const unread = Object.entries(z.looseObject({}).parse(raw)).filter(([key]) => !Object.hasOwn(User.shape, key))
  const email = desired.email ?? value.Email ?? value.EmailAddress ?? undefined
  return {
    ...Object.fromEntries(unread),
    Username: desired.userName,
    FirstName: desired.givenName ?? value.FirstName ?? undefined,
    LastName: desired.familyName ?? value.LastName ?? undefined,
    [value.EmailAddress != null && value.Email == null ? 'EmailAddress' : 'Email']: email,
    Roles: toRoles(desired.roleIds),
    Enabled: value.Enabled ?? undefined,
  }
}

const toRoles = (roleIds: readonly string[]) => roleIds.map((RoleId) => ({ RoleId }))

/** Names the attributes that are not as desired. User names and addresses are compared without regard to case. */
function differences(account: Account, desired: DesiredAccount): readonly string[] {
  const same = (is: string | undefined, wanted: string | undefined) => wanted === undefined || is === wanted
  const sameFolded = (is: string | undefined, wanted: string | undefined) => same(is?.toLowerCase(), wanted?.toLowerCase())
  const held = new Set(account.roles.map((role) => role.id))
  return [
    ...(sameFolded(account.userName, desired.userName) ? [] : ['Username']),
    ...(same(account.givenName, desired.givenName) ? [] : ['FirstName']),
    ...(same(account.familyName, desired.familyName) ? [] : ['LastName']),
    ...(sameFolded(account.email, desired.email) ? [] : ['Email']),
    ...(held.size === new Set(desired.roleIds).size && desired.roleIds.every((id) => held.has(id)) ? [] : ['Roles']),
  ]
}

/** A failure after Bandwidth had accepted a write: what stands there has to be read, and nothing may be sent again blindly. */
const afterWrite = (message: string, cause?: unknown) =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })

function whatIsMissing({ userName, givenName, familyName, email }: DesiredAccount): string {
  const missing = [
    ...(givenName ? [] : ['a first name']),
    ...(familyName ? [] : ['a last name']),
    ...(email ? [] : ['an e-mail address']),
  ]
  return `Bandwidth creates no user without ${missing.join(' and ')}. Add it to ${userName} in the directory, or create the user in the Dashboard.`
}
