import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { isId } from '../../directory/id.ts'
import { stateOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { Operation } from '../../wire/operation.ts'
import type { ServeServices } from '../dialect.ts'
import { modeOf } from './credentials.ts'
import { findRole, organizationRoles } from './roles.ts'
import { readingToo } from './scopes.ts'
import { serveScim } from './scim.ts'
import { parseMessagebirdSettings, type Settings } from './settings.ts'
import { onTestData } from './test-data.ts'
import { fromNewUser, fromUserChange, shownRole, toUser } from './translate.ts'
import { createUser, deleteUser, getUser, listUsers, updateUser, type User, type UserChange } from './wire.ts'

const usualLimit = 20
const maxLimit = 100

/** Serves both of MessageBird's APIs over the same people: `/users`, and SCIM 2.0 at `/scim/v2`. */
export function serveMessageBird(mount: Mount<Call>, services: ServeServices): void {
  serveUsers(mount, services)
  serveScim(mount, services)
}

function serveUsers(mount: Mount<Call>, { directory, settings: raw }: ServeServices): void {
  const settings = parseMessagebirdSettings(raw)

  /** The call on the data that the key sees: the organization's, or its test data. */
  async function callOf(call: Call, { headers }: Pick<Incoming<Operation>, 'headers'>): Promise<Call> {
    if (call.workspaceId !== undefined)
      throw new DirectoryError('wrongCredential', 'This key belongs to a project. Use a key of the organization.')
    return modeOf(headers['authorization']) === 'test' ? onTestData(directory, call) : call
  }

  mount(listUsers, async (visitor, incoming) => {
    const { limit, offset } = pageIn(incoming.query, settings)
    const call = await callOf(visitor, incoming)
    const members = await directory.listMembers(call, { offset, limit })
    const count = await directory.countMembers(call, {})
    return { value: { offset, limit, count, totalCount: count, items: await usersOf(call, members) } }
  })

  mount(getUser, async (visitor, incoming) => {
    const call = await callOf(visitor, incoming)
    return { value: await userOf(call, await directory.getMember(call, { id: idIn(incoming) })) }
  })

  mount(createUser, async (visitor, incoming) => {
    const call = readingToo(await callOf(visitor, incoming))
    const role = await roleNamed(call, incoming.body.role)
    const state = fromNewUser(incoming.body, role ? [role.id] : [])
    const mail = call.organizationId === visitor.organizationId ? 'send' : 'keep'
    const { member } = await directory.addMember(call, { state, as: 'invited', mail })
    const { id, email, status } = await userOf(call, member)
    return { value: { id, email, status } }
  })

  mount(updateUser, async (visitor, incoming) => {
    const call = readingToo(await callOf(visitor, incoming))
    const { body } = incoming
    const id = idIn(incoming)
    const role = await roleNamed(call, body.role)
    const roles = await directory.listRoles(call, undefined)
    const change = (current: Membership): MemberState =>
      fromUserChange(stateOf(current), body, {
        roleIds: role ? rolesAfter(current, role, roles) : current.roleIds,
        suspended: suspendedAfter(current, body),
      })
    const member = await directory.changeMember(call, { id, change, sessions: 'end' })
    return { value: changedPart(await userOf(call, member), body) }
  })

  mount(deleteUser, async (visitor, incoming) => {
    const call = readingToo(await callOf(visitor, incoming))
    await directory.removeMember(call, { id: idIn(incoming) })
    return { value: undefined }
  })

  async function usersOf(call: Call, members: readonly Membership[]): Promise<User[]> {
    if (members.length === 0) return []
    const roles = await directory.listRoles(call, undefined)
    const groups = await directory.listGroupsOfMembers(call, { ids: members.map(({ id }) => id) })
    return members.map((member) => toUser(member, { roles, groups: groups.get(member.id) ?? [] }))
  }
  const userOf = async (call: Call, member: Membership): Promise<User> => (await usersOf(call, [member]))[0]!

  async function roleNamed(call: Call, value: string | undefined): Promise<Role | undefined> {
    if (value === undefined) return undefined
    const role = findRole(value, await directory.listRoles(call, undefined))
    if (!role) throw new DirectoryError('invalid', 'The organization has no such role.', { field: 'role' })
    return role
  }
}

function pageIn(
  { limit = usualLimit, offset = 0 }: { readonly limit?: number | undefined; readonly offset?: number | undefined },
  { limitAboveMaximum }: Settings,
) {
  if (limit < 1 || (limit > maxLimit && limitAboveMaximum === 'refuse'))
    throw new DirectoryError('invalid', `limit must be from 1 to ${maxLimit}.`, { field: 'limit' })
  if (offset < 0) throw new DirectoryError('invalid', 'offset must be 0 or more.', { field: 'offset' })
  return { limit: Math.min(limit, maxLimit), offset }
}

/** Any text may stand in the path; what is no id of ours is simply not found (MBRD-Q12). */
function idIn({ params }: Pick<Incoming<Operation>, 'params'>): string {
  const id = params['userId'] ?? ''
  if (!isId(id)) throw new DirectoryError('notFound', 'There is no such user in this organization.', { field: 'userId' })
  return id
}

/** The one role takes the place of those that MessageBird knows; the role that is shown already changes nothing. */
function rolesAfter(current: Membership, role: Role, roles: readonly Role[]): readonly string[] {
  if (shownRole(current, { roles, groups: [] })?.id === role.id) return current.roleIds
  const known = new Set(organizationRoles(roles).map(({ id }) => id))
  return [...current.roleIds.filter((id) => !known.has(id)), role.id]
}

/** Active and suspended may be set; nobody becomes active without accepting, nor invited again (MBRD-Q07, MBRD-51). */
function suspendedAfter(current: Membership, { status }: Pick<UserChange, 'status'>): boolean {
  const suspended = current.status === 'suspended'
  if (status === undefined || status === current.status) return suspended
  if (status === 'suspended') return true
  if (status === 'active' && suspended) return false
  throw new DirectoryError(
    'invalid',
    status === 'active'
      ? 'An invited user becomes active by accepting the invitation.'
      : 'status can be set to active or suspended.',
    { field: 'status' },
  )
}

/** The id, each field that was sent and means something, and when. */
function changedPart(user: User, body: UserChange): Pick<User, 'id' | 'updatedAt'> & Partial<User> {
  const { id, updatedAt } = user
  const sent = (['email', 'firstName', 'lastName', 'role', 'status'] as const).filter((name) => body[name] !== undefined)
  return { id, ...Object.fromEntries(sent.map((name) => [name, user[name] ?? null])), updatedAt }
}
