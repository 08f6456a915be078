import { attribute, complex, type Attribute } from './attribute.ts'

/** What every resource has beside its own schema (RFC 7643 §3.1). */
export const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'The schemas that the resource is made of.', {
    type: 'reference',
    referenceTypes: ['uri'],
    multiValued: true,
    returned: 'always',
  }),
  attribute('id', 'The identifier that this server gave.', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'The identifier that the client gave.', { caseExact: true }),
  complex(
    'meta',
    'What the server knows of the resource.',
    [
      attribute('resourceType', 'The name of the resource type.', { caseExact: true, mutability: 'readOnly' }),
      attribute('created', 'When the resource was added.', { type: 'dateTime', mutability: 'readOnly' }),
      attribute('lastModified', 'When the resource was last changed.', { type: 'dateTime', mutability: 'readOnly' }),
      attribute('location', 'The URI of the resource.', { type: 'reference', referenceTypes: ['uri'], mutability: 'readOnly' }),
      attribute('version', 'The version of the resource, as a weak entity tag.', { caseExact: true, mutability: 'readOnly' }),
    ],
    { mutability: 'readOnly' },
  ),
]
