import { fold } from '../../directory/fold.ts'
import type { Group } from '../../directory/group.ts'
import { emailOf, withEmail, type Membership, type MemberState, type PersonName } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import { changedAtOf, type Account } from '../../sync/vendor.ts'
import { organizationRoles, toRoleValue } from './roles.ts'
import type { NewUser, User, UserChange } from './wire.ts'

/** A member as MessageBird's user. `groups` are the member's: where they hold no role directly, the one that a group grants is shown. */
export function toUser(
  member: Membership,
  { roles, groups }: { readonly roles: readonly Role[]; readonly groups: readonly Group[] },
): User {
  const role = shownRole(member, { roles, groups })
  return {
    id: member.id,
    email: addressOf(member),
    ...(member.name.givenName && { firstName: member.name.givenName }),
    ...(member.name.familyName && { lastName: member.name.familyName }),
    ...(role && { role: toRoleValue(role, roles) }),
    status: member.status,
    createdAt: member.createdAt.toISOString(),
    updatedAt: member.updatedAt.toISOString(),
  }
}

/** The one role that MessageBird shows: the first of the organization's list that the member holds directly, else through a group. */
export function shownRole(
  member: Pick<Membership, 'roleIds'>,
  { roles, groups }: { readonly roles: readonly Role[]; readonly groups: readonly Group[] },
): Role | undefined {
  const known = organizationRoles(roles)
  const granted = new Set(groups.flatMap((group) => group.roleIds))
  return known.find(({ id }) => member.roleIds.includes(id)) ?? known.find(({ id }) => granted.has(id))
}

/** Every user of MessageBird has an address: where a member has none, the user name stands for it. */
const addressOf = (member: Membership): string => emailOf(member) ?? member.userName

export const fromNewUser = (user: NewUser, roleIds: readonly string[]): MemberState => ({
  userName: user.email,
  externalId: undefined,
  displayName: undefined,
  name: changedName({}, user),
  emails: [{ value: user.email, primary: true }],
  roleIds,
  suspended: false,
  attributes: {},
})

/** The state after a PATCH: the fields that were sent, everything else as it was. A user name that is the address moves with it. */
export function fromUserChange(
  current: MemberState,
  { email, ...change }: UserChange,
  { roleIds, suspended }: Pick<MemberState, 'roleIds' | 'suspended'>,
): MemberState {
  const isAddress = fold(current.userName) === fold(emailOf(current) ?? current.userName) && current.userName.includes('@')
  return {
    ...current,
    name: changedName(current.name, change),
    ...(email !== undefined && {
      userName: isAddress ? email : current.userName,
      emails: withEmail(current.emails, email),
    }),
    roleIds,
    suspended,
  }
}

/** Given and family name as sent; what was not sent stays, empty or null clears. */
function changedName(current: PersonName, sent: Pick<UserChange, 'firstName' | 'lastName'>): PersonName {
  const { givenName, familyName, ...rest } = current
  const given = sent.firstName === undefined ? givenName : sent.firstName
  const family = sent.lastName === undefined ? familyName : sent.lastName
  return { ...rest, ...(given && { givenName: given }), ...(family && { familyName: family }) }
}

/** A vendor's user in our words. `raw` is the record as it came. The address is the user name: MessageBird has no other. */
export const fromUser = (user: User, raw: unknown): Account => ({
  id: user.id,
  userName: user.email,
  email: user.email,
  givenName: user.firstName || undefined,
  familyName: user.lastName || undefined,
  status: statusOf(user.status),
  roles: user.role ? [{ id: user.role, name: user.role }] : [],
  ...changedAtOf(user.updatedAt),
  raw,
})

const statusOf = (status: string | null | undefined): Account['status'] =>
  status === 'active' || status === 'invited' || status === 'suspended' ? status : 'unknown'
