import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { document } from '../../../tests/bird-document.ts'
import { describeDialect } from '../../http/openapi.ts'
import { bird } from './dialect.ts'

const ours = describeDialect(bird)
// oxlint-disable-next-line typescript/no-explicit-any -- two documents of any shape are walked and compared whole
type Node = any

/** The seed's schema with its references in place, in JSON Schema's words: `nullable` is a choice with null, `allOf` of objects is their sum. */
function plainSeed(node: Node): Node {
  if (Array.isArray(node)) return node.map(plainSeed)
  if (node === null || typeof node !== 'object') return node
  if (node.$ref)
    return plainSeed(
      node.$ref
        .slice(2)
        .split('/')
        .reduce((at: Node, name: string) => at[name], document),
    )
  if (node.allOf) {
    const parts: Node[] = node.allOf.map(plainSeed)
    return normal({
      type: 'object',
      properties: Object.assign({}, ...parts.map((part) => part.properties)),
      required: parts.flatMap((part) => part.required ?? []),
    })
  }
  const { nullable, ...rest } = node
  const plain = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plainSeed(value)]))
  return nullable ? normal({ oneOf: [normal(plain), { type: 'null' }] }) : normal(plain)
}

function plainOurs(node: Node): Node {
  if (Array.isArray(node)) return node.map(plainOurs)
  if (node === null || typeof node !== 'object') return node
  return normal(Object.fromEntries(Object.entries(node).map(([name, value]) => [name, plainOurs(value)])))
}

/**
 * Takes away what only spells the same thing otherwise. These are all the differences between the schemas:
 * - `anyOf` for `oneOf`: the branches exclude one another anyway (a preview is closed and a whole user needs `emails`; null is no array).
 * - A nullable list carries uniqueItems and deprecated beside the choice instead of inside of it.
 * - `pattern` beside the formats uuid and email spells out what we check.
 * - `additionalProperties: {}` is `true`, and an object that names neither is open as well.
 * - `type` beside a oneOf of the same type, and empty `properties` and `required`, say nothing.
 * - A type with `null` is a choice with null.
 * - A record names its keys as strings.
 */
function normal(node: Node): Node {
  if (node.anyOf) {
    const { anyOf, ...rest } = node
    return normal({ ...rest, oneOf: anyOf })
  }
  if (Array.isArray(node.type)) {
    const { type: types, ...rest } = node
    return { ...rest, oneOf: types.map((type: string) => ({ type })) }
  }
  const { ...plain } = node
  if (Array.isArray(plain.oneOf)) {
    const { uniqueItems, deprecated, type: _type, ...rest } = plain
    const [first, ...others] = plain.oneOf
    const outer = { ...(uniqueItems && { uniqueItems }), ...(deprecated && { deprecated }) }
    return { ...rest, oneOf: [{ ...first, ...outer }, ...others] }
  }
  if (plain.format === 'uuid' || plain.format === 'email') delete plain.pattern
  delete plain.propertyNames
  if (plain.type === 'object') {
    const more = plain.additionalProperties
    if (more === true || (more && Object.keys(more).length === 0)) delete plain.additionalProperties
    if (plain.properties && Object.keys(plain.properties).length === 0) delete plain.properties
    if (plain.required) plain.required = [...plain.required].toSorted((a: string, b: string) => (a < b ? -1 : 1))
    if (plain.required?.length === 0) delete plain.required
  }
  return plain
}

const places = Object.entries<Node>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Node>(methods).map(([method, seed]) => ({ path, method, seed, our: ours.paths[path]?.[method] as Node })),
)

test('the paths, methods and operation ids are those of the five documents, and no others', () => {
  const listed = (paths: Node) =>
    Object.entries<Node>(paths)
      .flatMap(([path, methods]) =>
        Object.entries<Node>(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
      )
      .toSorted()
  assert.deepEqual(listed(ours.paths), listed(document.paths))
  assert.equal(places.length, 5)
})

test('the security scheme is the document’s', () => {
  assert.deepEqual(Object.values(ours.components.securitySchemes), Object.values(document.securitySchemes))
})

for (const { path, method, seed, our } of places) {
  test(`BIRD-66 ${method} ${path}: the parameters are the document’s, and the path’s own, which it forgot`, () => {
    const place = (parameter: Node) => [parameter.in, parameter.name, parameter.required ?? false]
    const seeds: Node[] = (seed.parameters ?? []).map(plainSeed)
    const inPath = our.parameters.filter((parameter: Node) => parameter.in === 'path')
    assert.deepEqual(
      inPath.map(place),
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => ['path', match[1], true]),
    )
    const inQuery = our.parameters.filter((parameter: Node) => parameter.in !== 'path')
    assert.deepEqual(inQuery.map(place), seeds.map(place))
    assert.deepEqual(
      inQuery.map((parameter: Node) => plainOurs(parameter.schema)),
      seeds.map((parameter) => plainSeed(parameter.schema)),
    )
  })

  test(`${method} ${path}: the request body is the document’s`, () => {
    const body = (operation: Node) => operation.requestBody?.content['application/json'].schema
    assert.deepEqual(plainOurs(body(our)), plainSeed(body(seed)))
    assert.deepEqual(Object.keys(our.requestBody?.content ?? {}), Object.keys(seed.requestBody?.content ?? {}))
    // The document leaves the body optional by its silence; an absent one fits none of its schemas (BIRD-36).
    if (seed.requestBody) assert.deepEqual([seed.requestBody.required, our.requestBody.required], [undefined, true])
  })

  test(`${method} ${path}: the answer of success is the document’s`, () => {
    const [status] = Object.keys(seed.responses)
    const schema = (operation: Node) => operation.responses[status!]?.content?.['application/json']?.schema
    assert.ok(our.responses[status!])
    assert.deepEqual(plainOurs(schema(our)), plainSeed(schema(seed)))
    assert.deepEqual(
      Object.keys(our.responses).filter((each) => each < '300'),
      [status],
    )
  })

  test(`${method} ${path}: every documented status is there; the further ones are those that any request may meet`, () => {
    const further: Readonly<Record<string, string>> = {
      401: 'BIRD-Q01: a key that is not valid',
      403: 'BIRD-Q02, BIRD-Q17: a key without the right, the last owner',
      413: 'a body beyond the server’s limit',
      415: 'a body that is not JSON',
      422: 'BIRD-Q03, BIRD-Q04: a query that is not within the contract',
      429: 'BIRD-Q08: too many requests',
      500: 'a fault of ours',
      503: 'the database cannot be reached',
    }
    const added = Object.keys(our.responses).filter((status) => !(status in seed.responses))
    assert.deepEqual(
      Object.keys(seed.responses).filter((status) => !(status in our.responses)),
      [],
    )
    assert.deepEqual(
      added.filter((status) => !(status in further)),
      [],
    )
  })
}

test('errors are the DetailedError of the document, of which an Error is one without details', () => {
  const { DetailedError } = z.object({ DetailedError: z.unknown() }).parse(ours.components.schemas)
  const plain = plainOurs(DetailedError)
  assert.deepEqual(plain, plainSeed({ $ref: '#/components/schemas/DetailedError' }))
  const { details: _, ...rest } = plain.properties
  assert.deepEqual({ ...plain, properties: rest }, plainSeed({ $ref: '#/components/schemas/Error' }))
})
