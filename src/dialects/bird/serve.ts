import type { Call } from '../../directory/call.ts'
import type { Condition } from '../../directory/condition.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { fold } from '../../directory/fold.ts'
import { isId } from '../../directory/id.ts'
import { emailOf, stateOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { Organization } from '../../directory/organization.ts'
import type { Operation } from '../../wire/operation.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { fromPageToken, toPageToken, type Walk } from './cursor.ts'
import { domainNotAllowed } from './problem.ts'
import { applyRequest, readRoleRequest, type RoleRequest } from './role-request.ts'
import { keptAttributes, partsOf, withParts } from './roles.ts'
import { nameContains } from './search.ts'
import { parseBirdSettings } from './settings.ts'
import { fromInvitation, toMembership, toTeamRoles, type Surroundings } from './translate.ts'
import {
  createOrganizationUser,
  defaultLimit,
  deleteOrganizationUser,
  getOrganizationUser,
  listOrganizationUsers,
  updateOrganizationUser,
  type ListQuery,
} from './wire.ts'

/** How many users one list may name. */
const maxUserIds = 100

/** Serves the five operations of Accounts v1. */
export function serveBird(mount: Mount<Call>, { directory, settings: raw }: ServeServices): void {
  const { phoneNumbers } = parseBirdSettings(raw)

  mount(listOrganizationUsers, async (call, { params, query }) => {
    checkOrganization(call, params)
    const walk = walkOf(query, call)
    const limit = query.limit ?? defaultLimit
    const where = await conditionOf(call, walk)
    const newestFirst = walk.reverse || undefined
    // One more than is shown tells whether there are more.
    const found =
      where === 'nobody' ? [] : await directory.listMembers(call, { where, after: walk.after, newestFirst, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const around = await surroundingsOf(call, shown)
    const last = found.length > limit ? shown.at(-1) : undefined
    return {
      value: {
        results: shown.map((member) => toMembership(member, around, walk.preview ? 'preview' : 'whole')),
        nextPageToken: last ? toPageToken({ ...walk, after: last.id }, call.organizationId) : '',
      },
    }
  })

  mount(createOrganizationUser, async (call, { params, body }) => {
    checkOrganization(call, params)
    const [organization, roles] = await Promise.all([directory.getOrganization(call, {}), directory.listRoles(call, {})])
    const request = readRoleRequest(body, roles)
    const admit = (state: MemberState): MemberState => {
      checkDomain(emailOf(state), organization)
      return { ...state, ...withParts({}, applyRequest({ refs: [], ids: [], slugs: [] }, request), request.attributes) }
    }
    const member =
      'userId' in body
        ? await directory.addPerson(call, { personId: body.userId.toLowerCase(), change: admit })
        : (await directory.addMember(call, { state: admit(fromInvitation(body)), as: 'invited' })).member
    return { value: toMembership(member, await surroundingsOf(call, [member]), 'whole') }
  })

  mount(getOrganizationUser, async (call, { params }) => {
    checkOrganization(call, params)
    const member = await memberOf(call, params)
    const [around, groups] = await Promise.all([
      surroundingsOf(call, [member]),
      directory.listGroupsOfMembers(call, { ids: [member.id] }),
    ])
    const teamRoles = toTeamRoles(groups.get(member.id) ?? [], around.roles)
    return { value: { ...toMembership(member, around, 'whole'), teamRoles } }
  })

  mount(updateOrganizationUser, async (call, { params, body }) => {
    checkOrganization(call, params)
    checkMayWrite(call)
    const { id } = await memberOf(call, params)
    const roles = await directory.listRoles(call, {})
    const request = readRoleRequest(body, roles)
    const change = (current: Membership): MemberState => {
      const state = stateOf(current)
      if (asksForNothing(request)) return state
      const kept = { ...keptAttributes(current), ...request.attributes }
      return { ...state, ...withParts(current.attributes, applyRequest(partsOf(current, roles), request), kept) }
    }
    const member = await directory.changeMember(call, { id, change, sessions: 'keep' })
    return { value: toMembership(member, await surroundingsOf(call, [member]), 'whole') }
  })

  mount(deleteOrganizationUser, async (call, { params }) => {
    checkOrganization(call, params)
    checkMayWrite(call)
    const { id } = await memberOf(call, params)
    await directory.removeMember(call, { id })
    return { value: undefined }
  })

  async function surroundingsOf(call: Call, members: readonly Membership[]): Promise<Surroundings> {
    const [roles, sessions, organization] = await Promise.all([
      directory.listRoles(call, {}),
      directory.countOpenSessions(call, { membershipIds: members.map((member) => member.id) }),
      directory.getOrganization(call, {}),
    ])
    return { roles, sessions, phoneNumbers, provider: organization.sso === 'none' ? undefined : organization.sso }
  }

  async function memberOf(call: Call, params: Incoming<Operation>['params']): Promise<Membership> {
    const personId = params['userId']?.toLowerCase() ?? ''
    const member = isId(personId) ? await directory.findMemberByPerson(call, { personId }) : undefined
    if (!member) throw new DirectoryError('notFound', 'The organization has no such user.', { field: 'userId' })
    return member
  }

  /** What narrows the list; `nobody` where the address is registered with no one. */
  async function conditionOf(call: Call, { searchTerm, userIds, email }: Walk): Promise<Condition | 'nobody' | undefined> {
    const of: Condition[] = []
    if (email !== undefined) {
      const registered = await directory.findMemberByEmail(call, { email })
      if (!registered) return 'nobody'
      of.push({ kind: 'compare', attribute: { names: ['id'] }, operator: 'eq', value: { type: 'text', value: registered.id } })
    }
    if (userIds && userIds.length > 0)
      of.push({
        kind: 'or',
        of: userIds.map((value) => ({
          kind: 'compare',
          attribute: { names: ['personId'] },
          operator: 'eq',
          value: { type: 'text', value },
        })),
      })
    if (searchTerm) of.push(nameContains(fold(searchTerm)))
    return of.length > 0 ? { kind: 'and', of } : undefined
  }
}

/** Another organization's id is answered like one that does not exist. */
function checkOrganization(call: Call, params: Incoming<Operation>['params']): void {
  if (params['organizationId']?.toLowerCase() !== call.organizationId)
    throw new DirectoryError('foreign', 'There is no such organization for this access key.', { field: 'organizationId' })
}

/** Before the user is looked for: the answer to a key that may only read tells nothing of who is there. */
function checkMayWrite(call: Call): void {
  if (!call.scopes.has('write'))
    throw new DirectoryError(
      'forbidden',
      'This access key may only read. Use one whose policy allows writing organization users.',
    )
}

/** A new walk, or the one that a page token remembers; a filter beside the token has to be the token's own. */
function walkOf(query: ListQuery, call: Call): Walk {
  const { pageToken, reverse, preview, searchTerm, email } = query
  const userIds = query.userIds?.map((id) => id.toLowerCase())
  if (userIds && userIds.length > maxUserIds)
    throw new DirectoryError('invalid', `Name at most ${maxUserIds} users at a time.`, { field: 'userIds' })
  if (!pageToken)
    return {
      reverse: reverse ?? false,
      preview: preview ?? false,
      ...(searchTerm !== undefined && { searchTerm }),
      ...(userIds && { userIds }),
      ...(email !== undefined && { email }),
    }
  const walk = fromPageToken(pageToken, call.organizationId)
  const asked = { reverse, searchTerm, userIds, email }
  for (const name of ['reverse', 'searchTerm', 'userIds', 'email'] as const)
    if (asked[name] !== undefined && JSON.stringify(asked[name]) !== JSON.stringify(walk[name]))
      throw new DirectoryError('invalid', `The page token belongs to a list with another ${name}. Start again without it.`, {
        field: 'pageToken',
      })
  return { ...walk, preview: preview ?? walk.preview }
}

function checkDomain(email: string | undefined, { emailDomains }: Organization): void {
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase()
  if (domain === undefined || emailDomains.length === 0 || emailDomains.includes(domain)) return
  throw new DirectoryError('forbidden', `The organization does not allow e-mail addresses at ${domain}.`, {
    field: 'email',
    code: domainNotAllowed,
  })
}

const asksForNothing = ({ refs, ids, slugs, dropsLegacy, attributes }: RoleRequest): boolean =>
  !refs && !ids && !slugs && !dropsLegacy && Object.keys(attributes).length === 0
