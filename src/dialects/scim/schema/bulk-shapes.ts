import type { NamedSchema } from '../../../wire/operation.ts'

// The messages of RFC 7644 §3.7 as JSON Schema, for the description.

const text = { type: 'string' }
const schemas = (name: string) => ({
  type: 'array',
  items: text,
  examples: [[`urn:ietf:params:scim:api:messages:2.0:${name}`]],
})
const method = { ...text, examples: ['POST', 'PUT', 'PATCH', 'DELETE'] }

export const bulkRequestShape: NamedSchema = {
  name: 'BulkRequest',
  schema: () => ({
    type: 'object',
    properties: {
      schemas: schemas('BulkRequest'),
      failOnErrors: { type: 'integer' },
      Operations: {
        type: 'array',
        items: {
          type: 'object',
          properties: { method, bulkId: text, version: text, path: { ...text, examples: ['/Users'] }, data: { type: 'object' } },
          required: ['method', 'path'],
        },
      },
    },
    required: ['schemas', 'Operations'],
  }),
}

export const bulkResponseShape: NamedSchema = {
  name: 'BulkResponse',
  schema: () => ({
    type: 'object',
    properties: {
      schemas: schemas('BulkResponse'),
      Operations: {
        type: 'array',
        items: {
          type: 'object',
          properties: { method, bulkId: text, version: text, location: text, status: text, response: { type: 'object' } },
          required: ['method', 'status'],
        },
      },
    },
    required: ['schemas', 'Operations'],
  }),
}
