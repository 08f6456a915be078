import type { Account, DesiredAccount, VendorWriter } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import type { ScimFeatures } from './connect-features.ts'
import type { ScimGroups } from './connect-groups.ts'
import { isGone, mainEmail, toAccount, type ScimUsers } from './connect-read.ts'
import { readAnswer, ScimUser, userCalls } from './connect-wire.ts'

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** One attribute as it is to become. */
interface Assignment {
  readonly path: 'userName' | 'name.givenName' | 'name.familyName' | 'emails' | 'active'
  readonly value: unknown
}

export interface ScimParts {
  readonly users: ScimUsers
  readonly groups: ScimGroups
  readonly features: () => Promise<ScimFeatures>
}

type ScimWriter = Required<Pick<VendorWriter, 'create' | 'update' | 'remove' | 'suspend' | 'resume'>>

export function createScimWriter(remote: Remote, { users, groups, features }: ScimParts): ScimWriter {
  const need = async (id: string): Promise<ScimUser> => {
    const user = await users.readRaw(id)
    if (user) return user
    throw new RemoteError(404, 'There is no such user any more. Read the list again.', {
      retryable: false,
      effect: 'none',
      from: 'vendor',
    })
  }

  const change = async (user: ScimUser, assignments: readonly Assignment[]): Promise<void> => {
    if (assignments.length === 0) return
    const { patch, etag } = await features()
    const version = etag ? user.meta?.version : undefined
    const guarded = version ? { ...remote, headers: { ...remote.headers, 'if-match': version } } : remote
    const params = { id: user.id }
    if (patch) {
      const Operations = assignments.map(({ path, value }) => ({ op: 'replace', path, value }))
      await call(guarded, userCalls.patch, { params, body: { schemas: [patchSchema], Operations } })
    } else await call(guarded, userCalls.replace, { params, body: merged(user, assignments) })
  }

  const readBack = async (id: string): Promise<Account> => {
    const account = await users.read(id).catch((cause: unknown) => {
      throw afterWrite('The user was changed and could not be read back. Read it again.', cause)
    })
    if (!account) throw afterWrite('The user was changed and is gone now. Read the list again.')
    return account
  }

  const setActive = async (id: string, active: boolean): Promise<Account> => {
    const user = await need(id)
    if (user.active !== active) await change(user, [{ path: 'active', value: active }])
    const account = await readBack(id)
    const wanted = active ? 'active' : 'suspended'
    if (account.status === wanted) return account
    throw afterWrite(
      `The server accepted active = ${active} and shows the user as ${account.status}. Look at the user in its console.`,
    )
  }

  return {
    async create(desired) {
      try {
        const { value } = await call(remote, userCalls.create, { body: newUser(desired) })
        const created = readAnswer(ScimUser, value, 'unknown')
        const account = await users.read(created.id).catch(ignoreRemote)
        return { outcome: 'done', account: account ?? toAccount(created, []) }
      } catch (error) {
        if (!(error instanceof RemoteError) || error.status !== 409 || error.from !== 'vendor') throw error
        const account = await users.find(desired.userName).catch(ignoreRemote)
        return { outcome: 'exists', ...(account && { account }) }
      }
    },

    async update(id, desired) {
      const user = await need(id)
      await change(user, assignmentsFor(user, desired))
      const held = (await readBack(id)).roles.map((role) => role.id)
      const out = held.filter((roleId) => !desired.roleIds.includes(roleId))
      const into = desired.roleIds.filter((roleId) => !held.includes(roleId))
      await groups.set(id, { out, into })
      const after = await readBack(id)
      const different = differences(after, desired)
      if (different.length === 0) return after
      throw afterWrite(
        `The server accepted the update and did not keep ${different.join(', ')}. Compare the user in its console.`,
      )
    },

    async remove(id) {
      try {
        await call(remote, userCalls.remove, { params: { id } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },

    suspend: (id) => setActive(id, false),
    resume: (id) => setActive(id, true),
  }
}

const newUser = ({ userName, givenName, familyName, email }: DesiredAccount) => ({
  schemas: [userSchema],
  userName,
  ...((givenName || familyName) && { name: { ...(givenName && { givenName }), ...(familyName && { familyName }) } }),
  ...(email && { emails: [{ value: email, type: 'work', primary: true }] }),
  active: true,
})

/** What differs, and no more. An attribute without a desired value is not ours and stays. */
function assignmentsFor(user: ScimUser, desired: DesiredAccount): readonly Assignment[] {
  const { userName, givenName, familyName, email } = desired
  const main = mainEmail(user)
  const is = toAccount(user, [])
  return [
    ...(sameFolded(userName, is.userName) ? [] : [{ path: 'userName', value: userName } as const]),
    ...(same(givenName, is.givenName) ? [] : [{ path: 'name.givenName', value: givenName } as const]),
    ...(same(familyName, is.familyName) ? [] : [{ path: 'name.familyName', value: familyName } as const]),
    ...(sameFolded(email, is.email) ? [] : [{ path: 'emails', value: withEmail(user, main, email) } as const]),
  ]
}

function withEmail(user: ScimUser, main: NonNullable<ScimUser['emails']>[number] | undefined, value: string | undefined) {
  const emails = user.emails ?? []
  return main
    ? emails.map((email) => (email === main ? withValue(email, value) : email))
    : [...emails, { value, type: 'work', primary: true }]
}

const withValue = <T extends object>(email: T, value: string | undefined) => ({ ...email, value })

/** The whole User to put back: as it was read, with what we own laid over it. What the server alone keeps is left out. */
function merged(user: ScimUser, assignments: readonly Assignment[]): Readonly<Record<string, unknown>> {
  const { meta: _, groups: __, ...kept } = user
  const become = new Map<string, unknown>(assignments.map(({ path, value }) => [path, value]))
  const pick = (path: Assignment['path'], current: unknown) => (become.has(path) ? become.get(path) : current)
  const givenName = pick('name.givenName', kept.name?.givenName)
  const familyName = pick('name.familyName', kept.name?.familyName)
  return {
    ...kept,
    userName: pick('userName', kept.userName),
    ...(kept.name || givenName || familyName ? { name: { ...kept.name, givenName, familyName } } : {}),
    emails: pick('emails', kept.emails),
    active: pick('active', kept.active),
  }
}

/** Names the attributes that are not as desired. */
function differences(account: Account, desired: DesiredAccount): readonly string[] {
  const held = new Set(account.roles.map((role) => role.id))
  return [
    ...(sameFolded(desired.userName, account.userName) ? [] : ['userName']),
    ...(same(desired.givenName, account.givenName) ? [] : ['name.givenName']),
    ...(same(desired.familyName, account.familyName) ? [] : ['name.familyName']),
    ...(sameFolded(desired.email, account.email) ? [] : ['emails']),
    ...(held.size === new Set(desired.roleIds).size && desired.roleIds.every((id) => held.has(id)) ? [] : ['groups']),
  ]
}

const same = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is
const sameFolded = (wanted: string | undefined, is: string | undefined): boolean => same(wanted?.toLowerCase(), is?.toLowerCase())

/** A failure after the server had accepted a write: what stands there has to be read, and nothing may be sent again blindly. */
const afterWrite = (message: string, cause?: unknown) =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })

function ignoreRemote(error: unknown): undefined {
  if (!(error instanceof RemoteError)) throw error
}
