import { fromHex, toHex } from '../../directory/id.ts'
import { emailOf, withEmail, type Membership, type MemberState, type MemberStatus } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import { fold } from '../../directory/fold.ts'
import type { CredentialView } from '../../directory/credentials.ts'
import type { AccessKey, Member, MemberChange, NewMember, ProjectKey, RoleName, Status } from './wire.ts'

export const toUserId = (id: string): string => `usr_${toHex(id)}`
/** Undefined for whatever is not a user_id of ours. */
export const fromUserId = (userId: string): string | undefined =>
  userId.startsWith('usr_') ? fromHex(userId.slice(4)) : undefined

/** How the directory calls each role, in an organization and in its workspaces; the strongest first. */
export const directoryNames: Readonly<Record<RoleName, string>> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  MEMBER: 'Member',
  READONLY: 'ReadOnly',
}

/** A project: a workspace, or the organization itself, which stands for its first project. */
export interface Project {
  readonly id: string
  readonly isWhole: boolean
  /** Every role that is held in it. */
  readonly roles: readonly Role[]
}

/** Present and true on a member who was taken out of the organization's first project and whose identity stayed. */
export const outsideAttribute = 'urn:rollcall:sinch:outsideFirstProject'

/** The role that a member has in a project; undefined for somebody who is not in it. Whoever has none of the four is a MEMBER. */
export function roleIn(project: Project, member: Pick<Membership, 'roleIds' | 'attributes'>): RoleName | undefined {
  const held = project.roles.filter((role) => member.roleIds.includes(role.id))
  const isInside = project.isWhole ? member.attributes[outsideAttribute] !== true : held.length > 0
  if (!isInside) return undefined
  for (const [name, directoryName] of entriesOf(directoryNames))
    if (held.some((role) => fold(role.name) === fold(directoryName))) return name
  return 'MEMBER'
}

/** The role of the directory that stands for one of the project's. */
export const findRole = (project: Project, name: RoleName): Role | undefined =>
  project.roles.find((role) => fold(role.name) === fold(directoryNames[name]))

/** The member with another role in the project: in it, whether they were or not. */
export const withRole = (state: MemberState, project: Project, role: Role): MemberState => ({
  ...state,
  roleIds: [...withoutFour(state.roleIds, project), role.id],
  attributes: project.isWhole ? inside(state) : state.attributes,
})

/** The member without the project. In the organization's first one, roles of other names stay: Sinch does not know them. */
export const withoutProject = (state: MemberState, project: Project): MemberState =>
  project.isWhole
    ? { ...state, roleIds: withoutFour(state.roleIds, project), attributes: { ...state.attributes, [outsideAttribute]: true } }
    : { ...state, roleIds: state.roleIds.filter((id) => !project.roles.some((role) => role.id === id)) }

function withoutFour(roleIds: readonly string[], project: Project): readonly string[] {
  const four = new Set(entriesOf(directoryNames).map(([name]) => findRole(project, name)?.id))
  return roleIds.filter((id) => !four.has(id))
}

function inside({ attributes }: Pick<MemberState, 'attributes'>): MemberState['attributes'] {
  const { [outsideAttribute]: _, ...rest } = attributes
  return rest
}

const statusNames: Readonly<Record<MemberStatus, Status>> = { invited: 'PENDING', active: 'ACTIVE', suspended: 'SUSPENDED' }
export const toStatus = ({ status }: Pick<Membership, 'status'>): Status => statusNames[status]

/** A member of the project as the guide's user object. */
export const toMember = (member: Membership, project: Project): Member => ({
  user_id: toUserId(member.id),
  email: addressOf(member),
  ...(member.displayName && { display_name: member.displayName }),
  role: roleIn(project, member) ?? 'MEMBER',
  status: toStatus(member),
  project_id: project.id,
  created_at: member.createdAt.toISOString(),
  updated_at: member.updatedAt.toISOString(),
})

/** Sinch knows nobody without an address: the user name stands in. */
export const addressOf = (member: Pick<Membership, 'emails' | 'userName'>): string => emailOf(member) ?? member.userName

/** Somebody new, in the project alone. The e-mail address is the login. */
export const fromNewMember = ({ email, display_name }: NewMember, project: Project, role: Role): MemberState => ({
  userName: email,
  externalId: undefined,
  displayName: display_name || undefined,
  name: {},
  emails: [{ value: email, primary: true }],
  roleIds: [role.id],
  suspended: false,
  attributes: project.isWhole ? {} : { [outsideAttribute]: true },
})

/** What a change says of the address and the name; a user name that was the address goes with it. */
export function withChange(state: MemberState, { email, display_name, status }: MemberChange): MemberState {
  const wasLogin = fold(state.userName) === fold(emailOf(state) ?? state.userName)
  return {
    ...state,
    ...(email !== undefined && { emails: withEmail(state.emails, email), ...(wasLogin && { userName: email }) }),
    ...(display_name !== undefined && { displayName: display_name || undefined }),
    ...(status !== undefined && { suspended: status === 'SUSPENDED' }),
  }
}

export const toKey = (credential: CredentialView): AccessKey => ({
  key_id: credential.identifier,
  display_name: credential.name,
  created_at: credential.createdAt.toISOString(),
})

export const toProjectKey = (credential: CredentialView, project: Project): ProjectKey => ({
  accessKeyId: credential.identifier,
  displayName: credential.name,
  projectId: project.id,
  createTime: credential.createdAt.toISOString(),
  updateTime: credential.createdAt.toISOString(),
})

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][]
function entriesOf(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record)
}
