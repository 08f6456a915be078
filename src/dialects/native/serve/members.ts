import type { Call } from '../../../directory/call.ts'
import type { Condition } from '../../../directory/condition.ts'
import { fold } from '../../../directory/fold.ts'
import { stateOf } from '../../../directory/membership.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { changedMember, fromNewMember, toGroup, toMember, toSession } from '../translate.ts'
import { listMemberGroups } from '../wire/groups.ts'
import * as wire from '../wire/members.ts'
import { pageOf } from './page.ts'
import { etag, idIn, versionIn } from './request.ts'

export function serveMembers(mount: Mount<Call>, { directory }: ServeServices): void {
  mount(wire.listMembers, async (call, { query }) => {
    const { cursor: _, limit: __, ...filter } = query
    const where = conditionOf(filter)
    const value = await pageOf(
      query,
      { list: 'members', organizationId: call.organizationId, filter },
      {
        load: (after, limit) => directory.listMembers(call, { where, after, limit }),
        positionOf: (member) => member.id,
        translate: toMember,
      },
    )
    return { value }
  })
  mount(wire.createMember, async (call, { body }) => {
    const { member, invitationToken } = await directory.addMember(call, { state: fromNewMember(body), as: body.as })
    return { value: { member: toMember(member), invitationToken }, headers: etag(member) }
  })
  mount(wire.readMember, async (call, { params }) => {
    const member = await directory.getMember(call, { id: idIn(params, 'memberId') })
    return { value: toMember(member), headers: etag(member) }
  })
  mount(wire.changeMember, async (call, { params, body, headers }) => {
    const member = await directory.changeMember(call, {
      id: idIn(params, 'memberId'),
      ifVersion: versionIn(headers),
      change: (current) => changedMember(stateOf(current), body),
      sessions: 'keep',
    })
    return { value: toMember(member), headers: etag(member) }
  })
  mount(wire.suspendMember, async (call, { params }) => {
    const member = await directory.suspendMember(call, { id: idIn(params, 'memberId'), sessions: 'end' })
    return { value: toMember(member), headers: etag(member) }
  })
  mount(wire.resumeMember, async (call, { params }) => {
    const member = await directory.resumeMember(call, { id: idIn(params, 'memberId') })
    return { value: toMember(member), headers: etag(member) }
  })
  mount(wire.deleteMember, async (call, { params, headers }) => {
    await directory.removeMember(call, { id: idIn(params, 'memberId'), ifVersion: versionIn(headers) })
    return { value: undefined }
  })
  mount(listMemberGroups, async (call, { params }) => {
    const id = idIn(params, 'memberId')
    await directory.getMember(call, { id })
    const groups = await directory.listGroupsOfMembers(call, { ids: [id] })
    return { value: { items: (groups.get(id) ?? []).map((group) => ({ ...toGroup(group), membership: group.membership })) } }
  })
  mount(wire.acceptInvitation, async (call, { body }) => {
    const member = await directory.acceptInvitation(call, body)
    return { value: toMember(member), headers: etag(member) }
  })
  mount(wire.listSessions, async (call, { params }) => {
    const sessions = await directory.listSessions(call, { membershipId: idIn(params, 'memberId') })
    return { value: { items: sessions.map(toSession) } }
  })
  mount(wire.startSession, async (call, { params }) => ({
    value: toSession(await directory.startSession(call, { membershipId: idIn(params, 'memberId') })),
  }))
  mount(wire.endSessions, async (call, { params }) => ({
    value: { ended: await directory.endSessions(call, { membershipId: idIn(params, 'memberId') }) },
  }))
}

/** Every filter that is given holds; user names and addresses compare without regard to case. */
function conditionOf(filter: {
  readonly userName?: string | undefined
  readonly email?: string | undefined
  readonly status?: 'invited' | 'active' | 'suspended' | undefined
}): Condition | undefined {
  const of: Condition[] = []
  if (filter.userName !== undefined)
    of.push({
      kind: 'compare',
      attribute: { names: ['userName'] },
      operator: 'eq',
      value: { type: 'folded', value: fold(filter.userName) },
    })
  if (filter.email !== undefined)
    of.push({
      kind: 'compare',
      attribute: { names: ['emails', 'value'], listAt: 0 },
      operator: 'eq',
      value: { type: 'folded', value: fold(filter.email) },
    })
  if (filter.status !== undefined)
    of.push({ kind: 'compare', attribute: { names: ['status'] }, operator: 'eq', value: { type: 'text', value: filter.status } })
  return of.length > 1 ? { kind: 'and', of } : of[0]
}
