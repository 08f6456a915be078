import { attribute, type Schema } from './attribute.ts'

/** What Rollcall knows of a person beyond the RFC. An invited person is `active` to a provider, which else would reactivate for ever. */
export const lifecycleSchema: Schema = {
  id: 'urn:rollcall:params:scim:schemas:extension:2.0:User',
  name: 'RollcallUser',
  description: 'How the person stands in the organization.',
  attributes: [
    attribute('lifecycle', 'invited until the invitation is accepted, then active, or suspended.', {
      canonicalValues: ['invited', 'active', 'suspended'],
      caseExact: true,
      mutability: 'readOnly',
    }),
    attribute('invitedAt', 'When the person was invited; absent for a person who was added without an invitation.', {
      type: 'dateTime',
      mutability: 'readOnly',
    }),
  ],
}
