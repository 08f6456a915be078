import { attribute, complex, type Schema } from './attribute.ts'

/** RFC 7643 §4.3 and §8.7.1, with erratum 8472 (manager.value is case-exact). */
export const enterpriseUserSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'What an employer knows of a person.',
  attributes: [
    attribute('employeeNumber', 'The number that the employer gave.'),
    attribute('costCenter', 'The cost center.'),
    attribute('organization', 'The organization.'),
    attribute('division', 'The division.'),
    attribute('department', 'The department.'),
    complex('manager', "The person's manager.", [
      attribute('value', 'The id of the manager.', { caseExact: true }),
      attribute('$ref', 'The URI of the manager.', { type: 'reference', referenceTypes: ['User'] }),
      attribute('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
}
