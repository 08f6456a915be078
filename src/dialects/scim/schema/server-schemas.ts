import { attribute, complex, type Attribute, type Schema } from './attribute.ts'

// The schemas of what discovery answers with. RFC 7643 §8.7.2 publishes them beside those of resources; §5, §6 and §7 say what they mean.

const told = { mutability: 'readOnly' } as const
const must = { ...told, required: true } as const

const supported = attribute('supported', 'Whether this server does it.', { ...must, type: 'boolean' })
const feature = (name: string, description: string, ...limits: readonly Attribute[]): Attribute =>
  complex(name, description, [supported, ...limits], must)
const count = (name: string, description: string): Attribute => attribute(name, description, { ...must, type: 'integer' })
const link = (name: string, description: string, rest: Partial<Attribute> = {}): Attribute =>
  attribute(name, description, { ...told, type: 'reference', referenceTypes: ['external'], ...rest })

/** With `pagination` of RFC 9865 and `securityEvents` of RFC 9967. */
const serviceProviderConfigSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  name: 'ServiceProviderConfig',
  description: 'What this server can do.',
  attributes: [
    link('documentationUri', 'Where this server is described for people.'),
    feature('patch', 'PATCH.'),
    feature(
      'bulk',
      'Several operations in one request.',
      count('maxOperations', 'How many operations a request may have.'),
      count('maxPayloadSize', 'How many bytes a request may have.'),
    ),
    feature('filter', 'Filters.', count('maxResults', 'How many resources an answer has at most.')),
    feature('changePassword', 'Changing passwords.'),
    feature('sort', 'Sorting.'),
    feature('etag', 'Versions of resources.'),
    complex(
      'pagination',
      'How lists are paged.',
      [
        attribute('cursor', 'Whether by cursor.', { ...must, type: 'boolean' }),
        attribute('index', 'Whether by position.', { ...must, type: 'boolean' }),
        attribute('defaultPaginationMethod', 'How, unless it is said.', { ...told, canonicalValues: ['cursor', 'index'] }),
        attribute('defaultPageSize', 'How many resources, unless it is said.', { ...told, type: 'integer' }),
        attribute('maxPageSize', 'How many resources at most.', { ...told, type: 'integer' }),
        attribute('cursorTimeout', 'For how many seconds a cursor is good.', { ...told, type: 'integer' }),
      ],
      told,
    ),
    complex(
      'securityEvents',
      'The events that are told of resources.',
      [
        attribute('asyncRequest', 'Whether a write may be answered by an event.', told),
        link('eventUris', 'The kinds of events.', { referenceTypes: ['uri'], multiValued: true }),
      ],
      told,
    ),
    complex(
      'authenticationSchemes',
      'How a client proves who it is.',
      [
        attribute('type', 'The scheme.', {
          ...must,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        attribute('name', 'The name of the scheme.', must),
        attribute('description', 'What the scheme is.', must),
        link('specUri', 'Where the scheme is specified.'),
        link('documentationUri', 'Where its use is described.'),
        attribute('primary', 'Whether this is the preferred scheme.', { ...told, type: 'boolean' }),
      ],
      { ...must, multiValued: true },
    ),
  ],
}

const resourceTypeSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  name: 'ResourceType',
  description: 'A kind of resource that this server has.',
  attributes: [
    attribute('name', 'The name of the resource type.', must),
    attribute('description', 'What its resources are.', told),
    link('endpoint', 'Where they are, below the base.', { required: true, referenceTypes: ['uri'] }),
    link('schema', 'The schema of its attributes.', { required: true, referenceTypes: ['uri'] }),
    complex(
      'schemaExtensions',
      'The schemas that add to it.',
      [
        link('schema', 'The schema of the extension.', { required: true, referenceTypes: ['uri'] }),
        attribute('required', 'Whether every resource must have it.', { ...must, type: 'boolean' }),
      ],
      { ...told, multiValued: true },
    ),
  ],
}

/** What is said of an attribute, and of a sub-attribute too. */
const characteristics: readonly Attribute[] = [
  attribute('name', 'The name of the attribute.', { ...must, caseExact: true }),
  attribute('type', 'What kind of value it has.', {
    ...must,
    canonicalValues: ['string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
  }),
  attribute('multiValued', 'Whether it is a list.', { ...must, type: 'boolean' }),
  attribute('description', 'What it is.', told),
  attribute('required', 'Whether it must have a value.', { ...told, type: 'boolean' }),
  attribute('canonicalValues', 'The usual values.', { ...told, multiValued: true, caseExact: true }),
  attribute('caseExact', 'Whether case counts when it is compared.', { ...told, type: 'boolean' }),
  attribute('mutability', 'Who may change it.', {
    ...told,
    caseExact: true,
    canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  }),
  attribute('returned', 'When it is shown.', {
    ...told,
    caseExact: true,
    canonicalValues: ['always', 'never', 'default', 'request'],
  }),
  attribute('uniqueness', 'Among what its value is unique.', {
    ...told,
    caseExact: true,
    canonicalValues: ['none', 'server', 'global'],
  }),
  attribute('referenceTypes', 'What a reference leads to.', { ...told, multiValued: true, caseExact: true }),
]

const schemaSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  name: 'Schema',
  description: 'The attributes of a kind of resource, or of an extension.',
  attributes: [
    attribute('name', 'The name of the schema.', must),
    attribute('description', 'What it describes.', told),
    complex(
      'attributes',
      'The attributes.',
      [
        ...characteristics,
        complex('subAttributes', 'The parts of a complex value.', characteristics, { ...told, multiValued: true }),
      ],
      { ...must, multiValued: true },
    ),
  ],
}

/** The schemas of this server's own descriptions. */
export const serverSchemas: readonly Schema[] = [serviceProviderConfigSchema, resourceTypeSchema, schemaSchema]
