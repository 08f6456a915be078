import { z } from 'zod'
import { operation, scim, type Operation } from '../../wire/operation.ts'

// RFC 7644 §3 and §4; RFC 7643 §5 to §7 (September 2015, with errata). Bodies are checked against the schemas of schema/, as data, by validate.ts and patch-steps.ts.

/** A SCIM message: any JSON. What it must be is the schema's to say, not the codec's. */
const Message = scim(z.unknown())
/** Nothing where the status is 204 or 304. */
const Reply = scim(z.custom<Readonly<Record<string, unknown>> | undefined>(isMessage))

/** Query parameters by their lower-case names; further ones are ignored (RFC 7644 §3.4.2). */
const Projection = z.object({ attributes: z.string().optional(), excludedAttributes: z.string().optional() })
const Search = Projection.extend({
  filter: z.string().optional(),
  startIndex: z.string().optional(),
  count: z.string().optional(),
})
/** Discovery ignores paging and sorting and refuses a filter (RFC 7644 §4). */
const Discovery = z.object({ filter: z.string().optional() })

/** The operations on one resource type. */
export interface ResourceOperations {
  readonly create: typeof createUser
  readonly read: typeof readUser
  readonly list: typeof listUsers
  readonly search: typeof searchUsers
  readonly replace: typeof replaceUser
  readonly patch: typeof patchUser
  readonly remove: typeof removeUser
}

const createUser = create('User', '/Users')
const readUser = read('User', '/Users')
const listUsers = list('User', '/Users')
const searchUsers = search('User', '/Users')
const replaceUser = replace('User', '/Users')
const patchUser = patch('User', '/Users')
const removeUser = remove('User', '/Users')

export const userOperations: ResourceOperations = {
  create: createUser,
  read: readUser,
  list: listUsers,
  search: searchUsers,
  replace: replaceUser,
  patch: patchUser,
  remove: removeUser,
}

export const groupOperations: ResourceOperations = {
  create: create('Group', '/Groups'),
  read: read('Group', '/Groups'),
  list: list('Group', '/Groups'),
  search: search('Group', '/Groups'),
  replace: replace('Group', '/Groups'),
  patch: patch('Group', '/Groups'),
  remove: remove('Group', '/Groups'),
}

export const readServiceProviderConfig = discover(
  'readServiceProviderConfig',
  '/ServiceProviderConfig',
  'What this server can do',
)
/** Named in old drafts, and still asked for. */
export const readServiceProviderConfigs = discover(
  'readServiceProviderConfigs',
  '/ServiceProviderConfigs',
  'What this server can do, by its old name',
)
export const listSchemas = discover('listSchemas', '/Schemas', 'The schemas of all resource types')
export const readSchema = discover('readSchema', '/Schemas/:id', 'One schema, by its URN')
export const listResourceTypes = discover('listResourceTypes', '/ResourceTypes', 'The resource types')
export const readResourceType = discover('readResourceType', '/ResourceTypes/:name', 'One resource type, by its name')

/** What the RFC names and this server does not offer: answered 501 (RFC 7644 §3.4.2.1, §3.7, §3.11). Methods that a path does not have are answered so too. */
export const unsupportedOperations: readonly ReturnType<typeof unsupported>[] = [
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => unsupported(method, '/Me', 'Me')),
  unsupported('POST', '/Bulk', 'Bulk'),
  unsupported('POST', '/.search', 'RootSearch'),
]

export const operations: readonly Operation[] = [
  ...Object.values(userOperations),
  ...Object.values(groupOperations),
  readServiceProviderConfig,
  readServiceProviderConfigs,
  listSchemas,
  readSchema,
  listResourceTypes,
  readResourceType,
  ...unsupportedOperations,
]

function create(name: string, path: string) {
  return operation({
    name: `create${name}`,
    summary: `Creates a ${name}`,
    method: 'POST',
    path,
    query: Projection,
    request: Message,
    status: 201,
    reply: Reply,
  })
}

function read(name: string, path: string) {
  return operation({
    name: `read${name}`,
    summary: `Reads a ${name}; 304 where If-None-Match has its version`,
    method: 'GET',
    path: `${path}/:id`,
    query: Projection,
    status: 200,
    alsoStatus: [304],
    reply: Reply,
  })
}

function list(name: string, path: string) {
  return operation({
    name: `list${name}s`,
    summary: `Lists ${name}s by filter, in order of creation`,
    method: 'GET',
    path,
    query: Search,
    status: 200,
    reply: Reply,
  })
}

function search(name: string, path: string) {
  return operation({
    name: `search${name}s`,
    summary: `Lists ${name}s; the query stands in the body`,
    method: 'POST',
    path: `${path}/.search`,
    request: Message,
    status: 200,
    reply: Reply,
  })
}

function replace(name: string, path: string) {
  return operation({
    name: `replace${name}`,
    summary: `Replaces a ${name}, if it has the version in If-Match`,
    method: 'PUT',
    path: `${path}/:id`,
    query: Projection,
    request: Message,
    status: 200,
    reply: Reply,
  })
}

function patch(name: string, path: string) {
  return operation({
    name: `patch${name}`,
    summary: `Changes a ${name} by operations that all apply or none, if it has the version in If-Match`,
    method: 'PATCH',
    path: `${path}/:id`,
    query: Projection,
    request: Message,
    status: 200,
    alsoStatus: [204],
    reply: Reply,
  })
}

function remove(name: string, path: string) {
  return operation({
    name: `remove${name}`,
    summary: `Removes a ${name}, if it has the version in If-Match`,
    method: 'DELETE',
    path: `${path}/:id`,
    status: 204,
  })
}

function discover(name: string, path: string, summary: string) {
  return operation({ name, summary, method: 'GET', path, query: Discovery, status: 200, reply: Reply, open: true })
}

function unsupported(method: Operation['method'], path: string, name: string) {
  return operation({ name: `${method.toLowerCase()}${name}`, summary: 'Not offered: answers 501', method, path, status: 501 })
}

function isMessage(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
}
