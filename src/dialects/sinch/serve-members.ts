import type { Call } from '../../directory/call.ts'
import type { Condition } from '../../directory/condition.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { stateOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { Operation } from '../../wire/operation.ts'
import type { ServeServices } from '../dialect.ts'
import { cutPage, readPage } from './page.ts'
import { needRole, openProject } from './project.ts'
import type { Settings } from './settings.ts'
import {
  addressOf,
  fromNewMember,
  fromUserId,
  outsideAttribute,
  roleIn,
  toMember,
  toStatus,
  toUserId,
  withChange,
  withoutProject,
  withRole,
  type Project,
} from './translate.ts'
import { changeMember, inviteMember, listMembers, removeMember, type MemberChange, type NewMember } from './wire.ts'

const pageSize = { usual: 20, most: 100 }

/** Serves the members of projects. Reading takes any key of the project, changing one with the rights of an ADMIN. */
export function serveMembers(mount: Mount<Call>, { directory }: ServeServices, settings: Settings): void {
  mount(listMembers, async (call, asked) => {
    const project = await openProject(directory, settings, { call, asked })
    const { limit, after } = readPage(asked.query, pageSize)
    const loaded = await directory.listMembers(call, { where: inProject(project), after, limit: limit + 1 })
    const { items, next } = cutPage(loaded, limit)
    return { value: { members: items.map((member) => toMember(member, project)), next_page_token: next } }
  })

  mount(inviteMember, async (call, asked) => {
    const project = await openProject(directory, settings, { call, asked })
    needAdmin(call)
    const role = await needRole(directory, call, { project, name: asked.body.role })
    const { email } = asked.body
    const known = await directory.findMemberByEmail(call, { email })
    const member = known
      ? await admit(directory, call, { known, project, role, body: asked.body })
      : (await directory.addMember(call, { state: fromNewMember(asked.body, project, role), as: 'invited' })).member
    return { value: { email: addressOf(member), role: roleIn(project, member) ?? asked.body.role, status: toStatus(member) } }
  })

  mount(changeMember, async (call, asked) => {
    const project = await openProject(directory, settings, { call, asked })
    needAdmin(call)
    const { body } = asked
    const id = memberIdIn(asked)
    const role = body.role && (await needRole(directory, call, { project, name: body.role }))
    const change = (current: Membership): MemberState => {
      const before = roleIn(project, current)
      if (before === undefined) throw notThere()
      checkChange(body, toMember(current, project))
      const state = withChange(stateOf(current), body)
      return role && body.role !== before ? withRole(state, project, role) : state
    }
    const member = await directory.changeMember(call, { id, change, sessions: 'end' })
    return {
      value: { user_id: toUserId(member.id), role: roleIn(project, member) ?? null, status: toStatus(member) },
    }
  })

  mount(removeMember, async (call, asked) => {
    const project = await openProject(directory, settings, { call, asked })
    needAdmin(call)
    const id = memberIdIn(asked)
    const current = await directory.getMember(call, { id })
    if (roleIn(project, current) === undefined) throw notThere()
    const left = withoutProject(stateOf(current), project)
    // Who never accepted, and is invited to nothing else, has no identity that could survive: the invitation is taken back.
    if (current.acceptedAt === undefined && !(await isAnywhere(directory, call, left)))
      await directory.removeMember(call, { id, ifVersion: current.version })
    else
      await directory.changeMember(call, { id, change: (member) => withoutProject(stateOf(member), project), sessions: 'keep' })
    return { value: undefined }
  })
}

/** The directory narrowed to a project. */
const inProject = (project: Project): Condition =>
  project.isWhole
    ? {
        kind: 'not',
        of: {
          kind: 'compare',
          attribute: { names: ['attributes', outsideAttribute] },
          operator: 'eq',
          value: { type: 'boolean', value: true },
        },
      }
    : {
        kind: 'or',
        of: [
          { kind: 'never' },
          ...project.roles.map(({ id }): Condition => ({
            kind: 'compare',
            attribute: { names: ['roleIds'], listAt: 0 },
            operator: 'eq',
            value: { type: 'text', value: id },
          })),
        ],
      }

/** There are no scopes on Sinch's side: a key has the rights of its maker (SNCH-09, SNCH-21). */
export function needAdmin(call: Call): void {
  if (!call.scopes.has('administer'))
    throw new DirectoryError('forbidden', 'Only an OWNER or ADMIN may do this. Use a key with those rights.')
}

/** Lets an identity of the account into the project; somebody who is in it already is refused. They accepted once, and are not asked again. */
function admit(
  directory: Directory,
  call: Call,
  {
    known,
    project,
    role,
    body,
  }: { readonly known: Membership; readonly project: Project; readonly role: Role; readonly body: NewMember },
): Promise<Membership> {
  const change = (current: Membership): MemberState => {
    if (roleIn(project, current) !== undefined)
      throw new DirectoryError('taken', 'Somebody with this e-mail address is a member of the project already.', {
        field: 'email',
      })
    const state = withRole(stateOf(current), project, role)
    return { ...state, displayName: state.displayName ?? (body.display_name || undefined) }
  }
  return directory.changeMember(call, { id: known.id, change, sessions: 'keep' })
}

/** Whether a state is in the organization's first project or holds a role of any workspace. */
async function isAnywhere(directory: Directory, call: Call, state: MemberState): Promise<boolean> {
  if (state.attributes[outsideAttribute] !== true) return true
  const roles = await directory.listRoles(call, {})
  return roles.some((role) => role.workspaceId !== undefined && state.roleIds.includes(role.id))
}

function memberIdIn({ params }: Pick<Incoming<Operation>, 'params'>): string {
  const id = fromUserId(params['userId'] ?? '')
  if (id === undefined) throw notThere()
  return id
}

const notThere = () =>
  new DirectoryError('notFound', 'There is no such member in this project. List the members for their user_id.', {
    field: 'user_id',
  })

/** Refuses what no change can set. A status is ACTIVE or SUSPENDED, and only acceptance ends PENDING (SNCH-Q12). */
function checkChange(change: MemberChange, current: ReturnType<typeof toMember>): void {
  for (const field of ['user_id', 'project_id', 'created_at'] as const)
    if (change[field] !== undefined && change[field] !== current[field])
      throw new DirectoryError('readOnly', `${field} cannot be changed. Leave it out.`, { field })
  if (change.status === undefined || change.status === current.status) return
  if (change.status === 'PENDING')
    throw new DirectoryError('invalid', 'status cannot be set to PENDING. Use ACTIVE or SUSPENDED.', { field: 'status' })
  if (current.status === 'PENDING')
    throw new DirectoryError('conflict', 'The invitation is not accepted yet; only accepting it ends PENDING.', {
      field: 'status',
    })
}
