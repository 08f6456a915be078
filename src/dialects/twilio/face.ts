import type { Operation } from '../../wire/operation.ts'
import { scimFaceOperations, type ScimFace } from '../scim/face.ts'
import { checkOrganization, checkScimOffered } from './gate.ts'
import { fromSid, toSid } from './sid.ts'

/** What the three ways to SCIM have in common. */
const shared = {
  users: ['list', 'create', 'read', 'replace', 'patch', 'delete'],
  ids: {
    toUser: (id) => toSid('US', id),
    fromUser: (text) => fromSid('US', text),
    toGroup: (id) => toSid('GP', id),
    fromGroup: (text) => fromSid('GP', text),
  },
  admit: async (call, { params }, services) => {
    if (params['organizationSid'] !== undefined) checkOrganization(call, params)
    await checkScimOffered(call, services)
  },
  entry: 'invited',
  sessionsOnSuspend: 'keep',
  // The client twilio 6.2.0 takes the first list of a page for its records (TWIL-P10).
  listOrder: 'resourcesFirst',
  omittedActive: 'activate',
  userName: 'email',
} as const satisfies Omit<ScimFace, 'prefix' | 'groups' | 'discovery'>

/** SCIM as the guide has it. */
export const guideFace: ScimFace = {
  ...shared,
  prefix: '/scim/v2/Organizations/:organizationSid',
  name: 'scim',
  groups: ['list', 'create', 'read', 'patch', 'delete'],
  discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
}

/** The public paths of preview-iam.twilio.com and iam.twilio.com: users alone (TWIL-P01, TWIL-P08). */
export const publicFaces: readonly ScimFace[] = [
  { ...shared, prefix: '/Organizations/:organizationSid/scim', name: 'previewScim', groups: [], discovery: ['ResourceTypes'] },
  {
    ...shared,
    prefix: '/scim/v2',
    name: 'iamScim',
    groups: [],
    discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
  },
]

/** Group reading is not in the guide's list (TWIL-Q13). */
export const groupByIdName = 'scimReadGroup'

export const scimOperations: readonly Operation[] = [guideFace, ...publicFaces].flatMap(scimFaceOperations)
