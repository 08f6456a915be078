import { attribute, type Schema } from './attribute.ts'

/** What Rollcall knows of a person beyond the RFC. An invited person is `active` to a provider, which else would reactivate for ever. */
export const lifecycleSchema: Schema = {
  id: 'urn:rollcall:params:scim:schemas:extension:2.0:User',
  name: 'RollcallUser',
  description: 'How the person stands in the organization, where `active` does not tell the whole.',
  attributes: [
    attribute(
      'lifecycle',
      'invited until the invitation is accepted, then active, or suspended; absent of who was never invited, where `active` tells.',
      {
        canonicalValues: ['invited', 'active', 'suspended'],
        caseExact: true,
        mutability: 'readOnly',
      },
    ),
    attribute('invitedAt', 'When the person was invited; absent for a person who was added without an invitation.', {
      type: 'dateTime',
      mutability: 'readOnly',
    }),
    attribute('note', 'What the provider wants to be remembered of the person.'),
  ],
}

/** The same at the address of a connection, which tells how it stands with the account at the vendor too. */
export const applicationLifecycleSchema: Schema = {
  ...lifecycleSchema,
  attributes: [
    ...lifecycleSchema.attributes,
    attribute('provisioning', 'How it stands with the account at the vendor.', {
      canonicalValues: ['done', 'pending', 'failed', 'waitingForApproval', 'waitingForPerson'],
      caseExact: true,
      mutability: 'readOnly',
    }),
    attribute('provisioningDetail', 'Why, and what to do; absent where there is nothing to say.', {
      caseExact: true,
      mutability: 'readOnly',
    }),
  ],
}
