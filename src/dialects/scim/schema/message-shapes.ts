import type { NamedSchema } from '../../../wire/operation.ts'

// The messages of RFC 7644 and the resources of RFC 7643 §5 to §7 as JSON Schema, for the description.

type JsonSchema = ReturnType<NamedSchema['schema']>

const text = { type: 'string' }
const flag = { type: 'boolean' }
const integer = { type: 'integer' }
const listOf = (items: JsonSchema) => ({ type: 'array', items })
const objectOf = (properties: JsonSchema, required = Object.keys(properties)) => ({ type: 'object', properties, required })
const urns = (urn: string) => ({ ...listOf(text), examples: [[urn]] })
const message = (name: string) => urns(`urn:ietf:params:scim:api:messages:2.0:${name}`)
const core = (name: string) => urns(`urn:ietf:params:scim:schemas:core:2.0:${name}`)
const meta = objectOf({ resourceType: text, location: text })

/** RFC 7644 §3.4.2. */
export const listShape = (name: string, items: NamedSchema): NamedSchema => ({
  name,
  schema: (refer) => listOfResources(refer(items)),
})

/** A list of resources of several types. */
export const mixedListShape: NamedSchema = { name: 'ResourceList', schema: () => listOfResources({ type: 'object' }) }

/** A page by position has startIndex, one by cursor nextCursor while more follows (RFC 9865). */
const listOfResources = (resource: JsonSchema): JsonSchema =>
  objectOf(
    {
      schemas: message('ListResponse'),
      totalResults: integer,
      startIndex: integer,
      itemsPerPage: integer,
      nextCursor: text,
      Resources: listOf(resource),
    },
    ['schemas', 'totalResults', 'itemsPerPage', 'Resources'],
  )

/** RFC 7644 §3.4.3. */
export const searchShape: NamedSchema = {
  name: 'SearchRequest',
  schema: () =>
    objectOf(
      {
        schemas: message('SearchRequest'),
        attributes: listOf(text),
        excludedAttributes: listOf(text),
        filter: text,
        startIndex: integer,
        count: integer,
        sortBy: text,
        sortOrder: { ...text, examples: ['ascending', 'descending'] },
        cursor: text,
      },
      [],
    ),
}

/** RFC 7644 §3.5.2. */
export const patchShape: NamedSchema = {
  name: 'PatchOp',
  schema: () =>
    objectOf(
      {
        schemas: message('PatchOp'),
        Operations: listOf(
          objectOf(
            {
              op: { ...text, examples: ['add', 'remove', 'replace'] },
              path: { ...text, examples: ['active', 'emails[type eq "work"].value'] },
              value: {},
            },
            ['op'],
          ),
        ),
      },
      ['Operations'],
    ),
}

/** RFC 7643 §5. */
export const configShape: NamedSchema = {
  name: 'ServiceProviderConfig',
  schema: () => {
    const supported = objectOf({ supported: flag })
    const properties = {
      schemas: core('ServiceProviderConfig'),
      patch: supported,
      bulk: objectOf({ supported: flag, maxOperations: integer, maxPayloadSize: integer }),
      filter: objectOf({ supported: flag, maxResults: integer }),
      changePassword: supported,
      sort: supported,
      etag: supported,
      pagination: objectOf(
        {
          cursor: flag,
          index: flag,
          defaultPaginationMethod: text,
          defaultPageSize: integer,
          maxPageSize: integer,
          cursorTimeout: integer,
        },
        ['cursor', 'index'],
      ),
      securityEvents: objectOf({ asyncRequest: text, eventUris: listOf(text) }),
      authenticationSchemes: listOf(objectOf({ type: text, name: text, description: text, specUri: text, primary: flag })),
      meta,
    }
    return objectOf(
      properties,
      Object.keys(properties).filter((name) => name !== 'pagination' && name !== 'securityEvents'),
    )
  },
}

/** RFC 7643 §6. */
export const resourceTypeShape: NamedSchema = {
  name: 'ResourceType',
  schema: () =>
    objectOf({
      schemas: core('ResourceType'),
      id: text,
      name: text,
      endpoint: text,
      description: text,
      schema: text,
      schemaExtensions: listOf(objectOf({ schema: text, required: flag })),
      meta,
    }),
}

/** RFC 7643 §7. */
export const schemaShape: NamedSchema = {
  name: 'Schema',
  schema: (refer) =>
    objectOf({
      schemas: core('Schema'),
      id: text,
      name: text,
      description: text,
      attributes: listOf(refer(attributeShape)),
      meta,
    }),
}

const attributeShape: NamedSchema = {
  name: 'Attribute',
  schema: (refer) =>
    objectOf(
      {
        name: text,
        type: { enum: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'] },
        multiValued: flag,
        description: text,
        required: flag,
        canonicalValues: listOf(text),
        caseExact: flag,
        mutability: { enum: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] },
        returned: { enum: ['always', 'never', 'default', 'request'] },
        uniqueness: { enum: ['none', 'server', 'global'] },
        referenceTypes: listOf(text),
        subAttributes: listOf(refer(attributeShape)),
      },
      ['name', 'type', 'multiValued', 'description', 'required', 'caseExact', 'mutability', 'returned', 'uniqueness'],
    ),
}
