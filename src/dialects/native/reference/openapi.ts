import { z } from 'zod'
import type { Body, Operation } from '../../../wire/operation.ts'
import type { Example } from '../examples.ts'
import { problems } from '../problem.ts'
import { operations } from '../wire.ts'
import { Problem } from '../wire/problem.ts'

/** The part of OpenAPI 3.1 that the document uses. Schemas are JSON Schema 2020-12. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly summary: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly object[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly securitySchemes: object; readonly responses: object; readonly schemas: object }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly schema: unknown
    readonly description?: string
  }[]
  readonly requestBody?: { readonly required: true; readonly content: object }
  readonly responses: Readonly<Record<string, object>>
}

/** Describes every operation of `/api/v1` from the very values that serve it. */
export function describe(version: string, examples: Readonly<Record<string, Example>>): OpenApi {
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const operation of Object.values<Operation>(operations)) {
    const path = operation.path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = {
      ...paths[path],
      [operation.method.toLowerCase()]: describeOperation(operation, examples[operation.name] ?? {}),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version,
      summary: 'One directory for who has access at your communications vendors',
      description:
        'Every request carries a native key: Authorization: Bearer rc_native_…. Lists answer items and, but on the last page, nextCursor. ' +
        'A write may carry an Idempotency-Key; repeated within 24 hours with the same content it answers what it answered first. ' +
        'Refusals are application/problem+json (RFC 9457).',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ key: [] }],
    tags: [...new Set(Object.values<Operation>(operations).map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'A refusal; type tells which.',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
      schemas: { Problem: schemaOf(Problem) },
    },
  }
}

function describeOperation(operation: Operation, example: Example): OpenApiOperation {
  const statuses = [...new Set(Object.values(problems).map(([status]) => status))]
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [tagOf(operation)],
    parameters: [...pathParameters(operation), ...queryParameters(operation), ...headerParameters(operation)],
    ...(operation.request && {
      requestBody: { required: true as const, content: contentOf(operation.request, example.request) },
    }),
    responses: {
      [operation.status]: {
        description: operation.status === 204 ? 'Done; no body.' : 'Done.',
        ...(operation.reply && { content: contentOf(operation.reply, example.reply) }),
      },
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: '#/components/responses/Problem' }])),
    },
  }
}

const pathParameters = ({ path }: Operation) =>
  [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => ({
    name: match[1]!,
    in: 'path' as const,
    required: true,
    schema: { type: 'string' },
  }))

function queryParameters({ query }: Operation): OpenApiOperation['parameters'] {
  if (!query) return []
  const { properties = {}, required = [] } = schemaOf(query)
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }))
}

function headerParameters({ method, summary }: Operation): OpenApiOperation['parameters'] {
  if (method === 'GET') return []
  const key = {
    name: 'Idempotency-Key',
    in: 'header' as const,
    required: false,
    schema: { type: 'string' },
    description: 'A repetition with the same key and content answers what the first one answered.',
  }
  const match = {
    name: 'If-Match',
    in: 'header' as const,
    required: false,
    schema: { type: 'string' },
    description: 'The ETag that was read.',
  }
  return summary.includes('If-Match') ? [key, match] : [key]
}

const contentOf = (body: Body, example: unknown) => ({
  'application/json': { schema: schemaOf(body.codec), ...(example !== undefined && { example }) },
})

/** The wire's side of a codec, as JSON Schema. */
const schemaOf = (codec: z.ZodType) => {
  const { $schema: _, ...schema } = z.toJSONSchema(codec, { io: 'input', reused: 'inline' })
  return schema
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** The noun that an operation is listed under: the first part of its path. */
const tagOf = ({ path }: Operation): string => path.split('/')[1] ?? ''
