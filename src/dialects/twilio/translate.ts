import { fold } from '../../directory/fold.ts'
import { emailOf, withEmail, type Membership, type MemberState, type PersonName } from '../../directory/membership.ts'
import type { Organization, Workspace } from '../../directory/organization.ts'
import type { Role } from '../../directory/role.ts'
import { fromRoleSid, fromSid, toSid } from './sid.ts'
import type { Account, ChangedUser, NewUser, User } from './wire.ts'
import type { OrganizationAccount } from './wire-public.ts'

/** Twilio's own dates have whole seconds. */
export const toIsoDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
/** As RFC 2822 has it, which the 2010 API still speaks. */
export const toMailDate = (date: Date): string => date.toUTCString().replace('GMT', '+0000')

/** The roles of the organization itself; those of its parts are not a user's `role_sid`. */
export const organizationRoles = (roles: readonly Role[]): readonly Role[] =>
  roles.filter((role) => role.workspaceId === undefined)

/** The login address: the user name where it is an address, as SCIM has it (TWIL-56), else the address that stands for the member. */
export const loginOf = (member: Pick<MemberState, 'userName' | 'emails'>): string =>
  member.userName.includes('@') ? member.userName : (emailOf(member) ?? member.userName)

/** A member as a user. Of several roles the first of the organization's list is shown. No label goes with it (TWIL-29). */
export function toUser(member: Membership, { roles, base }: { readonly roles: readonly Role[]; readonly base: string }): User {
  const role = organizationRoles(roles).find(({ id }) => member.roleIds.includes(id))
  const sid = toSid('US', member.id)
  return {
    sid,
    email: loginOf(member),
    friendly_name: member.displayName ?? null,
    role_sid: role ? toSid('RL', role.id) : null,
    date_created: toIsoDate(member.createdAt),
    date_updated: toIsoDate(member.updatedAt),
    account_sid: toSid('AC', member.organizationId),
    ...(member.name.givenName && { first_name: member.name.givenName }),
    ...(member.name.familyName && { last_name: member.name.familyName }),
    active: member.status !== 'suspended',
    url: `${base}/v1/Organizations/${toSid('OR', member.organizationId)}/Users/${sid}`,
  }
}

/** `roleIds` are the ids that the request's RoleSid stands for. */
export const fromNewUser = (user: NewUser, roleIds: readonly string[]): MemberState => ({
  userName: user.Email,
  externalId: undefined,
  displayName: user.FriendlyName || undefined,
  name: nameAfter({}, user),
  emails: [{ value: user.Email, primary: true }],
  roleIds,
  suspended: user.Active === false,
  attributes: {},
})

/** The state after an update: what was sent, and everything else as it was. An empty FriendlyName, FirstName or LastName takes it away. */
export function fromChangedUser(current: MemberState, user: ChangedUser, roleIds: readonly string[]): MemberState {
  return {
    ...current,
    ...(user.Email !== undefined && addressesAfter(current, user.Email)),
    ...(user.FriendlyName !== undefined && { displayName: user.FriendlyName || undefined }),
    name: nameAfter(current.name, user),
    roleIds,
    suspended: user.Active === undefined ? current.suspended : !user.Active,
  }
}

/** The login address is the user name where that is one; an e-mail address that was the same goes with it. */
function addressesAfter(current: MemberState, address: string): Pick<MemberState, 'userName' | 'emails'> {
  const isLogin = current.userName.includes('@')
  const email = emailOf(current)
  const follows = !isLogin || email === undefined || fold(email) === fold(current.userName)
  return {
    userName: isLogin ? address : current.userName,
    emails: follows ? withEmail(current.emails, address) : current.emails,
  }
}

function nameAfter(
  { givenName, familyName, ...rest }: PersonName,
  { FirstName, LastName }: Pick<ChangedUser, 'FirstName' | 'LastName'>,
): PersonName {
  const given = FirstName ?? givenName
  const family = LastName ?? familyName
  return { ...rest, ...(given && { givenName: given }), ...(family && { familyName: family }) }
}

/** A workspace as a subaccount. Those here are neither suspended nor closed, and have no auth token. */
export function toAccount({ id, organizationId, name, createdAt }: Workspace): Account {
  const sid = toSid('AC', id)
  return {
    sid,
    friendly_name: name,
    status: 'active',
    owner_account_sid: toSid('AC', organizationId),
    type: 'Full',
    date_created: toMailDate(createdAt),
    date_updated: toMailDate(createdAt),
    uri: `/2010-04-01/Accounts/${sid}.json`,
  }
}

/** The main account, or a subaccount, as the organization sees it. */
export const toOrganizationAccount = ({
  id,
  name,
  createdAt,
}: Pick<Organization | Workspace, 'id' | 'name' | 'createdAt'>): OrganizationAccount => ({
  account_sid: toSid('AC', id),
  friendly_name: name,
  status: 'active',
  date_created: toIsoDate(createdAt),
})

/** Where a role applies: the organization, or the subaccount that it belongs to. */
export const scopeOf = (role: Role): string =>
  role.workspaceId === undefined ? toSid('OR', role.organizationId) : toSid('AC', role.workspaceId)

/** Whether a scope names the place of a role. The main account stands for the organization. */
export const isScopeOf = (scope: string, role: Role): boolean =>
  scope === scopeOf(role) || (role.workspaceId === undefined && scope === toSid('AC', role.organizationId))

/** A role of the list by its SID, in either spelling; undefined where there is none. */
export function findRole(sid: string, roles: readonly Role[]): Role | undefined {
  const id = fromRoleSid(sid)
  return id === undefined ? undefined : roles.find((role) => role.id === id)
}

export const fromUserSid = (sid: string): string | undefined => fromSid('US', sid)
