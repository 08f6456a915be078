import { contentOf, createSchemas, parametersOf, problemContent, type Schemas } from './describe-body.ts'
import type { Body, Operation } from './operation.ts'
import type { OpenApi, OpenApiInfo, OpenApiOperation, SecurityScheme } from './openapi.ts'

// Not imported: as a module, node:http builds all that it offers, and takes 20 MB.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** What an API's description needs beside its operations. */
export interface Description {
  readonly info: OpenApiInfo
  /** The base of the operations' paths. */
  readonly serverUrl: string
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  /** The schemes of which an operation takes any one; all where it is not given. Operations that are open take none. */
  readonly securityOf?: (operation: Operation) => readonly string[]
  /** The shapes of refusals, by their names among the components. */
  readonly problems: Readonly<Record<string, { readonly body: Body; readonly mediaTypes: readonly string[] }>>
  /** How an operation refuses. */
  readonly refusalsOf: (operation: Operation) => { readonly problem: string; readonly statuses: readonly number[] }
  readonly tagOf?: (operation: Operation) => string
  readonly headersOf?: (operation: Operation) => readonly { readonly name: string; readonly description: string }[]
  /** Documented bodies by operation name, as JSON on the wire. */
  readonly examples?: Readonly<Record<string, { readonly request?: unknown; readonly reply?: unknown }>>
}

/** Describes operations from the very values that serve and call them; every schema is the wire's side of its codec. */
export function describe(operations: readonly Operation[], description: Description): OpenApi {
  const { info, serverUrl, securitySchemes, problems, tagOf = firstNoun } = description
  const schemas = createSchemas()
  const responses = Object.fromEntries(
    Object.entries(problems).map(([name, problem]) => [
      name,
      { description: 'A refusal.', content: problemContent(name, problem, schemas) },
    ]),
  )
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    const described = describeOperation(operation, { ...description, tagOf }, schemas)
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described }
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: serverUrl }],
    security: requirements(Object.keys(securitySchemes)),
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
    paths,
    components: { securitySchemes, responses, schemas: schemas.named() },
  }
}

function describeOperation(
  operation: Operation,
  { securitySchemes, securityOf, refusalsOf, tagOf, headersOf, examples }: Description & Required<Pick<Description, 'tagOf'>>,
  schemas: Schemas,
): OpenApiOperation {
  const example = examples?.[operation.name]
  const replyContent = operation.reply && contentOf(operation.reply, example?.reply, schemas)
  const declared = [operation.status, ...(operation.alsoStatus ?? [])]
  const successes = declared
    .filter((status) => status < 400)
    .map((status) => [
      status,
      status === 204 || status === 304 || !replyContent
        ? { description: `${STATUS_CODES[status]}, without a body.` }
        : {
            description: `${STATUS_CODES[status]}${operation.reply?.xml?.empty === 'noBody' ? '; in XML without a body' : ''}.`,
            content: replyContent,
          },
    ])
  const { problem, statuses } = refusalsOf(operation)
  const refusals = [...statuses, ...declared.filter((status) => status >= 400)].map((status) => [
    status,
    { $ref: `#/components/responses/${problem}`, description: `${STATUS_CODES[status]}.` },
  ])
  const security = securityOf?.(operation)
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [tagOf(operation)],
    ...(operation.open
      ? { security: [] }
      : security && security.length < Object.keys(securitySchemes).length && { security: requirements(security) }),
    parameters: [
      ...parametersOf(operation),
      ...(operation.precondition ? [preconditions[operation.precondition]] : []),
      ...(headersOf?.(operation) ?? []),
    ].map((parameter) =>
      'in' in parameter ? parameter : { ...parameter, in: 'header', required: false, schema: { type: 'string' } },
    ),
    ...(operation.request && {
      requestBody: { required: true, content: contentOf(operation.request, example?.request, schemas) },
    }),
    responses: Object.fromEntries([...refusals, ...successes]),
  }
}

const preconditions = {
  'If-Match': { name: 'If-Match', description: 'The ETag that was read: another version is refused.' },
  'If-None-Match': { name: 'If-None-Match', description: 'The ETag that was read: the same version is answered 304.' },
} as const

const requirements = (schemes: readonly string[]) => schemes.map((name) => ({ [name]: [] }))

const nounsIn = ({ path }: Operation): readonly string[] => path.split('/').filter((part) => /^[^:.]/.test(part))

/** The first noun of the path. */
const firstNoun = (operation: Operation): string => nounsIn(operation)[0] ?? ''

/** The last noun of the path, for an API whose paths begin with whose things they name. */
export const lastNoun = (operation: Operation): string =>
  nounsIn(operation)
    .at(-1)
    ?.replace(/\.\w+$/, '') ?? ''
