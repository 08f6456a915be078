import { attribute, complex, plural, type Schema } from './attribute.ts'
import type { ResourceType } from './resource-type.ts'

// What conformance suites look for to try every data type and characteristic (RFC 7643 §2.2, §2.3, §7). Served by `rollcall serve --scim-test-resources` alone.

const testResourceSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:test:2.0:TestResource',
  name: 'TestResource',
  description: 'A resource with every data type and characteristic, for conformance runs.',
  attributes: [
    attribute('identifier', 'A name that no other has.', { required: true, uniqueness: 'server' }),
    attribute('caseExactString', 'A text whose case counts.', { caseExact: true }),
    attribute('caseInsensitiveString', 'A text whose case does not count.'),
    attribute('integerAttr', 'A whole number.', { type: 'integer' }),
    attribute('booleanAttr', 'True or false.', { type: 'boolean' }),
    attribute('dateTimeAttr', 'A date and time.', { type: 'dateTime', canonicalValues: ['2026-01-31T12:00:00Z'] }),
    attribute('binaryAttr', 'Bytes in base64.', { type: 'binary' }),
    attribute('referenceAttr', 'A URI.', { type: 'reference', referenceTypes: ['uri'] }),
    attribute('readOnlyAttr', 'What only the server sets.', { mutability: 'readOnly' }),
    attribute('immutableAttr', 'What is set once.', { mutability: 'immutable' }),
    attribute('writeOnlyAttr', 'What is never shown.', { mutability: 'writeOnly', returned: 'never' }),
    attribute('requestOnlyAttr', 'What is shown on request.', { returned: 'request' }),
    attribute('alwaysReturnedAttr', 'What is always shown.', { returned: 'always', initially: 'unset' }),
    attribute('multiStrings', 'Texts.', { multiValued: true }),
    complex('complexAttr', 'Values that belong together.', [
      attribute('sub1', 'A text.'),
      attribute('sub2', 'A whole number.', { type: 'integer' }),
      attribute('sub3', 'True or false.', { type: 'boolean' }),
    ]),
    plural('multiComplex', 'Values of several kinds.', { value: attribute('value', 'The value.'), without: ['display'] }),
    attribute('uniqueString', 'A text that no other has.', { uniqueness: 'server' }),
  ],
}

const extensionSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:test:2.0:TestResource',
  name: 'TestResourceExtension',
  description: 'What every TestResource must carry beside its own attributes.',
  attributes: [
    attribute('extString', 'A text.'),
    attribute('extRequired', 'A text that is required.', { required: true }),
    attribute('extInteger', 'A whole number.', { type: 'integer' }),
  ],
}

export const testResourceType: ResourceType = {
  name: 'TestResource',
  endpoint: '/TestResources',
  description: 'A resource with every data type and characteristic, for conformance runs.',
  schema: testResourceSchema,
  extensions: [{ schema: extensionSchema, required: true }],
}
