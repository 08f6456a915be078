import { z } from 'zod'
import { operation, scim, type NamedSchema, type Operation } from '../../wire/operation.ts'
import { newResourceShape, resourceShape } from './schema/json-schema.ts'
import { bulkRequestShape, bulkResponseShape } from './schema/bulk-shapes.ts'
import {
  configShape,
  listShape,
  mixedListShape,
  patchShape,
  resourceTypeShape,
  schemaShape,
  searchShape,
} from './schema/message-shapes.ts'
import { nestedGroupType, userType, type ResourceType } from './schema/resource-type.ts'

// RFC 7644 §3 and §4; RFC 7643 §5 to §7 (September 2015, with errata). Bodies are checked against the schemas of schema/, as data, by validate.ts and patch-steps.ts.

/** A SCIM message: any JSON. What it must be is the schema's to say, not the codec's. */
const message = (shape: NamedSchema) => scim(z.unknown(), shape)
const Answer = z.custom<Readonly<Record<string, unknown>> | undefined>(isMessage)
/** Nothing where the status is 204 or 304. */
const answer = (shape: NamedSchema) => scim(Answer, shape)

/** Query parameters by their lower-case names; further ones are ignored (RFC 7644 §3.4.2). */
const Projection = z.object({ attributes: z.string().optional(), excludedAttributes: z.string().optional() })
const Search = Projection.extend({
  filter: z.string().optional(),
  startIndex: z.string().optional(),
  count: z.string().optional(),
  sortBy: z.string().optional(),
  sortOrder: z.string().optional(),
  cursor: z.string().optional(),
})
/** Discovery ignores paging and sorting and refuses a filter (RFC 7644 §4). */
const Discovery = z.object({ filter: z.string().optional() })

/** The operations on one resource type. */
export interface ResourceOperations {
  readonly create: ReturnType<typeof create>
  readonly read: ReturnType<typeof read>
  readonly list: ReturnType<typeof list>
  readonly search: ReturnType<typeof search>
  readonly replace: ReturnType<typeof replace>
  readonly patch: ReturnType<typeof patch>
  readonly remove: ReturnType<typeof remove>
}

/** Where a set of operations lies, and what their names start with. */
export interface Place {
  /** Below the dialect's base, without a trailing slash; empty for the base itself. */
  readonly prefix: string
  /** What precedes the name of each operation: `scim` makes `scimCreateUser`. */
  readonly name: string
  /** Writes may be answered 202 and by an event later, where the caller asks for that. */
  readonly answers?: 'alsoLater'
}

const here: Place = { prefix: '', name: '', answers: 'alsoLater' }

export function resourceOperations(type: ResourceType, place: Place): ResourceOperations {
  return {
    create: create(type, place),
    read: read(type, place),
    list: list(type, place),
    search: search(type, place),
    replace: replace(type, place),
    patch: patch(type, place),
    remove: remove(type, place),
  }
}

/** The operations on people as a caller knows them, wherever they lie. */
export const userOperationsAt = (place: Place): ResourceOperations => resourceOperations(userType, place)

export const userOperations: ResourceOperations = userOperationsAt(here)
export const groupOperations: ResourceOperations = resourceOperations(nestedGroupType, here)

/** The operations on all resource types at once (RFC 7644 §3.4.2.1, §3.7). */
export interface AcrossOperations {
  readonly list: ReturnType<typeof listAll>
  readonly search: ReturnType<typeof searchAll>
  readonly bulk: ReturnType<typeof bulk>
}

export const acrossOperations = (place: Place): AcrossOperations => ({
  list: listAll(place),
  search: searchAll(place),
  bulk: bulk(place),
})

/** The operations of discovery. */
export interface DiscoveryOperations {
  readonly ServiceProviderConfig: readonly DiscoveryOperation[]
  readonly Schemas: readonly [DiscoveryOperation, DiscoveryOperation]
  readonly ResourceTypes: readonly [DiscoveryOperation, DiscoveryOperation]
}
type DiscoveryOperation = ReturnType<typeof discover>

const config = { path: '/ServiceProviderConfig', summary: 'What this server can do', shape: configShape }

/** Discovery for callers with a credential. */
export const discoveryOperations = (place: Place): DiscoveryOperations => ({
  ServiceProviderConfig: [discover('readServiceProviderConfig', config, place)],
  Schemas: [
    discover(
      'listSchemas',
      { path: '/Schemas', summary: 'The schemas of all resource types', shape: listShape('SchemaList', schemaShape) },
      place,
    ),
    discover('readSchema', { path: '/Schemas/:id', summary: 'One schema, by its URN', shape: schemaShape }, place),
  ],
  ResourceTypes: [
    discover(
      'listResourceTypes',
      { path: '/ResourceTypes', summary: 'The resource types', shape: listShape('ResourceTypeList', resourceTypeShape) },
      place,
    ),
    discover(
      'readResourceType',
      { path: '/ResourceTypes/:name', summary: 'One resource type, by its name', shape: resourceTypeShape },
      place,
    ),
  ],
})

/** Discovery for anyone, with a name of old drafts that is still asked for. */
export const openDiscoveryOperations: DiscoveryOperations = {
  ServiceProviderConfig: [
    ...discoveryOperations(here).ServiceProviderConfig.map(opened),
    opened(
      discover(
        'readServiceProviderConfigs',
        { ...config, path: '/ServiceProviderConfigs', summary: 'What this server can do, by its old name' },
        here,
      ),
    ),
  ],
  Schemas: [opened(discoveryOperations(here).Schemas[0]), opened(discoveryOperations(here).Schemas[1])],
  ResourceTypes: [opened(discoveryOperations(here).ResourceTypes[0]), opened(discoveryOperations(here).ResourceTypes[1])],
}

