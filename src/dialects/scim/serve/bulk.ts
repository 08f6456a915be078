import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { JsonObject } from '../../../directory/json.ts'
import type { Problem } from '../../dialect.ts'
import { refusal, scimProblem } from '../errors.ts'
import { readPatch } from '../patch-steps.ts'
import type { Resource } from '../resource.ts'
import { metaOf, type Shown } from '../resource-text.ts'
import { readResource } from '../validate.ts'
import type { Asking, Binding } from './binding.ts'
import { unresolved, withIds, withoutUnresolved } from './bulk-ids.ts'
import { createTogether, creationsAhead } from './bulk-together.ts'
import { readBulk, type BulkOperation } from './bulk-request.ts'
import { readIfMatch } from './precondition.ts'
import { metaOnly } from './search.ts'

/** How many operations one request may have, and how large its body may be, in bytes (http/server.ts bounds every body). */
export const bulkLimits = { maxOperations: 1_000, maxPayloadSize: 1024 * 1024 } as const

const bulkResponseSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

/** Where a bulk works: the resource types, and the base of links. */
export interface BulkPlace {
  readonly call: Call
  /** Without a trailing slash. */
  readonly base: string
  readonly bindings: readonly Binding[]
}

interface Done {
  readonly location: string | undefined
  readonly version: string | undefined
  readonly status: number
}

/**
 * Does the operations of a BulkRequest one after the other, each by itself (RFC 7644 §3.7); creations that follow each other share a transaction, unless one of them is refused. One that names a resource which is created later waits for it; of those
 * that wait for each other, the first is created without the reference and completed when it can be. Throws only for what is no BulkRequest.
 */
export async function runBulk(body: unknown, place: BulkPlace): Promise<Resource> {
  const { operations, failOnErrors } = readBulk(body, bulkLimits.maxOperations)
  const waiting = [...operations]
  const expected = new Set(
    operations.flatMap(({ method, bulkId }) => (method === 'POST' && bulkId !== undefined ? [bulkId] : [])),
  )
  const ids = new Map<string, string>()
  const incomplete: { readonly operation: BulkOperation; readonly id: string; readonly at: number }[] = []
  const results: Resource[] = []
  let errors = 0
  const isSettled = (bulkId: string) => ids.has(bulkId) || !expected.has(bulkId)

  const bearable = failOnErrors ?? Infinity
  const keep = ({ bulkId }: BulkOperation, id: string | undefined) => {
    if (bulkId === undefined) return
    if (id !== undefined) ids.set(bulkId, id)
    expected.delete(bulkId)
  }
  /** How many operations at the head of the line are done by themselves: one of them is refused. */
  let alone = 0

  while (waiting.length > 0 && errors < bearable) {
    const ahead = alone > 0 ? undefined : creationsAhead(waiting, place.bindings)
    if (ahead) {
      const created = await createTogether(ahead, { ...place, projection: metaOnly })
      if (!created) alone = ahead.operations.length
      for (const [index, resource] of created?.entries() ?? []) {
        const operation = ahead.operations[index]!
        const done = shownAs(resource, 201)
        keep(operation, idIn(done.location))
        results.push(toAnswer(operation, done))
      }
      waiting.splice(0, created?.length ?? 0)
      continue
    }
    alone = Math.max(0, alone - 1)
    const ready = waiting.findIndex((operation) => operation.references.every(isSettled))
    const circular = ready === -1 ? waiting.findIndex(({ method }) => method === 'POST') : -1
    const [operation] = waiting.splice(Math.max(ready, circular, 0), 1)
    if (!operation) break
    const result = await settle(operation, place, async () => {
      const data = circular === -1 ? operation.data : withoutUnresolved(operation.data, (bulkId) => !isSettled(bulkId))
      return perform({ ...operation, data }, { ...place, ids })
    })
    const id = operation.method === 'POST' && result.done ? idIn(result.done.location) : undefined
    keep(operation, id)
    if (circular !== -1 && id !== undefined) incomplete.push({ operation, id, at: results.length })
    if (!result.done) errors++
    results.push(result.answer)
  }

  for (const { operation, id, at } of incomplete) {
    const completed = await settle(operation, place, async () => ({
      ...(await perform({ ...operation, method: 'PUT', path: `${operation.path}/${id}`, version: undefined }, { ...place, ids })),
      status: 201,
    }))
    results[at] = completed.answer
    if (!completed.done)
      await perform({ ...operation, method: 'DELETE', path: `${operation.path}/${id}`, data: undefined }, { ...place, ids })
  }
  return { schemas: [bulkResponseSchema], Operations: results }
}

