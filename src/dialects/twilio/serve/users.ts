import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import { stateOf, type Membership } from '../../../directory/membership.ts'
import type { Role } from '../../../directory/role.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { checkOrganization } from '../gate.ts'
import { readPage, toMeta } from '../paging.ts'
import { toSid } from '../sid.ts'
import { findRole, fromChangedUser, fromNewUser, fromUserSid, organizationRoles, toUser } from '../translate.ts'
import { createUser, deleteUser, getUser, listUsers, updateUser } from '../wire.ts'

const pageSize = { usual: 50, most: 1000 }

/** Serves the organization's users. */
export function serveUsers(mount: Mount<Call>, { directory, baseUrlOf }: ServeServices): void {
  const rolesOf = (call: Call) => directory.listRoles(call, undefined)

  mount(listUsers, async (call, { params, query }) => {
    checkOrganization(call, params)
    const page = readPage(query, pageSize)
    const found = await directory.listMembers(call, {
      ...(page.position && { after: page.position.after }),
      ...(page.offset > 0 && { offset: page.offset }),
      limit: page.size + 1,
    })
    const members = found.slice(0, page.size)
    const last = members.at(-1)
    const base = baseUrlOf(call)
    const roles = await rolesOf(call)
    const next = found.length > page.size && last ? { after: last.id, skip: 0 } : undefined
    const list = `${base}/v1/Organizations/${toSid('OR', call.organizationId)}/Users`
    return {
      value: {
        users: members.map((member) => toUser(member, { roles, base })),
        meta: toMeta(page, { key: 'users', list, next }),
      },
    }
  })

  mount(getUser, async (call, { params }) => {
    checkOrganization(call, params)
    const member = await directory.getMember(call, { id: memberIdIn(params) })
    return { value: toUser(member, { roles: await rolesOf(call), base: baseUrlOf(call) }) }
  })

  mount(createUser, async (call, { params, body }) => {
    checkOrganization(call, params)
    const roles = await rolesOf(call)
    const roleIds = body.RoleSid ? [roleAskedFor(body.RoleSid, roles)] : []
    const { member } = await directory.addMember(call, { state: fromNewUser(body, roleIds), as: 'invited' })
    return { value: toUser(member, { roles, base: baseUrlOf(call) }) }
  })

  mount(updateUser, async (call, { params, body }) => {
    checkOrganization(call, params)
    const id = memberIdIn(params)
    const roles = await rolesOf(call)
    const asked = body.RoleSid ? [roleAskedFor(body.RoleSid, roles)] : []
    const member = await directory.changeMember(call, {
      id,
      change: (current) =>
        fromChangedUser(stateOf(current), body, body.RoleSid === undefined ? current.roleIds : rolesAfter(current, asked, roles)),
      // A suspension lets running sessions go on; only a removal ends them at once (TWIL-28, TWIL-48).
      sessions: 'keep',
    })
    return { value: toUser(member, { roles, base: baseUrlOf(call) }) }
  })

  mount(deleteUser, async (call, { params }) => {
    checkOrganization(call, params)
    await directory.removeMember(call, { id: memberIdIn(params) })
    return { value: undefined }
  })
}

function memberIdIn(params: Readonly<Record<string, string>>): string {
  const id = fromUserSid(params['userSid'] ?? '')
  if (id === undefined)
    throw new DirectoryError('notFound', 'There is no such user. Use the user SID, which begins with US.', { field: 'userSid' })
  return id
}

function roleAskedFor(sid: string, roles: readonly Role[]): string {
  const role = findRole(sid, organizationRoles(roles))
  if (!role)
    throw new DirectoryError('invalid', 'Invalid parameter: RoleSid. There is no such role in this organization.', {
      field: 'RoleSid',
    })
  return role.id
}

/** The one role of a user, in the place of every role of the organization that the member held; roles in its parts stay. */
function rolesAfter(current: Membership, asked: readonly string[], roles: readonly Role[]): readonly string[] {
  const ours = new Set(organizationRoles(roles).map(({ id }) => id))
  return [...current.roleIds.filter((id) => !ours.has(id)), ...asked]
}
