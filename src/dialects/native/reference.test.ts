import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import Fastify from 'fastify'
import { problems, problemType } from './problem.ts'
import { describe } from './reference/openapi.ts'
import { renderPage } from './reference/page.ts'
import { registerReference } from './reference.ts'
import { operations } from './wire.ts'
import type { Refusal } from '../../directory/errors.ts'

const open = () => {
  const app = Fastify()
  registerReference(app)
  return app
}

test('the OpenAPI document describes every operation with its parameters, bodies and refusals', async () => {
  const document = (await open().inject('/openapi.json')).json()
  assert.equal(document.openapi, '3.1.0')
  for (const operation of Object.values(operations)) {
    const described = document.paths[operation.path.replace(/:(\w+)/g, '{$1}')]?.[operation.method.toLowerCase()]
    assert.equal(described?.operationId, operation.name)
    assert.equal(described.requestBody !== undefined, operation.request !== undefined, operation.name)
    assert.equal(described.responses[operation.status].content !== undefined, operation.reply !== undefined, operation.name)
    assert.ok(described.responses[401] && described.responses[422])
  }
  const list = document.paths['/members'].get
  assert.deepEqual(
    list.parameters.map((parameter: { name: string }) => parameter.name),
    ['cursor', 'limit', 'userName', 'email', 'status'],
  )
  const create = document.paths['/members'].post
  assert.equal(create.requestBody.content['application/json'].schema.additionalProperties, false)
  assert.deepEqual(document.components.schemas.Problem.required, ['type', 'title', 'status', 'detail', 'requestId'])
})

test('the page reads without script, names every operation and every refusal, and asks nothing of anybody else', async () => {
  const reply = await open().inject('/docs')
  const page = reply.payload
  for (const { name } of Object.values(operations)) assert.ok(page.includes(`<section id="${name}">`), name)
  for (const refusal of Object.keys(problems) as (Refusal | 'internal')[])
    assert.ok(page.includes(`id="${problemType(refusal).slice(6)}"`), refusal)
  assert.doesNotMatch(page, /<script|\son\w+=|https?:\/\/(?!dashboard\.bandwidth\.com|hooks\.example\.com)|src=/)
  const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.ok(String(reply.headers['content-security-policy']).includes(`style-src 'sha256-${hash}'`))
  assert.match(String(reply.headers['content-security-policy']), /default-src 'none'/)
})

test('what the document and the examples say is text on the page, never markup', () => {
  const hostile = '<img src=x onerror="alert(1)"><b>&\'</b>'
  const document = describe('1', {})
  const [path = '', methods = {}] = Object.entries(document.paths)[0] ?? []
  const [method = '', operation] = Object.entries(methods)[0] ?? []
  assert.ok(operation)
  const page = renderPage(
    { ...document, paths: { ...document.paths, [path]: { [method]: { ...operation, summary: hostile } } } },
    { [operation.operationId]: { reply: hostile } },
  )
  assert.doesNotMatch(page, /<img|<b>|onerror="/)
  assert.match(page, /&#60;img src=x onerror=&#34;alert/)
})
