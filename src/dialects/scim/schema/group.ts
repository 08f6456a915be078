import { attribute, complex, type Attribute, type Schema } from './attribute.ts'

/** RFC 7643 §4.2 and §8.7.1, with erratum 5368 (displayName is required). */
export const groupSchema: Schema = groupSchemaWith('default')

/** The same with the names of members on request alone: a large group is half as long without, and what a client puts in is what it gets. */
export const terseGroupSchema: Schema = groupSchemaWith('request')

function groupSchemaWith(returned: Attribute['returned']): Schema {
  return {
    id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
    name: 'Group',
    description: 'People under one name.',
    attributes: [
      attribute('displayName', 'The name of the group, unique in the organization.', { required: true, uniqueness: 'server' }),
      complex(
        'members',
        'The people in the group.',
        [
          attribute('value', 'The id of the member.', { caseExact: true, mutability: 'immutable' }),
          attribute('$ref', 'The URI of the member.', { type: 'reference', referenceTypes: ['User'], mutability: 'immutable' }),
          attribute('type', 'What kind of resource the member is.', { canonicalValues: ['User'], mutability: 'immutable' }),
          attribute('display', 'The name of the member.', { mutability: 'readOnly', returned }),
        ],
        { multiValued: true, maxValues: 100_000 },
      ),
    ],
  }
}
