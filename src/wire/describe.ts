import { z } from 'zod'
import { essenceOf, mediaTypes } from './media.ts'
import type { Body, Operation } from './operation.ts'

/** What an API's description needs beside its operations. */
export interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly summary?: string; readonly description?: string }
  /** The base of the operations' paths. */
  readonly serverUrl: string
  /** An OpenAPI security scheme; operations that are open are described without it. */
  readonly securityScheme: Readonly<Record<string, unknown>>
  readonly problem: {
    readonly mediaTypes: readonly string[]
    readonly schema: z.ZodType
    readonly statuses: readonly number[]
    /** The refusals of one operation, where they are not the same for all. */
    readonly statusesOf?: (operation: Operation) => readonly number[]
  }
  /** Header parameters of an operation. */
  readonly headersOf?: (
    operation: Operation,
  ) => readonly { readonly name: string; readonly description: string; readonly required?: boolean }[]
  /** Documented bodies by operation name, as JSON on the wire. */
  readonly examples?: Readonly<Record<string, { readonly request?: unknown; readonly reply?: unknown }>>
}

/** The part of OpenAPI 3.1 that a description uses. Schemas are JSON Schema 2020-12. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: Description['info']
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly securitySchemes: object; readonly responses: object; readonly schemas: object }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security?: readonly []
  readonly parameters: readonly OpenApiParameter[]
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, OpenApiContent>> }
  readonly responses: Readonly<Record<string, object>>
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: unknown
  readonly description?: string
}

export interface OpenApiContent {
  readonly schema: object
  readonly example?: unknown
}

/** Describes operations from the very values that serve and call them; every schema is the wire's side of its codec. */
export function describe(operations: readonly Operation[], description: Description): OpenApi {
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation, description) }
  }
  const { problem, securityScheme } = description
  const problemContent = Object.fromEntries(
    problem.mediaTypes.map((type) => [type, { schema: { $ref: '#/components/schemas/Problem' } }]),
  )
  return {
    openapi: '3.1.0',
    info: description.info,
    servers: [{ url: description.serverUrl }],
    security: [{ credential: [] }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { credential: securityScheme },
      responses: { Problem: { description: 'A refusal.', content: problemContent } },
      schemas: { Problem: schemaOf(problem.schema) },
    },
  }
}

function describeOperation(operation: Operation, { problem, headersOf, examples }: Description): OpenApiOperation {
  const example = examples?.[operation.name]
  const replyContent = operation.reply && contentOf(operation.reply, example?.reply)
  const successes = [operation.status, ...(operation.alsoStatus ?? [])].map((status) => [
    status,
    status === 204 || status === 304 || !replyContent
      ? { description: 'Done, without a body.' }
      : { description: 'Done.', content: replyContent },
  ])
  const refusals = (problem.statusesOf?.(operation) ?? problem.statuses).map((status) => [
    status,
    { $ref: '#/components/responses/Problem' },
  ])
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [tagOf(operation)],
    ...(operation.open && { security: [] as const }),
    parameters: [
      ...[...operation.path.matchAll(/:(\w+)/g)].map((match) => ({
        name: match[1]!,
        in: 'path' as const,
        required: true,
        schema: { type: 'string' },
      })),
      ...queryParameters(operation),
      ...(headersOf?.(operation) ?? []).map(({ name, description, required = false }) => ({
        name,
        in: 'header' as const,
        required,
        schema: { type: 'string' },
        description,
      })),
    ],
    ...(operation.request && {
      requestBody: { required: true as const, content: contentOf(operation.request, example?.request) },
    }),
    responses: Object.fromEntries([...refusals, ...successes]),
  }
}

function queryParameters({ query }: Operation): readonly OpenApiParameter[] {
  if (!query) return []
  const { properties = {}, required = [] } = schemaOf(query)
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }))
}

/** One entry for each medium; examples are JSON and stand where JSON is spoken. A verbatim body is any JSON object, or a page. */
function contentOf(body: Body, example: unknown): Readonly<Record<string, OpenApiContent>> {
  const verbatim = { type: body.media.includes('html') ? 'string' : 'object' }
  const schema = body.verbatim ? verbatim : schemaOf(body.codec)
  return Object.fromEntries(
    body.media.map((media) => [
      essenceOf(mediaTypes[media]),
      {
        schema: media === 'xml' && body.xml ? { ...schema, xml: { name: body.xml.inner ?? body.xml.root } } : schema,
        ...(example !== undefined && (media === 'json' || media === 'scim') && { example }),
      },
    ]),
  )
}

/** The wire's side of a codec, as JSON Schema. */
function schemaOf(codec: z.ZodType) {
  const { $schema: _, ...schema } = z.toJSONSchema(codec, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    // Left out for a codec otherwise, though it is the wire's own default that is documented.
    override: ({ zodSchema, jsonSchema }) => {
      const documented = z.globalRegistry.get(zodSchema)?.['default']
      if (documented !== undefined) Object.assign(jsonSchema, { default: documented })
    },
  })
  return schema
}

/** The first noun of the path. */
const tagOf = ({ path }: Operation): string => path.split('/').find((part) => part !== '' && !part.startsWith(':')) ?? ''
