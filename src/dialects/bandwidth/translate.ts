import { fromHex, toHex } from '../../directory/id.ts'
import { emailOf, withEmail, type Email, type Membership, type MemberState, type PersonName } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import type { Account } from '../../sync/vendor.ts'
import type { NewUser, ReplacedUser, User } from './wire.ts'

export const toAccountId = toHex
export const toUserId = (id: string): string => `u${toHex(id)}`
export const toRoleId = (id: string): string => `r${toHex(id)}`
/** Undefined for whatever is not a UserId of ours, such as a Username. */
export const fromUserId = (userId: string): string | undefined => (userId.startsWith('u') ? fromHex(userId.slice(1)) : undefined)
export const fromRoleId = (roleId: string): string | undefined => (roleId.startsWith('r') ? fromHex(roleId.slice(1)) : undefined)

/** Bandwidth knows the roles of the account alone, not those of its parts. */
export const accountRoles = (roles: readonly Role[]): readonly Role[] => roles.filter((role) => role.workspaceId === undefined)

/** A member as the account's user. What does not apply is left out, as the guide's examples do. */
export function toUser(member: Membership, roles: readonly Role[]): User {
  const email = emailOf(member)
  const held = accountRoles(roles).filter((role) => member.roleIds.includes(role.id))
  return {
    UserId: toUserId(member.id),
    Username: member.userName,
    ...(member.name.givenName && { FirstName: member.name.givenName }),
    ...(member.name.familyName && { LastName: member.name.familyName }),
    ...(email && { Email: email }),
    ...(held.length > 0 && { Roles: held.map((role) => ({ RoleId: toRoleId(role.id), RoleName: role.name })) }),
    ...(member.status === 'suspended' && { Enabled: false }),
  }
}

/** The four members that a creation answers (BAND-17). */
export function toCreatedUser(member: Membership): User {
  const { UserId, Username, FirstName, LastName } = toUser(member, [])
  return { UserId, Username, FirstName, LastName }
}

/** The same user for readers of the older form. */
export const toOlderUser = (user: User): User => ({ ...user, EmailAddress: user.Email })

/** `roleIds` are the ids that the request's roles stand for; `suspended` is what its Enabled means. */
export const fromNewUser = (user: NewUser, { roleIds, suspended }: Pick<MemberState, 'roleIds' | 'suspended'>): MemberState => ({
  userName: user.Username,
  externalId: undefined,
  displayName: undefined,
  name: { givenName: user.FirstName, familyName: user.LastName },
  emails: [{ value: user.Email, primary: true }],
  roleIds,
  suspended,
  attributes: {},
})

/** The state after a PUT: Bandwidth's own fields as sent or reset, everything else as it was. An empty field counts as one left out. */
export const fromReplacedUser = (
  current: MemberState,
  user: ReplacedUser,
  { roleIds, suspended }: Pick<MemberState, 'roleIds' | 'suspended'>,
): MemberState => ({
  ...current,
  userName: user.Username ?? current.userName,
  name: replaceName(current.name, user),
  emails: user.Email ? withEmail(current.emails, user.Email) : withoutEmail(current.emails),
  roleIds,
  suspended,
})

function replaceName(
  { givenName: _given, familyName: _family, ...rest }: PersonName,
  { FirstName, LastName }: ReplacedUser,
): PersonName {
  return { ...rest, ...(FirstName && { givenName: FirstName }), ...(LastName && { familyName: LastName }) }
}

/** Without the address that stood for the member. */
const withoutEmail = (emails: readonly Email[]): readonly Email[] => {
  const value = emailOf({ emails })
  return emails.filter((email) => email.value !== value)
}

/** The RoleIds that a request names, in either spelling. */
export const roleIdsIn = ({ Roles, RoleIds }: Pick<NewUser, 'Roles' | 'RoleIds'>): readonly string[] =>
  Roles?.map((role) => role.RoleId) ?? RoleIds ?? []

/** A vendor's user in our words. `raw` is the record as it came. */
export const fromUser = (user: User, raw: unknown): Account => ({
  id: user.UserId,
  userName: user.Username,
  email: user.Email || user.EmailAddress || undefined,
  givenName: user.FirstName || undefined,
  familyName: user.LastName || undefined,
  status: user.Enabled === false ? 'suspended' : 'active',
  roles: (user.Roles ?? []).map((role) => ({ id: role.RoleId, name: role.RoleName || role.RoleId })),
  raw,
})
