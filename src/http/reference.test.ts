import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import Fastify from 'fastify'
import { dialects } from '../dialects/index.ts'
import { refusals, problemType } from '../dialects/native/problem.ts'
import { describeDialect } from './openapi.ts'
import { renderPage } from './reference-page.ts'
import { addReference } from './reference.ts'

const native = dialects[0]!

const open = () => {
  const app = Fastify()
  addReference(app, dialects)
  return app
}

test('the document describes every operation with its parameters, bodies and refusals', async () => {
  const document = (await open().inject('/openapi.json')).json()
  assert.equal(document.openapi, '3.1.0')
  for (const operation of native.operations) {
    const described = document.paths[operation.path.replace(/:(\w+)/g, '{$1}')]?.[operation.method.toLowerCase()]
    assert.equal(described?.operationId, operation.name)
    assert.equal(described.requestBody !== undefined, operation.request !== undefined, operation.name)
    assert.equal(described.responses[operation.status].content !== undefined, operation.reply !== undefined, operation.name)
    assert.equal(described.responses[415] !== undefined, operation.request !== undefined, operation.name)
    assert.ok(described.responses[429] && described.responses[503])
  }
  const names = (operation: { readonly parameters: readonly { readonly name: string }[] }) =>
    operation.parameters.map(({ name }) => name)
  assert.deepEqual(names(document.paths['/members'].get), ['cursor', 'limit', 'userName', 'email', 'status'])
  assert.deepEqual(names(document.paths['/members/{memberId}'].patch), ['memberId', 'If-Match', 'Idempotency-Key'])
  const create = document.paths['/members'].post
  assert.equal(create.requestBody.content['application/json'].schema.additionalProperties, false)
  assert.deepEqual(document.components.schemas.Problem.required, ['type', 'title', 'status', 'detail', 'requestId'])
})

for (const [at, dialect] of dialects.entries())
  test(`the page of ${dialect.name} reads without script, names every operation, and asks nothing of anybody else`, async () => {
    const reply = await open().inject(at === 0 ? '/docs' : `/docs/${dialect.name}`)
    const page = reply.payload
    for (const { name } of dialect.operations) assert.ok(page.includes(`<section id="${name}">`), name)
    for (const { name } of dialects) assert.equal(page.includes(`aria-current="page">${name}<`), name === dialect.name, name)
    assert.ok(page.includes(`href="/openapi/${dialect.name}.json"`))
    assert.doesNotMatch(page, /<script|\son\w+=|href="(?!\/|#)|src=|undefined|\[object/)
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.ok(String(reply.headers['content-security-policy']).includes(`style-src 'sha256-${hash}'`))
    assert.match(String(reply.headers['content-security-policy']), /default-src 'none'/)
  })

test('every address that a page links to is there', async () => {
  const app = open()
  const { payload } = await app.inject('/docs')
  for (const [, href = ''] of payload.matchAll(/href="(\/[^"]*)"/g)) assert.equal((await app.inject(href)).statusCode, 200, href)
})

test('the page of the own API explains every refusal where problems lead to', async () => {
  const { payload } = await open().inject('/docs')
  for (const refusal of refusals) assert.ok(payload.includes(`id="${problemType(refusal).slice(6)}"`), refusal)
})

test('a page tells bodies by their members: forms, references, and what is one of several', async () => {
  const app = open()
  const rowsOf = async (name: string, operation: string) => {
    const section = new RegExp(`<section id="${operation}">([^]*?)</section>`).exec(
      (await app.inject(`/docs/${name}`)).payload,
    )?.[1]
    return [...(section ?? '').matchAll(/<code>([^<]*)<\/code><\/th><td>body<\/td><td>([^<]*)</g)].map(
      ([, member, accepts]) => `${member}: ${accepts}`,
    )
  }
  assert.equal((await rowsOf('twilio', 'createUser'))[0], 'Email: text; required')
  assert.deepEqual((await rowsOf('bird', 'createOrganizationUser')).slice(0, 2), ['userId: an id', 'roleRefs: a list or null'])
  assert.ok(
    (await rowsOf('scim', 'createUser')).includes(
      'userName: The name that identifies the person to the identity provider, unique in the organization; required',
    ),
  )
})

test('what the document says is text on the page, never markup', () => {
  const hostile = '<img src=x onerror="alert(1)"><b>&\'</b>'
  const document = describeDialect(native)
  const [path = '', methods = {}] = Object.entries(document.paths)[0] ?? []
  const [method = '', operation] = Object.entries(methods)[0] ?? []
  assert.ok(operation)
  const answered = { 200: { description: hostile, content: { 'application/json': { schema: {}, example: hostile } } } }
  const described = { ...operation, summary: hostile, responses: { ...operation.responses, ...answered } }
  const page = renderPage(
    { ...document, info: { ...document.info, description: hostile }, paths: { [path]: { [method]: described } } },
    {
      choices: [{ name: hostile, page: hostile, document: hostile }],
      current: hostile,
      glossary: [{ anchor: hostile, type: hostile, status: 400, meaning: hostile }],
    },
  )
  assert.doesNotMatch(page, /<img|<b>|onerror="/)
  assert.match(page, /&#60;img src=x onerror=&#34;alert/)
})
