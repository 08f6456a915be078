import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import { stateOf, type Membership } from '../../../directory/membership.ts'
import type { Role } from '../../../directory/role.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { checkOrganization } from '../gate.ts'
import { readTokenPage, toMeta, type PageRequest, type Position } from '../paging.ts'
import { memberInAssignment, toAssignmentSid, toSid } from '../sid.ts'
import { findRole, fromUserSid, isScopeOf, scopeOf } from '../translate.ts'
import {
  createRoleAssignment,
  deleteRoleAssignment,
  listRoleAssignments,
  type NewRoleAssignment,
  type RoleAssignment,
} from '../wire-public.ts'

const pageSize = { usual: 100, most: 100 }
/** How many members one query brings while a page is put together, and how many are looked at for one page: a page may be short, and still not the last. */
const membersAtOnce = 200
const membersPerPage = 2_000

/** Serves the roles that members hold directly, one by one. */
export function serveRoleAssignments(mount: Mount<Call>, { directory, baseUrlOf }: ServeServices): void {
  const rolesOf = (call: Call) => directory.listRoles(call, undefined)

  mount(listRoleAssignments, async (call, { params, query }) => {
    checkOrganization(call, params)
    const { Identity, Scope } = query
    const page = readTokenPage(query, pageSize)
    const roles = (await rolesOf(call)).filter((role) => Scope === undefined || isScopeOf(Scope, role))
    const members = Identity === undefined ? everyone(call, page.position) : await only(call, Identity)
    const { content, next } = await fillPage(page, members, roles)
    const list = `${baseUrlOf(call)}/Organizations/${toSid('OR', call.organizationId)}/RoleAssignments`
    const meta = toMeta(page, { key: 'content', list, filters: { Identity, Scope }, next })
    // A walk by tokens has no way back but to the start.
    return { value: { content, meta: { ...meta, previous_page_url: null } } }
  })

  mount(createRoleAssignment, async (call, { params, body }) => {
    checkOrganization(call, params)
    const role = roleToAssign(body, await rolesOf(call))
    const id = fromUserSid(body.identity)
    if (id === undefined) throw new DirectoryError('invalid', 'identity must be a user SID.', { field: 'identity' })
    const member = await directory.changeMember(call, {
      id,
      change: (current) => ({ ...stateOf(current), roleIds: [...new Set([...current.roleIds, role.id])] }),
      sessions: 'keep',
    })
    return { value: toAssignment(member, role) }
  })

  mount(deleteRoleAssignment, async (call, { params }) => {
    checkOrganization(call, params)
    const { member, role } = await findAssignment(call, params['assignmentSid'] ?? '')
    await directory.changeMember(call, {
      id: member.id,
      change: (current) => ({ ...stateOf(current), roleIds: current.roleIds.filter((id) => id !== role.id) }),
      sessions: 'keep',
    })
    return { value: undefined }
  })

  async function* everyone(call: Call, position: Position | undefined): AsyncGenerator<Membership> {
    // The page before may have ended within a member.
    if (position && position.skip > 0) {
      const member = await present(call, position.after)
      if (member) yield member
    }
    for (let after = position?.after; ;) {
      const found = await directory.listMembers(call, { after, limit: membersAtOnce })
      yield* found
      after = found.at(-1)?.id
      if (found.length < membersAtOnce) return
    }
  }

  async function only(call: Call, identity: string): Promise<readonly Membership[]> {
    const id = fromUserSid(identity)
    const member = id === undefined ? undefined : await present(call, id)
    return member ? [member] : []
  }

  async function present(call: Call, id: string): Promise<Membership | undefined> {
    try {
      return await directory.getMember(call, { id })
    } catch (error) {
      if (error instanceof DirectoryError && error.refusal === 'notFound') return undefined
      throw error
    }
  }

  async function findAssignment(call: Call, sid: string): Promise<{ readonly member: Membership; readonly role: Role }> {
    for (const role of await rolesOf(call)) {
      const id = memberInAssignment(sid, role.id)
      const member = id === undefined ? undefined : await present(call, id)
      if (member?.roleIds.includes(role.id)) return { member, role }
    }
    throw new DirectoryError('notFound', 'There is no such role assignment.', { field: 'assignmentSid' })
  }
}

/** The assignments of members in order, from where the page starts until it is full, or enough members were looked at. */
async function fillPage(
  { size, position }: PageRequest,
  members: AsyncIterable<Membership> | Iterable<Membership>,
  roles: readonly Role[],
): Promise<{ readonly content: RoleAssignment[]; readonly next: Position | undefined }> {
  const content: RoleAssignment[] = []
  let end: Position | undefined
  let lookedAt = 0
  for await (const member of members) {
    if (++lookedAt > membersPerPage) return { content, next: end }
    const held = roles.filter(({ id }) => member.roleIds.includes(id))
    for (let index = member.id === position?.after ? position.skip : 0; index < held.length; index++) {
      if (content.length === size) return { content, next: end }
      content.push(toAssignment(member, held[index]!))
      end = { after: member.id, skip: index + 1 }
    }
    end = { after: member.id, skip: 0 }
  }
  return { content, next: undefined }
}

function roleToAssign({ role_sid: sid, roleSid, scope }: NewRoleAssignment, roles: readonly Role[]): Role {
  const role = findRole(sid ?? roleSid ?? '', roles)
  if (!role) throw new DirectoryError('invalid', 'There is no such role in this organization.', { field: 'role_sid' })
  if (!isScopeOf(scope, role))
    throw new DirectoryError('invalid', `This role applies in ${scopeOf(role)}. Send that as the scope.`, { field: 'scope' })
  return role
}

const toAssignment = (member: Membership, role: Role): RoleAssignment => ({
  sid: toAssignmentSid(role.id, member.id),
  role_sid: toSid('IX', role.id),
  scope: scopeOf(role),
  identity: toSid('US', member.id),
})
