import type { Call } from '../../../directory/call.ts'
import { fold } from '../../../directory/fold.ts'
import type { Condition } from '../../../directory/condition.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { distinct, fromGroupChange, toGroup } from '../translate.ts'
import * as wire from '../wire/groups.ts'
import { pageOf } from './page.ts'
import { etag, idIn, versionIn } from './request.ts'

export function serveGroups(mount: Mount<Call>, { directory }: ServeServices): void {
  mount(wire.listGroups, async (call, { query }) => {
    const { displayName } = query
    const where: Condition | undefined =
      displayName === undefined
        ? undefined
        : {
            kind: 'compare',
            attribute: { names: ['displayName'] },
            operator: 'eq',
            value: { type: 'folded', value: fold(displayName) },
          }
    const value = await pageOf(
      query,
      { list: 'groups', organizationId: call.organizationId, filter: { displayName } },
      {
        load: (after, limit) => directory.listGroups(call, { where, after, limit }),
        positionOf: (group) => group.id,
        translate: toGroup,
      },
    )
    return { value }
  })
  mount(wire.createGroup, async (call, { body }) => {
    const group = await directory.addGroup(call, {
      displayName: body.displayName,
      externalId: body.externalId,
      roleIds: distinct(body.roleIds ?? []),
      attributes: body.attributes ?? {},
      membershipIds: body.memberIds ?? [],
    })
    return { value: toGroup(group), headers: etag(group) }
  })
  mount(wire.readGroup, async (call, { params }) => {
    const group = await directory.getGroup(call, { id: idIn(params, 'groupId') })
    return { value: toGroup(group), headers: etag(group) }
  })
  mount(wire.changeGroup, async (call, { params, body, headers }) => {
    const group = await directory.changeGroup(call, {
      id: idIn(params, 'groupId'),
      ifVersion: versionIn(headers),
      changes: [{ kind: 'set', change: fromGroupChange(body) }],
    })
    return { value: toGroup(group), headers: etag(group) }
  })
  mount(wire.deleteGroup, async (call, { params, headers }) => {
    await directory.removeGroup(call, { id: idIn(params, 'groupId'), ifVersion: versionIn(headers) })
    return { value: undefined }
  })
  mount(wire.listGroupMembers, async (call, { params, query }) => {
    const id = idIn(params, 'groupId')
    await directory.getGroup(call, { id })
    const value = await pageOf(
      query,
      { list: 'groupMembers', organizationId: call.organizationId, filter: { id } },
      {
        load: (after, limit) => directory.listGroupMembers(call, { id, after, limit }),
        positionOf: (member) => member.membershipId,
        translate: ({ membershipId, displayName }) => ({ id: membershipId, displayName }),
      },
    )
    return { value }
  })
  mount(wire.addGroupMembers, async (call, { params, body }) => {
    const group = await directory.changeGroup(call, {
      id: idIn(params, 'groupId'),
      changes: [{ kind: 'addMembers', membershipIds: body.memberIds }],
    })
    return { value: toGroup(group), headers: etag(group) }
  })
  mount(wire.removeGroupMember, async (call, { params }) => {
    const membershipIds = [idIn(params, 'memberId')]
    await directory.changeGroup(call, { id: idIn(params, 'groupId'), changes: [{ kind: 'removeMembers', membershipIds }] })
    return { value: undefined }
  })
  mount(wire.listGroupsInGroup, async (call, { params }) => {
    const id = idIn(params, 'groupId')
    await directory.getGroup(call, { id })
    return { value: { items: (await directory.listGroupsInGroup(call, { id })).map(toGroup) } }
  })
  mount(wire.addGroupsToGroup, async (call, { params, body }) => {
    const group = await directory.changeGroup(call, {
      id: idIn(params, 'groupId'),
      changes: [{ kind: 'addGroups', groupIds: body.groupIds }],
    })
    return { value: toGroup(group), headers: etag(group) }
  })
  mount(wire.removeGroupFromGroup, async (call, { params }) => {
    const groupIds = [idIn(params, 'innerGroupId')]
    await directory.changeGroup(call, { id: idIn(params, 'groupId'), changes: [{ kind: 'removeGroups', groupIds }] })
    return { value: undefined }
  })
}
