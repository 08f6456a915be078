import { DirectoryError } from '../../../directory/errors.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import { isList, isObject, namesUrn } from '../resource.ts'
import { referencesIn } from './bulk-ids.ts'

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

/** One operation of a BulkRequest. */
export interface BulkOperation {
  readonly method: (typeof methods)[number]
  /** Below the base, with a slash before it. */
  readonly path: string
  readonly bulkId: string | undefined
  /** As If-Match would name it. */
  readonly version: string | undefined
  readonly data: Json | undefined
  /** The bulkIds that its path and its data name. */
  readonly references: readonly string[]
}

export interface BulkRequest {
  readonly operations: readonly BulkOperation[]
  /** How many errors end it; undefined for any number. */
  readonly failOnErrors: number | undefined
}

export const bulkRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

/** Reads the body of a POST to /Bulk. Throws malformed, invalidSyntax, invalidValue, tooLarge. */
export function readBulk(body: unknown, maxOperations: number): BulkRequest {
  if (!isObject(body)) throw new DirectoryError('malformed', 'Send a JSON object with a BulkRequest.')
  const members = lowerCase(body)
  const schemas = members.get('schemas')
  if (!isList(schemas) || !namesUrn(schemas, bulkRequestSchema))
    throw refusal('invalidSyntax', `schemas must name ${bulkRequestSchema}.`, 'schemas')
  const operations = members.get('operations')
  if (!isList(operations)) throw refusal('invalidSyntax', 'Operations must be a list.', 'Operations')
  if (operations.length > maxOperations)
    throw new DirectoryError('tooLarge', `A BulkRequest has at most ${maxOperations} operations (maxOperations). Send several.`)
  const failOnErrors = members.get('failonerrors') ?? undefined
  if (failOnErrors !== undefined && !(typeof failOnErrors === 'number' && Number.isSafeInteger(failOnErrors) && failOnErrors > 0))
    throw refusal('invalidValue', 'failOnErrors must be a whole number from 1.', 'failOnErrors')
  return { operations: operations.map(readOperation), failOnErrors }
}

function readOperation(value: Json): BulkOperation {
  if (!isObject(value)) throw refusal('invalidSyntax', 'Each operation must be an object.', 'Operations')
  const members = lowerCase(value)
  const text = (name: string): string | undefined => {
    const member = members.get(name.toLowerCase()) ?? undefined
    if (member !== undefined && typeof member !== 'string') throw refusal('invalidSyntax', `${name} must be text.`, name)
    return member
  }
  const method = methods.find((known) => known === text('method')?.toUpperCase())
  if (!method) throw refusal('invalidSyntax', `method must be one of ${methods.join(', ')}.`, 'method')
  const path = text('path')
  if (!path) throw refusal('invalidSyntax', 'Each operation needs a path.', 'path')
  const bulkId = text('bulkId')
  if (method === 'POST' && !bulkId) throw refusal('invalidSyntax', 'A POST needs a bulkId.', 'bulkId')
  const data = members.get('data')
  if (method !== 'DELETE' && data === undefined) throw refusal('invalidSyntax', `${method} needs data.`, 'data')
  const slashed = path.startsWith('/') ? path : `/${path}`
  return {
    method,
    path: slashed,
    bulkId,
    version: text('version'),
    data,
    references: [...new Set([...referencesIn(slashed), ...referencesIn(data)])],
  }
}

const lowerCase = (object: JsonObject): ReadonlyMap<string, Json> =>
  new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value ?? null]))
