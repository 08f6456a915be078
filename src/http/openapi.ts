import type { Dialect, Problem, RequestHead } from '../dialects/dialect.ts'
import { describe } from '../wire/describe.ts'
import { essenceOf, mediaTypes } from '../wire/media.ts'
import type { OpenApi } from '../wire/openapi.ts'
import type { Operation } from '../wire/operation.ts'
import { plainProblem } from './problem.ts'

type Refused = Problem['refusal']

/** The OpenAPI 3.1 document of a dialect: its operations, and its refusals as it really spells them. */
export function describeDialect(dialect: Dialect): OpenApi {
  const {
    title,
    version,
    summary,
    description,
    problems,
    problemOf = () => Object.keys(problems)[0] ?? '',
    ...rest
  } = dialect.describe()
  const { securitySchemes, securityOf, tagOf, examples, refusalsOf = (_operation, usual) => usual } = rest
  const statusesOf = (operation: Operation): readonly number[] => [
    ...new Set(refusalsOf(operation, usualRefusals(operation)).map((refusal) => replyTo(dialect, operation, { refusal }).status)),
  ]
  const mediaTypesOf = (name: string) =>
    dialect.operations
      .filter((operation) => problemOf(operation) === name)
      .flatMap((operation) =>
        accepted.map((accept) => essenceOf(replyTo(dialect, operation, { refusal: 'internal', accept }).type)),
      )
  return describe(dialect.operations, {
    info: { title, version, summary, description },
    serverUrl: dialect.basePath,
    securitySchemes,
    problems: Object.fromEntries(
      Object.entries(problems).map(([name, body]) => [name, { body, mediaTypes: [...new Set(mediaTypesOf(name))] }]),
    ),
    refusalsOf: (operation) => ({ problem: problemOf(operation), statuses: statusesOf(operation) }),
    headersOf: ({ method }) => (dialect.idempotent && method !== 'GET' ? [idempotencyKey] : []),
    ...(securityOf && { securityOf }),
    ...(tagOf && { tagOf }),
    ...(examples && { examples }),
  })
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  description: 'A repetition with the same key and content answers what the first one answered.',
}

const accepted = [undefined, mediaTypes.json, mediaTypes.xml]

/** What the dialect would answer to a request of this operation that is refused. */
function replyTo(
  dialect: Dialect,
  { method, path }: Operation,
  { refusal, accept }: { readonly refusal: Refused; readonly accept?: string | undefined },
) {
  const head: RequestHead = { method, url: path, headers: accept === undefined ? {} : { accept } }
  return dialect.problem(plainProblem(refusal, 'Refused.', { requestId: '' }), head)
}

/** What an operation of this kind may refuse by. Dialects say where theirs differ. */
export const usualRefusals = (operation: Operation): readonly Refused[] =>
  refusals.filter((refusal) => mayRefuse[refusal](operation))

const always = () => true
const never = () => false
const proves = ({ open, request }: Operation) => !open || request !== undefined
const isWrite = ({ method }: Operation) => method !== 'GET'
const hasBody = ({ request }: Operation) => request !== undefined
/** Something of it names things that may not be there, or may be somebody else's. */
const namesThings = (operation: Operation) => hasBody(operation) || operation.path.includes('/:')
/** Something of it is read, and may not be readable. */
const isRead = (operation: Operation) =>
  hasBody(operation) || operation.query !== undefined || operation.precondition === 'If-Match'

/** A refusal added to the core does not compile until it stands here. */
const mayRefuse: Readonly<Record<Refused, (operation: Operation) => boolean>> = {
  unauthenticated: proves,
  wrongCredential: proves,
  forbidden: proves,
  foreign: namesThings,
  notFound: namesThings,
  taken: hasBody,
  malformed: isRead,
  mediaType: hasBody,
  invalid: isRead,
  readOnly: hasBody,
  weakPassword: hasBody,
  lastOwner: isWrite,
  conflict: isWrite,
  stale: ({ precondition }) => precondition === 'If-Match',
  keyReused: isWrite,
  planGate: proves,
  ssoGate: proves,
  needsApproval: isWrite,
  unsafe: isWrite,
  limited: always,
  tooLarge: hasBody,
  // Of a method that an address does not have; such a method is no operation.
  unsupported: never,
  unavailable: always,
  internal: always,
}

const isRefusal = (name: string): name is Refused => Object.hasOwn(mayRefuse, name)
const refusals: readonly Refused[] = Object.keys(mayRefuse).filter(isRefusal)
