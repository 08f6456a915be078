import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { stateOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { Operation } from '../../wire/operation.ts'
import type { ServeServices } from '../dialect.ts'
import { isStrong } from './password.ts'
import { parseBandwidthSettings } from './settings.ts'
import {
  accountRoles,
  fromNewUser,
  fromReplacedUser,
  fromRoleId,
  fromUserId,
  roleIdsIn,
  toAccountId,
  toCreatedUser,
  toOlderUser,
  toRoleId,
  toUser,
  toUserId,
} from './translate.ts'
import {
  createUser,
  deleteUser,
  getUser,
  listOwnUsers,
  listRoles,
  listUsers,
  updateUser,
  type NewUser,
  type ReplacedUser,
  type User,
} from './wire.ts'

/** How many members one query brings while a list is put together. */
const pageSize = 500

/** Serves the six operations of the guide, and the older list without an account. */
export function serveBandwidth(mount: Mount<Call>, { directory, baseUrlOf, settings: raw }: ServeServices): void {
  const settings = parseBandwidthSettings(raw)

  mount(listUsers, async (call, { params }) => {
    checkAccount(call, params)
    return { value: { Users: await usersOf(call) } }
  })

  mount(listOwnUsers, async (call) => {
    const users = await usersOf(call)
    return { value: { Users: users.map(toOlderUser) } }
  })

  mount(getUser, async (call, { params }) => {
    checkAccount(call, params)
    const member = await directory.getMember(call, { id: memberIdIn(params) })
    return { value: toUser(member, await directory.listRoles(call, {})) }
  })

  mount(createUser, async (call, { params, body }) => {
    checkAccount(call, params)
    checkPassword(body)
    const roleIds = rolesAskedFor(body, await directory.listRoles(call, {}))
    if (body.Enabled === false && !settings.honourEnabled) throw enabledRefused()
    const state = fromNewUser(body, { roleIds, suspended: body.Enabled === false })
    const { member } = await directory.addMember(call, { state, as: 'active' })
    const location = `${baseUrlOf(call)}/accounts/${toAccountId(call.organizationId)}/users/${toUserId(member.id)}`
    return { value: toCreatedUser(member), headers: { location } }
  })

  mount(updateUser, async (call, { params, body }) => {
    checkAccount(call, params)
    const id = memberIdIn(params)
    checkReplacement(body, params)
    checkPassword(body)
    const roles = await directory.listRoles(call, {})
    const asked = rolesAskedFor(body, roles)
    const change = (current: Membership): MemberState => {
      const suspended = suspendedAfter(current, body)
      return fromReplacedUser(stateOf(current), body, { roleIds: rolesAfter(current, asked, roles), suspended })
    }
    const member = await directory.changeMember(call, { id, change, sessions: 'keep' })
    return { value: toUser(member, roles) }
  })

  mount(deleteUser, async (call, { params }) => {
    checkAccount(call, params)
    await directory.removeMember(call, { id: memberIdIn(params) })
    return { value: {} }
  })

  mount(listRoles, async (call, { params }) => {
    checkAccount(call, params)
    const roles = accountRoles(await directory.listRoles(call, {}))
    return { value: { Roles: roles.map((role) => ({ RoleId: toRoleId(role.id), RoleName: role.name })) } }
  })

  async function usersOf(call: Call): Promise<User[]> {
    const roles = await directory.listRoles(call, {})
    const users: User[] = []
    for (let after: string | undefined; ;) {
      const page = await directory.listMembers(call, { after, limit: pageSize })
      for (const member of page) users.push(toUser(member, roles))
      after = page.at(-1)?.id
      if (page.length < pageSize) return users
      // A long list must not hold up whoever asks for less.
      await nextTurn()
    }
  }

  /** Checked and then forgotten: this directory signs nobody in and keeps no password. The message does not tell the rule (BAND-14). */
  function checkPassword({ Password }: Pick<ReplacedUser, 'Password'>): void {
    if (Password !== undefined && !isStrong(Password, { minimumLength: settings.passwordMinimum }))
      throw new DirectoryError('weakPassword', 'The password was not accepted. Choose a stronger one.', { field: 'Password' })
  }

  function checkReplacement(body: ReplacedUser, params: Incoming<Operation>['params']): void {
    if (body.UserId !== undefined && body.UserId !== params['userId'])
      throw new DirectoryError('readOnly', 'UserId cannot be changed. Leave it out.', { field: 'UserId' })
    if (!settings.strictPut) return
    for (const field of ['FirstName', 'LastName', 'Email'] as const)
      if (!body[field]) throw new DirectoryError('invalid', `A PUT replaces the whole user. Send ${field} as well.`, { field })
  }

  function suspendedAfter(current: Membership, { Enabled }: ReplacedUser): boolean {
    const suspended = current.status === 'suspended'
    if (settings.honourEnabled) return Enabled === false
    if (Enabled !== undefined && Enabled === suspended) throw enabledRefused()
    return suspended
  }
}

/** Refuses the account of another organization, whether it exists or not. */
function checkAccount(call: Call, params: Incoming<Operation>['params']): void {
  if (params['accountId'] !== toAccountId(call.organizationId))
    throw new DirectoryError('foreign', 'These credentials belong to another account. Use the accountId that came with them.', {
      field: 'accountId',
    })
}

function memberIdIn(params: Incoming<Operation>['params']): string {
  const id = fromUserId(params['userId'] ?? '')
  if (id === undefined)
    throw new DirectoryError('notFound', 'There is no such user. Use the UserId, not the Username.', { field: 'userId' })
  return id
}

/** The directory's ids of the roles that a request names, each once. */
function rolesAskedFor(body: Pick<NewUser, 'Roles' | 'RoleIds'>, roles: readonly Role[]): readonly string[] {
  if (body.Roles && body.RoleIds) throw new DirectoryError('invalid', 'Send Roles or RoleIds, not both.', { field: 'RoleIds' })
  const known = new Set(accountRoles(roles).map((role) => role.id))
  const asked = roleIdsIn(body).map((roleId) => {
    const id = fromRoleId(roleId)
    if (id === undefined || !known.has(id))
      throw new DirectoryError('invalid', 'A RoleId does not exist in this account. List the roles for their ids.', {
        field: 'Roles',
      })
    return id
  })
  return [...new Set(asked)]
}

/** The roles asked for, and those that Bandwidth does not know and therefore cannot take away. */
function rolesAfter(current: Membership, asked: readonly string[], roles: readonly Role[]): readonly string[] {
  const known = new Set(accountRoles(roles).map((role) => role.id))
  return [
    ...current.roleIds.filter((id) => !known.has(id) || asked.includes(id)),
    ...asked.filter((id) => !current.roleIds.includes(id)),
  ]
}

const enabledRefused = () =>
  new DirectoryError('invalid', 'Enabled cannot be changed in this account. Delete the user, or leave Enabled out.', {
    field: 'Enabled',
  })
