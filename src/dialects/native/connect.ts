import { z } from 'zod'
import { DirectoryError, type Refusal } from '../../directory/errors.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import type { Operation, Value } from '../../wire/operation.ts'
import { refusalOfType } from './problem.ts'
import { operations } from './wire.ts'
import { Problem } from './wire/problem.ts'

export interface ClientOptions {
  /** Of the server, with or without `/api/v1`. */
  readonly url: string
  readonly key: string
  readonly fetch: typeof fetch
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
  /** Makes an Idempotency-Key for each write. */
  readonly newKey: () => string
  readonly timeoutMs: number
}

type Operations = typeof operations
type OperationName = keyof Operations

/** `/groups/:groupId/members/:memberId` needs `{ groupId, memberId }`. */
type PathParams<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathParams<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

type Input<Op extends Operation> = Readonly<Record<PathParams<Op['path']>, string>> &
  (Op['request'] extends undefined ? unknown : { readonly body: Value<Op['request']> }) &
  (Op['query'] extends undefined ? unknown : { readonly query?: Value<Op['query']> })

/** One method for each operation of `/api/v1`. Refusals come back as the DirectoryError that the server threw; everything else as RemoteError. */
export type Client = {
  readonly [Name in OperationName]: keyof Input<Operations[Name]> extends never
    ? () => Promise<Value<Operations[Name]['reply']>>
    : (input: Input<Operations[Name]>) => Promise<Value<Operations[Name]['reply']>>
}

export function createClient(options: ClientOptions): Client {
  const send = createSender(options)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each method takes and answers what its operation says: Client is derived from the same operations
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [name, (input?: Loose) => send(operation, input)]),
  ) as unknown as Client
}

/** Path parameters by name, `query` and `body`, as a method of the client takes them. */
export type Send = (operation: Operation, input?: Loose) => Promise<unknown>

/** For a caller that learns only at run time which operation it sends. */
export function createSender(options: ClientOptions): Send {
  const baseUrl = `${options.url.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`
  return async (operation, input = {}) => {
    let problem: z.output<typeof Problem> | undefined
    const remote: Remote = {
      baseUrl,
      headers: {
        authorization: `Bearer ${options.key}`,
        accept: 'application/json',
        ...(operation.method !== 'GET' && { 'idempotency-key': options.newKey() }),
      },
      fetch: async (...request) => {
        const response = await options.fetch(...request)
        problem = await problemIn(response)
        return response
      },
      sleep: options.sleep,
      random: options.random,
      timeoutMs: options.timeoutMs,
    }
    const { body, query, ...params } = input
    const strings = stringsOf(params)
    try {
      const answer = await call(remote, operation, { params: strings, query: encodeQuery(operation, query), body })
      return answer.value
    } catch (error) {
      const refusal = problem && refusalOfType(problem.type)
      if (!(error instanceof RemoteError) || !problem || !refusal) throw error
      if (refusal === 'internal') throw new RemoteError(problem.status, `${problem.detail} (${problem.requestId})`, error)
      throw new DirectoryError(refusal, problem.detail, {
        ...(problem.field !== undefined && { field: problem.field }),
        cause: error,
      })
    }
  }
}

/** Walks a paged list to its end. */
export async function* everyItem<T>(
  load: (cursor: string | undefined) => Promise<{ readonly items: readonly T[]; readonly nextCursor?: string | undefined }>,
): AsyncIterable<T> {
  for (let cursor: string | undefined; ;) {
    const page = await load(cursor)
    yield* page.items
    if (page.nextCursor === undefined) return
    cursor = page.nextCursor
  }
}

/** Why a call failed: the server's refusal; `internal` for a bug there; undefined when it was never reached or answered something else. */
export function refusalOf(error: unknown): Refusal | undefined {
  return error instanceof DirectoryError ? error.refusal : undefined
}

export { DirectoryError, RemoteError }

type Loose = Readonly<Record<string, unknown>>

async function problemIn(response: Response): Promise<z.output<typeof Problem> | undefined> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return undefined
  const text = await response.clone().text()
  try {
    const parsed = Problem.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

const texts = z.record(z.string(), z.string())
/** Refuses an id that would address something else than one thing, before it is sent. */
function stringsOf(params: Loose): Readonly<Record<string, string>> {
  const strings = texts.parse(params)
  for (const [name, value] of Object.entries(strings))
    if (value === '' || value === '.' || value === '..')
      throw new DirectoryError('notFound', `"${value}" is no id.`, { field: name })
  return strings
}

function encodeQuery(operation: Operation, query: unknown): Readonly<Record<string, string>> {
  if (!operation.query || query === undefined) return {}
  const encoded = Object.entries(z.record(z.string(), z.string().optional()).parse(z.encode(operation.query, query)))
  return Object.fromEntries(encoded.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
