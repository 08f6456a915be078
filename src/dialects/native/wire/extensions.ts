import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, when } from './page.ts'

const types = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'] as const
const mutability = z.enum(['readOnly', 'readWrite', 'immutable', 'writeOnly'])
const returned = z.enum(['always', 'never', 'default', 'request'])
const uniqueness = z.enum(['none', 'server'])
const referenceTypes = z.array(z.enum(['User', 'Group', 'external', 'uri'])).max(10)

const sentCharacteristics = {
  name: z.string(),
  multiValued: z.boolean().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  canonicalValues: z.array(z.string()).optional(),
  caseExact: z.boolean().optional(),
  mutability: mutability.optional(),
  returned: returned.optional(),
  uniqueness: uniqueness.optional(),
  referenceTypes: referenceTypes.optional(),
}
const SentAttribute = z.strictObject({
  ...sentCharacteristics,
  type: z.enum([...types, 'complex']).optional(),
  subAttributes: z.array(z.strictObject({ ...sentCharacteristics, type: z.enum(types).optional() })).optional(),
})

const SentExtension = z.strictObject({
  urn: z.string(),
  resourceType: z.enum(['User', 'Group']).optional(),
  name: z.string(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  attributes: z.array(SentAttribute),
})

const characteristics = {
  name: z.string(),
  multiValued: z.boolean(),
  description: z.string(),
  required: z.boolean(),
  canonicalValues: z.array(z.string()).optional(),
  caseExact: z.boolean(),
  mutability,
  returned,
  uniqueness,
  referenceTypes: referenceTypes.optional(),
}
const Attribute = z.object({
  ...characteristics,
  type: z.enum([...types, 'complex']),
  subAttributes: z.array(z.object({ ...characteristics, type: z.enum([...types, 'complex']) })).optional(),
})

export const Extension = z.object({
  id,
  urn: z.string(),
  resourceType: z.enum(['User', 'Group']),
  name: z.string(),
  description: z.string(),
  required: z.boolean(),
  attributes: z.array(Attribute),
  createdAt: when,
  updatedAt: when,
  version: z.int(),
})

export const listExtensions = operation({
  name: 'listExtensions',
  summary: 'What the organization defined of its people and groups beyond the RFC, all on one page',
  method: 'GET',
  path: '/extensions',
  status: 200,
  reply: json(page(Extension)),
})

export const createExtension = operation({
  name: 'createExtension',
  summary:
    'Defines an extension: a schema of RFC 7643 §7 under a URN of your own, for people (User, unless said otherwise) or groups. From then on its values are checked, whoever writes them, and SCIM serves it. What is left out of an attribute is as RFC 7643 §2.2 has it',
  method: 'POST',
  path: '/extensions',
  request: json(SentExtension),
  status: 201,
  reply: json(Extension),
})

export const readExtension = operation({
  name: 'readExtension',
  summary: 'One extension with every characteristic of its attributes. The version stands in ETag',
  method: 'GET',
  path: '/extensions/:extensionId',
  status: 200,
  reply: json(Extension),
})

export const replaceExtension = operation({
  name: 'replaceExtension',
  summary:
    'Makes the definition what is given, whole; URN and resourceType stay. Refused (409) where it would not fit values that are there: an attribute that is gone, or of another type, or unique where two are the same',
  precondition: 'If-Match',
  method: 'PUT',
  path: '/extensions/:extensionId',
  request: json(SentExtension),
  status: 200,
  reply: json(Extension),
})

export const deleteExtension = operation({
  name: 'deleteExtension',
  summary:
    'Removes a definition. Refused (409) while there are values of it, unless with values=keep: then they stay, unseen, until it is defined again',
  precondition: 'If-Match',
  method: 'DELETE',
  path: '/extensions/:extensionId',
  query: z.strictObject({ values: z.literal('keep').optional() }),
  status: 204,
})
