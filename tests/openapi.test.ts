import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { bandwidth } from '../src/dialects/bandwidth/dialect.ts'
import { dialects } from '../src/dialects/index.ts'
import { isBelow } from '../src/http/hosts.ts'
import { describeDialect, usualRefusals } from '../src/http/openapi.ts'
import { plainProblem } from '../src/http/problem.ts'
import { basic } from './bandwidth.ts'
import { createDocumentCheck } from './documents.ts'
import { openWorld } from './world.ts'

const openApiSchema = JSON.parse(
  readFileSync(new URL('fixtures/openapi-3.1-schema.json', import.meta.url), 'utf8')
    // Ajv looks for the dynamic anchor at the root, where it is not; in this schema it always is this one.
    .replaceAll('"$dynamicRef": "#meta"', '"$ref": "#/$defs/schema"'),
)
/** The formats that the schema of OpenAPI names say nothing of how a document is made up. */
const formats = { uri: true, 'uri-reference': true, regex: true, 'media-range': true, email: true } as const
const isDocument = new Ajv2020({ strict: false, allErrors: true, formats }).compile(openApiSchema)

/** Every value in a tree, with the name that it stands under. */
function* valuesIn(node: unknown): Generator<readonly [string, unknown]> {
  if (typeof node !== 'object' || node === null) return
  for (const [name, value] of Object.entries(node)) {
    yield [name, value]
    yield* valuesIn(value)
  }
}

for (const dialect of dialects) {
  const document = describeDialect(dialect)
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  test(`${dialect.name}: the document is OpenAPI 3.1, and every schema in it JSON Schema 2020-12`, () => {
    assert.ok(isDocument(document), JSON.stringify(isDocument.errors?.slice(0, 5)))
    const ajv = new Ajv2020({ strict: false, formats: { regex: true } })
    for (const [name, value] of valuesIn(document))
      if (name === 'schema' && typeof value === 'object' && value !== null && !('$ref' in value))
        assert.ok(ajv.validateSchema(value), JSON.stringify(ajv.errors))
    for (const schema of Object.values(document.components.schemas))
      assert.ok(ajv.validateSchema(schema), JSON.stringify(ajv.errors))
  })

  test(`${dialect.name}: every operation is described once under a name of its own, and every reference leads somewhere`, () => {
    assert.deepEqual(
      described.map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`).toSorted(),
      dialect.operations
        .map(({ name, method, path }) => `${name} ${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)
        .toSorted(),
    )
    assert.equal(new Set(described.map(({ operation }) => operation.operationId)).size, described.length)
    for (const [name, value] of valuesIn(document))
      if (name === '$ref' && typeof value === 'string') {
        const target = value
          .slice(2)
          .split('/')
          .reduce<unknown>((at, part) => Reflect.get(Object(at), part), document)
        assert.ok(target, value)
      }
    const schemes = Object.keys(document.components.securitySchemes)
    for (const { operation } of described)
      for (const requirement of operation.security ?? document.security)
        for (const scheme of Object.keys(requirement)) assert.ok(schemes.includes(scheme), scheme)
  })

  test(`${dialect.name}: whatever an operation refuses by is declared, in the body that is really sent`, () => {
    const check = createDocumentCheck(dialect)
    const { refusalsOf = (_operation, usual) => usual } = dialect.describe()
    for (const operation of dialect.operations)
      for (const refusal of refusalsOf(operation, usualRefusals(operation)))
        for (const accept of [undefined, 'application/json', 'application/xml']) {
          const path = operation.path.replace(/:\w+/g, 'x')
          const head = { method: operation.method, url: path, headers: accept === undefined ? {} : { accept } }
          const problem = plainProblem(refusal, 'Because.', { field: 'email', requestId: '1' })
          const { status, type, text } = dialect.problem(problem, head)
          const { method } = operation
          assert.equal(check({ method, path: dialect.basePath + path, status, contentType: type, text }), operation.name)
        }
  })
}

test('each document has an address beside every vendor’s paths, and none under a vendor’s host', async (t) => {
  const { app } = await openWorld(t)
  for (const dialect of dialects) {
    for (const url of ['/openapi.json', '/docs', `/openapi/${dialect.name}.json`]) assert.ok(!isBelow(url, dialect.basePath))
    const reply = await app.inject(`/openapi/${dialect.name}.json`)
    assert.equal(reply.statusCode, 200)
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(describeDialect(dialect))))
    for (const host of Object.keys(dialect.hosts))
      for (const url of ['/openapi.json', '/docs', `/openapi/${dialect.name}.json`]) {
        const there = await app.inject({ url, headers: { host } })
        assert.ok(there.statusCode >= 400, `${host}${url} answered ${there.statusCode}`)
      }
  }
  assert.equal((await app.inject('/openapi.json')).payload, (await app.inject('/openapi/native.json')).payload)
  assert.equal((await app.inject('/openapi/nobody.json')).statusCode, 404)
})

test('bandwidth: what is answered in XML is what the document declares for XML', async (t) => {
  const { app, access } = await openWorld(t)
  const check = createDocumentCheck(bandwidth)
  const { accountId, username = '', password = '' } = access['bandwidth'] ?? {}
  const account = `/bandwidth/api/accounts/${accountId}`
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, xml?: string) => {
    const headers = { authorization: basic(username, password), ...(xml !== undefined && { 'content-type': 'application/xml' }) }
    const reply = await app.inject({ method, url: path, headers, ...(xml !== undefined && { payload: xml }) })
    const text = reply.body
    return [check({ method, path, status: reply.statusCode, contentType: reply.headers['content-type'], text }), text] as const
  }
  const [, roles] = await send('GET', `${account}/roles`)
  const held = roles.match(/<RoleId>[^<]+<\/RoleId>/g)?.at(-1) ?? ''
  const parts = '<FirstName>Per</FirstName><LastName>Son</LastName><Email>per@example.com</Email>'
  const roleList = `<Roles><Role>${held}</Role></Roles>`
  const [, made] = await send(
    'POST',
    `${account}/users`,
    `<User><Username>per</Username>${parts}<Password>Correct-Horse-9</Password>${roleList}</User>`,
  )
  const user = `${account}/users/${/<UserId>([^<]+)</.exec(made)?.[1]}`
  assert.equal((await send('GET', user))[0], 'getUser')
  const [, listed] = await send('GET', `${account}/users`)
  assert.match(listed, /<Users><User>.*<Roles><Role>/)
  assert.equal((await send('PUT', user, `<User>${parts}</User>`))[0], 'updateUser')
  assert.equal((await send('POST', `${account}/users`, '<User/>'))[0], 'createUser')
  assert.deepEqual(await send('DELETE', user), ['deleteUser', ''])
})