/** What the RFC names and this server does not offer: answered 501 (RFC 7644 §3.11). Methods that a path does not have are answered so too. */
export const unsupportedOperations: readonly ReturnType<typeof unsupported>[] = (
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
).map((method) => unsupported(method, '/Me', 'Me'))

/** The same of Bulk, for a face that has none (RFC 7644 §3.7). */
export const unsupportedBulk = ({ prefix, ...place }: Place) =>
  unsupported('POST', `${prefix}/Bulk`, nameIn({ prefix, ...place }, 'bulk'))

export const operations: readonly Operation[] = [
  ...Object.values(userOperations),
  ...Object.values(groupOperations),
  ...Object.values(acrossOperations(here)),
  ...Object.values(openDiscoveryOperations).flat(),
  ...unsupportedOperations,
]

function create(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `create${name}`),
    summary: `Creates a ${name}`,
    method: 'POST',
    path: pathIn(place, type),
    query: Projection,
    request: message(newResourceShape(type)),
    status: 201,
    alsoStatus: later(place),
    reply: answer(resourceShape(type)),
  })
}

function read(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `read${name}`),
    summary: `Reads a ${name}; 304 where If-None-Match has its version`,
    method: 'GET',
    path: `${pathIn(place, type)}/:id`,
    query: Projection,
    precondition: 'If-None-Match',
    status: 200,
    alsoStatus: [304],
    reply: answer(resourceShape(type)),
  })
}

function list(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `list${name}s`),
    summary: `Lists ${name}s by filter, in order of creation`,
    ...(name === 'User' && { listMember: 'Resources' }),
    method: 'GET',
    path: pathIn(place, type),
    query: Search,
    status: 200,
    reply: answer(listShape(`${type.shapeName ?? name}List`, resourceShape(type))),
  })
}

function search(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `search${name}s`),
    summary: `Lists ${name}s; the query stands in the body`,
    method: 'POST',
    path: `${pathIn(place, type)}/.search`,
    request: message(searchShape),
    status: 200,
    reply: answer(listShape(`${type.shapeName ?? name}List`, resourceShape(type))),
  })
}

function replace(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `replace${name}`),
    summary: `Replaces a ${name}, if it has the version in If-Match`,
    method: 'PUT',
    path: `${pathIn(place, type)}/:id`,
    query: Projection,
    request: message(newResourceShape(type)),
    precondition: 'If-Match',
    status: 200,
    alsoStatus: later(place),
    reply: answer(resourceShape(type)),
  })
}

function patch(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `patch${name}`),
    summary: `Changes a ${name} by operations that all apply or none, if it has the version in If-Match`,
    method: 'PATCH',
    path: `${pathIn(place, type)}/:id`,
    query: Projection,
    request: message(patchShape),
    precondition: 'If-Match',
    status: 200,
    alsoStatus: [204, ...later(place)],
    reply: answer(resourceShape(type)),
  })
}

function remove(type: ResourceType, place: Place) {
  const { name } = type
  return operation({
    name: nameIn(place, `remove${name}`),
    summary: `Removes a ${name}, if it has the version in If-Match`,
    method: 'DELETE',
    path: `${pathIn(place, type)}/:id`,
    precondition: 'If-Match',
    status: 204,
    alsoStatus: later(place),
  })
}

function listAll({ prefix, ...place }: Place) {
  return operation({
    name: nameIn({ prefix, ...place }, 'listResources'),
    summary: 'Lists resources of every type by filter, one type after the other',
    method: 'GET',
    path: `${prefix}/`,
    query: Search,
    status: 200,
    reply: answer(mixedListShape),
  })
}

function searchAll({ prefix, ...place }: Place) {
  return operation({
    name: nameIn({ prefix, ...place }, 'searchResources'),
    summary: 'Lists resources of every type; the query stands in the body',
    method: 'POST',
    path: `${prefix}/.search`,
    request: message(searchShape),
    status: 200,
    reply: answer(mixedListShape),
  })
}

function bulk({ prefix, ...place }: Place) {
  return operation({
    name: nameIn({ prefix, ...place }, 'bulk'),
    summary: 'Does many operations in one request, each by itself',
    method: 'POST',
    path: `${prefix}/Bulk`,
    request: message(bulkRequestShape),
    status: 200,
    reply: answer(bulkResponseShape),
  })
}

function discover(
  name: string,
  { path, summary, shape }: { readonly path: string; readonly summary: string; readonly shape: NamedSchema },
  place: Place,
) {
  return operation({
    name: nameIn(place, name),
    summary,
    method: 'GET',
    path: place.prefix + path,
    query: Discovery,
    status: 200,
    reply: answer(shape),
  })
}

function opened(closed: DiscoveryOperation): DiscoveryOperation {
  return { ...closed, open: true }
}

function later({ answers }: Place): readonly number[] {
  return answers === 'alsoLater' ? [202] : []
}

function pathIn({ prefix }: Place, { endpoint }: ResourceType): string {
  return prefix + endpoint
}

function nameIn({ name: before }: Place, name: string): string {
  return before === '' ? name : `${before}${name[0]!.toUpperCase()}${name.slice(1)}`
}

function unsupported(method: Operation['method'], path: string, name: string) {
  return operation({
    name: `${method.toLowerCase()}${name[0]!.toUpperCase()}${name.slice(1)}`,
    summary: 'Not offered: answers 501',
    method,
    path,
    status: 501,
  })
}

function isMessage(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
}
