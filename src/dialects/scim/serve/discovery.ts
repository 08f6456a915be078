import { DirectoryError } from '../../../directory/errors.ts'
import type { Call } from '../../../directory/call.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { Resource } from '../resource.ts'
import type { Attribute, Schema } from '../schema/attribute.ts'
import type { ResourceType } from '../schema/resource-type.ts'
import type { DiscoveryOperations } from '../wire.ts'
import { bulkLimits } from './bulk.ts'
import { cursorLifetimeSeconds } from './cursor.ts'
import type { Listing, PageSize } from './search-request.ts'

/** What is told of this server, and where. */
export interface Described {
  /** The resource types of whoever asks: those of everybody, and what the organization whose token is sent says of them beyond the RFC. */
  readonly typesFor: (call: Call, authorization: string | undefined) => Promise<readonly ResourceType[]>
  /** Schemas that are listed beside those of the types. */
  readonly furtherSchemas: readonly Schema[]
  /** The base of links, without a trailing slash. */
  readonly baseOf: (call: Call, params: Readonly<Record<string, string>>) => string
  readonly pageSize: PageSize
  readonly listing: readonly Listing[]
  readonly patch: 'offered' | 'missing'
  readonly bulk: 'offered' | 'missing'
  /** The events that are told; undefined where none are. */
  readonly eventUris: readonly string[] | undefined
  /** Whether anybody takes the events of the organization that asks: who sends no token is told of none. */
  readonly tellsEvents: (call: Call, authorization: string | undefined) => Promise<boolean>
  /** Whether access tokens of OAuth 2.0 are taken beside bearer tokens. */
  readonly accessTokens: 'taken' | 'refused'
}

/** Serves what clients find out about this server (RFC 7644 §4), from the same data that it works by. Mounts what is asked for. */
export function serveDiscovery(mount: Mount<Call>, operations: Partial<DiscoveryOperations>, described: Described): void {
  const { typesFor, furtherSchemas, baseOf } = described
  const schemasFor = async (call: Call, authorization: string | undefined) => [
    ...schemasOf(await typesFor(call, authorization)),
    ...furtherSchemas,
  ]

  for (const operation of operations.ServiceProviderConfig ?? [])
    // One object can be mistaken for no result of a filter: here it is ignored, as RFC 7644 §4 has it for every parameter.
    mount(operation, async (call, { params, headers }) => {
      const eventUris =
        described.eventUris && (await described.tellsEvents(call, headers['authorization'])) ? described.eventUris : undefined
      return { value: toServiceProviderConfig(baseOf(call, params), { ...described, eventUris }) }
    })

  if (operations.Schemas) {
    const [list, read] = operations.Schemas
    mount(list, async (call, { params, query, headers }) => {
      refuseFilter(query.filter)
      const schemas = await schemasFor(call, headers['authorization'])
      return { value: toWholeList(schemas.map((schema) => toSchema(schema, baseOf(call, params)))) }
    })
    mount(read, async (call, { params, query, headers }) => {
      refuseFilter(query.filter)
      const id = params['id']?.toLowerCase()
      const schema = (await schemasFor(call, headers['authorization'])).find((schema) => schema.id.toLowerCase() === id)
      if (!schema) throw new DirectoryError('notFound', 'There is no such schema. List them at /Schemas.')
      return { value: toSchema(schema, baseOf(call, params)) }
    })
  }

  if (operations.ResourceTypes) {
    const [list, read] = operations.ResourceTypes
    mount(list, async (call, { params, query, headers }) => {
      refuseFilter(query.filter)
      const types = await typesFor(call, headers['authorization'])
      return { value: toWholeList(types.map((type) => toResourceType(type, baseOf(call, params)))) }
    })
    mount(read, async (call, { params, query, headers }) => {
      refuseFilter(query.filter)
      const type = (await typesFor(call, headers['authorization'])).find(({ name }) => name === params['name'])
      if (!type) throw new DirectoryError('notFound', 'There is no such resource type. List them at /ResourceTypes.')
      return { value: toResourceType(type, baseOf(call, params)) }
    })
  }
}

/** Each once. */
const schemasOf = (types: readonly ResourceType[]): readonly Schema[] => [
  ...new Map(
    types.flatMap((type) => [type.schema, ...type.extensions.map(({ schema }) => schema)]).map((schema) => [schema.id, schema]),
  ).values(),
]

function refuseFilter(filter: string | undefined): void {
  if (filter !== undefined) throw new DirectoryError('forbidden', 'Discovery cannot be filtered. Ask without a filter.')
}

function toServiceProviderConfig(base: string, { pageSize, listing, patch, bulk, eventUris, accessTokens }: Described): Resource {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: patch === 'offered' },
    bulk: bulk === 'offered' ? { supported: true, ...bulkLimits } : { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: pageSize.most },
    changePassword: { supported: false },
    sort: { supported: listing.includes('sort') },
    etag: { supported: true },
    ...(listing.includes('cursor') && {
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: pageSize.usual,
        maxPageSize: pageSize.most,
        cursorTimeout: cursorLifetimeSeconds,
      },
    }),
    ...(eventUris && { securityEvents: { asyncRequest: 'request', eventUris: [...eventUris] } }),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The SCIM token of the organization, in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
      ...(accessTokens === 'taken' ? [clientCredentials] : []),
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  }
}

const clientCredentials = {
  type: 'oauth2',
  name: 'OAuth 2.0 client credentials',
  description: 'An access token from /oauth2/token, in the Authorization header. See /.well-known/oauth-authorization-server.',
  specUri: 'https://www.rfc-editor.org/info/rfc6749',
  primary: false,
}

function toSchema({ id, name, description, attributes }: Schema, base: string): Resource {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    description,
    attributes: attributes.map(toAttribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }
}

function toAttribute(attribute: Attribute): Resource {
  const { subAttributes, maxValues: _, initially: __, ...published } = attribute
  return { ...published, ...(subAttributes && { subAttributes: subAttributes.map(toAttribute) }) }
}

function toResourceType({ name, endpoint, description, schema, extensions }: ResourceType, base: string): Resource {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    schemaExtensions: extensions.map(({ schema, required }) => ({ schema: schema.id, required })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }
}

const toWholeList = (resources: readonly Resource[]): Resource => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
})
