import { attribute, complex, type Attribute, type Schema } from './attribute.ts'

/** RFC 7643 §4.2 and §8.7.1, with erratum 5368 (displayName is required). Groups of people alone. */
export const groupSchema: Schema = groupSchemaWith({ returned: 'default', kinds: ['User'] })

/**
 * Groups of people and groups, with the names of members on request alone: a large group is half as long without, and what a client puts in is what it
 * gets.
 */
export const nestedGroupSchema: Schema = groupSchemaWith({ returned: 'request', kinds: ['User', 'Group'] })

function groupSchemaWith({
  returned,
  kinds,
}: {
  readonly returned: Attribute['returned']
  readonly kinds: readonly string[]
}): Schema {
  const who = kinds.includes('Group') ? 'People and groups' : 'People'
  return {
    id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
    name: 'Group',
    description: `${who} under one name.`,
    attributes: [
      attribute('displayName', 'The name of the group, unique in the organization.', { required: true, uniqueness: 'server' }),
      complex(
        'members',
        `${who} in the group itself.`,
        [
          attribute('value', 'The id of the member.', { caseExact: true, mutability: 'immutable' }),
          attribute('$ref', 'The URI of the member.', { type: 'reference', referenceTypes: kinds, mutability: 'immutable' }),
          attribute('type', 'What kind of resource the member is.', { canonicalValues: kinds, mutability: 'immutable' }),
          attribute('display', 'The name of the member.', { mutability: 'readOnly', returned }),
        ],
        { multiValued: true, maxValues: 100_000 },
      ),
    ],
  }
}
