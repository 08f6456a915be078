import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

const nameParts = {
  formatted: z.string().exactOptional(),
  familyName: z.string().exactOptional(),
  givenName: z.string().exactOptional(),
  middleName: z.string().exactOptional(),
  honorificPrefix: z.string().exactOptional(),
  honorificSuffix: z.string().exactOptional(),
}
const emailParts = {
  value: z.string(),
  type: z.string().exactOptional(),
  display: z.string().exactOptional(),
  primary: z.boolean().exactOptional(),
}
/** Every further attribute under its SCIM name, as it was sent. */
export const sentAttributes = z.record(z.string().max(256), z.json())
export const keptAttributes = z.record(z.string(), z.unknown())
export const statuses = ['invited', 'active', 'suspended'] as const

export const Member = z.object({
  id,
  personId: id,
  userName: z.string(),
  externalId: z.string().optional(),
  displayName: z.string().optional(),
  name: z.object(nameParts),
  emails: z.array(z.object(emailParts)),
  roleIds: z.array(id),
  status: z.enum(statuses),
  attributes: keptAttributes,
  acceptedAt: when.optional(),
  createdAt: when,
  updatedAt: when,
  version: z.int(),
})

export const listMembers = operation({
  name: 'listMembers',
  summary: 'Members in the order in which they were added. Filters compare without regard to case',
  method: 'GET',
  path: '/members',
  query: z.strictObject({
    ...pageQuery,
    userName: z.string().optional(),
    email: z.string().optional(),
    status: z.enum(statuses).optional(),
  }),
  status: 200,
  reply: json(page(Member)),
})

export const createMember = operation({
  name: 'createMember',
  summary: 'Adds a person: active at once, or invited, and then the answer carries the one copy of the invitation token',
  method: 'POST',
  path: '/members',
  request: json(
    z.strictObject({
      as: z.enum(['active', 'invited']),
      userName: z.string(),
      externalId: z.string().optional(),
      displayName: z.string().optional(),
      name: z.strictObject(nameParts).optional(),
      emails: z.array(z.strictObject(emailParts)).max(100).optional(),
      roleIds: z.array(id).max(1000).optional(),
      attributes: sentAttributes.optional(),
    }),
  ),
  status: 201,
  reply: json(z.object({ member: Member, invitationToken: z.string().optional() })),
})

export const readMember = operation({
  name: 'readMember',
  summary: 'One member. The version stands in ETag',
  method: 'GET',
  path: '/members/:memberId',
  status: 200,
  reply: json(Member),
})

export const changeMember = operation({
  name: 'changeMember',
  summary:
    'Changes what is given and keeps the rest; null clears. A list or a name is replaced whole, of the attributes only those named. With If-Match another version is refused',
  precondition: 'If-Match',
  method: 'PATCH',
  path: '/members/:memberId',
  request: json(
    z.strictObject({
      userName: z.string().optional(),
      externalId: z.string().nullable().optional(),
      displayName: z.string().nullable().optional(),
      name: z.strictObject(nameParts).nullable().optional(),
      emails: z.array(z.strictObject(emailParts)).max(100).optional(),
      roleIds: z.array(id).max(1000).optional(),
      attributes: sentAttributes.optional(),
    }),
  ),
  status: 200,
  reply: json(Member),
})

export const suspendMember = operation({
  name: 'suspendMember',
  summary: 'Takes access away and ends the sessions. Suspended already, it changes nothing',
  method: 'POST',
  path: '/members/:memberId/suspend',
  status: 200,
  reply: json(Member),
})

export const resumeMember = operation({
  name: 'resumeMember',
  summary: 'Takes a suspension back: to active, or to invited where the person never accepted',
  method: 'POST',
  path: '/members/:memberId/resume',
  status: 200,
  reply: json(Member),
})

export const deleteMember = operation({
  name: 'deleteMember',
  summary: 'Removes a member for good; the names are free again. With If-Match another version is refused',
  precondition: 'If-Match',
  method: 'DELETE',
  path: '/members/:memberId',
  status: 204,
})

export const acceptInvitation = operation({
  name: 'acceptInvitation',
  summary: 'Accepts an invitation, once: the one way from invited to active',
  method: 'POST',
  path: '/invitations/accept',
  request: json(z.strictObject({ token: z.string().max(200) })),
  status: 200,
  reply: json(Member),
})

export const Session = z.object({ id, memberId: id, startedAt: when, endedAt: when.optional() })

export const listSessions = operation({
  name: 'listSessions',
  summary: 'The sessions of a member, all on one page',
  method: 'GET',
  path: '/members/:memberId/sessions',
  status: 200,
  reply: json(page(Session)),
})

export const startSession = operation({
  name: 'startSession',
  summary: 'Records that a member signed in. Only an active member can',
  method: 'POST',
  path: '/members/:memberId/sessions',
  status: 201,
  reply: json(Session),
})

export const endSessions = operation({
  name: 'endSessions',
  summary: 'Ends every session of a member',
  method: 'DELETE',
  path: '/members/:memberId/sessions',
  status: 200,
  reply: json(z.object({ ended: z.int() })),
})
