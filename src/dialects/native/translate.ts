import type { CredentialView } from '../../directory/credentials.ts'
import type { Fact } from '../../directory/fact.ts'
import type { Group, GroupInput } from '../../directory/group.ts'
import type { Json } from '../../directory/json.ts'
import type { Membership, MemberState } from '../../directory/membership.ts'
import type { Organization, Workspace } from '../../directory/organization.ts'
import type { Role } from '../../directory/role.ts'
import type { Session } from '../../directory/session.ts'
import type { Value } from '../../wire/operation.ts'
import type { Organization as OrganizationBody, Role as RoleBody, Workspace as WorkspaceBody } from './wire/organization.ts'
import type { Credential as CredentialBody } from './wire/credentials.ts'
import type { Group as GroupBody, changeGroup } from './wire/groups.ts'
import type { Member as MemberBody, Session as SessionBody, changeMember, createMember } from './wire/members.ts'
import type { listFacts } from './wire/facts.ts'

export const toOrganization = (organization: Organization): Value<typeof OrganizationBody> => ({
  ...organization,
  emailDomains: [...organization.emailDomains],
})

export const toWorkspace = ({ id, name, createdAt }: Workspace): Value<typeof WorkspaceBody> => ({ id, name, createdAt })

export const toRole = ({ id, workspaceId, name, owner, createdAt }: Role): Value<typeof RoleBody> => ({
  id,
  workspaceId,
  name,
  owner,
  createdAt,
})

export const toMember = (member: Membership): Value<typeof MemberBody> => ({
  id: member.id,
  personId: member.personId,
  userName: member.userName,
  externalId: member.externalId,
  displayName: member.displayName,
  name: { ...member.name },
  emails: member.emails.map((email) => ({ ...email })),
  roleIds: [...member.roleIds],
  status: member.status,
  attributes: { ...member.attributes },
  acceptedAt: member.acceptedAt,
  createdAt: member.createdAt,
  updatedAt: member.updatedAt,
  version: member.version,
})

export const toSession = ({ id, membershipId, startedAt, endedAt }: Session): Value<typeof SessionBody> => ({
  id,
  memberId: membershipId,
  startedAt,
  endedAt,
})

/** The state of a member who is being added. */
export const fromNewMember = (body: Value<(typeof createMember)['request']>): MemberState => ({
  userName: body.userName,
  externalId: body.externalId,
  displayName: body.displayName,
  name: body.name ?? {},
  emails: body.emails ?? [],
  roleIds: distinct(body.roleIds ?? []),
  suspended: false,
  attributes: withoutNulls(body.attributes ?? {}),
})

/** What stands there, with what the change names: null clears, of the attributes only those named are touched. */
export const changedMember = (current: MemberState, body: Value<(typeof changeMember)['request']>): MemberState => ({
  userName: body.userName ?? current.userName,
  externalId: replaced(body.externalId, current.externalId),
  displayName: replaced(body.displayName, current.displayName),
  name: body.name === undefined ? current.name : (body.name ?? {}),
  emails: body.emails ?? current.emails,
  roleIds: body.roleIds ? distinct(body.roleIds) : current.roleIds,
  suspended: current.suspended,
  attributes: body.attributes ? withoutNulls({ ...current.attributes, ...body.attributes }) : current.attributes,
})

export const toGroup = (group: Group): Value<typeof GroupBody> => ({
  id: group.id,
  displayName: group.displayName,
  externalId: group.externalId,
  roleIds: [...group.roleIds],
  attributes: { ...group.attributes },
  createdAt: group.createdAt,
  updatedAt: group.updatedAt,
  version: group.version,
})

/** The members of a group that a change names. */
export const fromGroupChange = (body: Value<(typeof changeGroup)['request']>): Partial<GroupInput> => ({
  ...(body.displayName !== undefined && { displayName: body.displayName }),
  ...(body.externalId !== undefined && { externalId: body.externalId ?? undefined }),
  ...(body.roleIds && { roleIds: distinct(body.roleIds) }),
})

export const toCredential = (credential: CredentialView): Value<typeof CredentialBody> => ({
  id: credential.id,
  kind: credential.kind,
  name: credential.name,
  identifier: credential.identifier,
  scopes: [...credential.scopes],
  createdAt: credential.createdAt,
  expiresAt: credential.expiresAt,
  lastUsedAt: credential.lastUsedAt,
  revokedAt: credential.revokedAt,
  connectionId: credential.connectionId,
  assertion: credential.assertion,
})

export const toFact = (fact: Fact): Value<(typeof listFacts)['reply']>['items'][number] => ({
  ...fact,
  detail: { ...fact.detail },
})

export const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)]

const replaced = (sent: string | null | undefined, current: string | undefined) =>
  sent === undefined ? current : (sent ?? undefined)

const withoutNulls = (attributes: Readonly<Record<string, Json | undefined>>) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined))
