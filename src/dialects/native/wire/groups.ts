import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { keptAttributes, sentAttributes } from './members.ts'
import { id, page, pageQuery, when } from './page.ts'

export const Group = z.object({
  id,
  displayName: z.string(),
  externalId: z.string().optional(),
  roleIds: z.array(id),
  attributes: keptAttributes,
  createdAt: when,
  updatedAt: when,
  version: z.int(),
})

export const GroupOf = Group.extend({ membership: z.enum(['direct', 'indirect']) })

export const listGroups = operation({
  name: 'listGroups',
  summary: 'Groups in the order in which they were made. The filter compares without regard to case',
  method: 'GET',
  path: '/groups',
  query: z.strictObject({ ...pageQuery, displayName: z.string().optional() }),
  status: 200,
  reply: json(page(Group)),
})

export const createGroup = operation({
  name: 'createGroup',
  summary: 'Makes a group, with its first members and the roles that it grants',
  method: 'POST',
  path: '/groups',
  request: json(
    z.strictObject({
      displayName: z.string(),
      externalId: z.string().optional(),
      roleIds: z.array(id).max(1000).optional(),
      attributes: sentAttributes.optional(),
      memberIds: z.array(id).max(1000).optional(),
    }),
  ),
  status: 201,
  reply: json(Group),
})

export const readGroup = operation({
  name: 'readGroup',
  summary: 'One group. The version stands in ETag',
  method: 'GET',
  path: '/groups/:groupId',
  status: 200,
  reply: json(Group),
})

export const changeGroup = operation({
  name: 'changeGroup',
  summary: 'Changes what is given and keeps the rest; null clears. With If-Match another version is refused',
  precondition: 'If-Match',
  method: 'PATCH',
  path: '/groups/:groupId',
  request: json(
    z.strictObject({
      displayName: z.string().optional(),
      externalId: z.string().nullable().optional(),
      roleIds: z.array(id).max(1000).optional(),
    }),
  ),
  status: 200,
  reply: json(Group),
})

export const deleteGroup = operation({
  name: 'deleteGroup',
  summary: 'Removes a group; its members, and the groups in it, stay. With If-Match another version is refused',
  precondition: 'If-Match',
  method: 'DELETE',
  path: '/groups/:groupId',
  status: 204,
})

export const listGroupMembers = operation({
  name: 'listGroupMembers',
  summary: 'The members of a group itself, in the order in which they joined the organization',
  method: 'GET',
  path: '/groups/:groupId/members',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: json(page(z.object({ id, displayName: z.string() }))),
})

export const addGroupMembers = operation({
  name: 'addGroupMembers',
  summary: 'Adds members to a group. Who is in it already stays',
  method: 'POST',
  path: '/groups/:groupId/members',
  request: json(z.strictObject({ memberIds: z.array(id).min(1).max(1000) })),
  status: 200,
  reply: json(Group),
})

export const removeGroupMember = operation({
  name: 'removeGroupMember',
  summary: 'Takes a member out of a group. Who is not in it is no error',
  method: 'DELETE',
  path: '/groups/:groupId/members/:memberId',
  status: 204,
})

export const listGroupsInGroup = operation({
  name: 'listGroupsInGroup',
  summary: 'The groups that a group holds itself, all on one page. Whoever is in them is in it too',
  method: 'GET',
  path: '/groups/:groupId/groups',
  status: 200,
  reply: json(page(Group)),
})

export const addGroupsToGroup = operation({
  name: 'addGroupsToGroup',
  summary: 'Puts groups into a group. One that is in it already stays; a group that would be in itself is refused',
  method: 'POST',
  path: '/groups/:groupId/groups',
  request: json(z.strictObject({ groupIds: z.array(id).min(1).max(1000) })),
  status: 200,
  reply: json(Group),
})

export const removeGroupFromGroup = operation({
  name: 'removeGroupFromGroup',
  summary: 'Takes a group out of a group. One that is not in it is no error',
  method: 'DELETE',
  path: '/groups/:groupId/groups/:innerGroupId',
  status: 204,
})

export const listMemberGroups = operation({
  name: 'listMemberGroups',
  summary: 'The groups that a member is in, and those that hold these (membership: indirect), all on one page',
  method: 'GET',
  path: '/members/:memberId/groups',
  status: 200,
  reply: json(page(GroupOf)),
})