/** What an operation answers, whether it is done or refused. A bug of ours is no answer. */
async function settle(
  { method, bulkId, path }: BulkOperation,
  { call, base }: BulkPlace,
  run: () => Promise<Done>,
): Promise<{ readonly done: Done | undefined; readonly answer: Resource }> {
  try {
    const done = await run()
    return { done, answer: toAnswer({ method, bulkId }, done) }
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error
    const { status, text } = scimProblem(toProblem(error, call.requestId))
    const response: JsonObject = JSON.parse(text)
    return {
      done: undefined,
      answer: {
        ...headOf({ method, bulkId }),
        ...(method !== 'POST' && { location: base + path }),
        status: String(status),
        response,
      },
    }
  }
}

const toAnswer = (operation: Pick<BulkOperation, 'method' | 'bulkId'>, { location, version, status }: Done): Resource => ({
  ...headOf(operation),
  ...(version !== undefined && { version }),
  ...(location !== undefined && { location }),
  status: String(status),
})

const headOf = ({ method, bulkId }: Pick<BulkOperation, 'method' | 'bulkId'>) => ({
  method,
  ...(bulkId !== undefined && { bulkId }),
})

const shownAs = (resource: Shown, status: number): Done => ({
  location: metaOf(resource, 'location'),
  version: metaOf(resource, 'version'),
  status,
})

async function perform(
  operation: BulkOperation,
  { call, base, bindings, ids }: BulkPlace & { readonly ids: ReadonlyMap<string, string> },
): Promise<Done> {
  const { method, version } = operation
  const missing = unresolved(operation, ids)
  if (missing !== undefined)
    throw new DirectoryError('conflict', `No operation of this request created "bulkId:${missing}".`, { field: 'bulkId' })
  const path = withIds(operation.path, ids)
  const data = operation.data === undefined ? undefined : withIds(operation.data, ids)
  const [, endpoint = '', id, ...rest] = path.split('/')
  const binding = bindings.find(({ type }) => type.endpoint.toLowerCase() === `/${endpoint}`.toLowerCase())
  if (!binding || rest.length > 0)
    throw new DirectoryError('notFound', `There is no resource type at ${operation.path}.`, { field: 'path' })
  const asking: Asking = { call, base, projection: metaOnly }
  if (method === 'POST') {
    if (id !== undefined) throw refusal('invalidSyntax', `A POST goes to ${binding.type.endpoint}.`, 'path')
    return shownAs(await binding.create(asking, readResource(data, binding.type)), 201)
  }
  if (!id) throw refusal('invalidSyntax', `${method} needs the id of a resource in its path.`, 'path')
  const ifVersion = await readIfMatch(version, async () => metaOf(await binding.read(asking, id), 'version'))
  const target = { id, ifVersion }
  if (method === 'PUT') return shownAs(await binding.replace(asking, target, readResource(data, binding.type)), 200)
  const location = `${base}${binding.type.endpoint}/${id}`
  if (method === 'PATCH') {
    const patched = await binding.patch(asking, target, readPatch(data, binding.type))
    return { location, version: patched.version, status: 200 }
  }
  await binding.remove(asking, target)
  return { location, version: undefined, status: 204 }
}

const idIn = (location: string | undefined): string | undefined => location?.slice(location.lastIndexOf('/') + 1)

const toProblem = (
  { refusal: refused, message, field, code, retryAfterSeconds }: DirectoryError,
  requestId: string,
): Problem => ({
  refusal: refused,
  message,
  field,
  code,
  retryAfterSeconds,
  requestId,
})
