import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openToy } from '../../tests/toy.ts'
import { createLog, inBatches, logFailure } from './log.ts'

function openLog(level = 'debug') {
  const lines: string[] = []
  return {
    lines,
    log: createLog({ write: (line) => void lines.push(line) }, level),
    records: () => lines.map((line) => JSON.parse(line)),
  }
}

test('a request is logged by who, what, status and time, and by nothing else', async (t) => {
  const { log, records } = openLog()
  const { app, headers, organizationId, credentialId } = await openToy(t, { log })
  await app.inject({ url: '/toy/v1/things/7?a=1', headers: { ...headers, 'x-request-id': 'r-1' } })
  const [{ time, durationMs, ...record }] = records()
  assert.deepEqual(record, {
    level: 'debug',
    requestId: 'r-1',
    dialect: 'toy',
    operation: 'getThing',
    organization: organizationId,
    actor: credentialId,
    method: 'GET',
    status: 200,
    msg: 'request',
  })
  assert.match(time, /^\d{4}-\d\d-\d\dT/)
  assert.equal(typeof durationMs, 'number')
})

test('a read that succeeds is told at debug alone; what is refused or written is told at info', async (t) => {
  const { log, records } = openLog('info')
  const { app, headers } = await openToy(t, { log })
  await app.inject({ url: '/toy/v1/things/7', headers })
  await app.inject({ url: '/toy/v1/things/7' })
  await app.inject({ method: 'POST', url: '/toy/v1/things', headers, payload: { name: 'a' } })
  assert.deepEqual(
    records().map(({ method, status }) => [method, status]),
    [
      ['GET', 401],
      ['POST', 201],
    ],
  )
})

test('nothing secret gets into the log, wherever in a request it stands', async (t) => {
  const { log, lines } = openLog()
  const { app, headers, secret } = await openToy(t, { log })
  const canary = 'canary17'
  const sent = {
    ...headers,
    cookie: canary,
    'user-agent': canary,
    referer: canary,
    'x-request-id': `${canary} x`,
    'idempotency-key': canary,
    'content-type': 'application/json',
    'x-forwarded-for': canary,
    accept: canary,
  }
  const requests = [
    { method: 'POST', url: `/toy/v1/things?token=${canary}`, payload: JSON.stringify({ name: canary, password: canary }) },
    { method: 'POST', url: '/toy/v1/things', payload: JSON.stringify({ [canary]: 1 }) },
    { method: 'POST', url: '/toy/v1/things', payload: `{"password":"${canary}` },
    { method: 'PUT', url: `/toy/v1/things/${canary}`, payload: `{"name":"${canary}"}` },
    { method: 'GET', url: `/toy/v1/${canary}` },
    { method: 'GET', url: `/${canary}` },
    { method: 'GET', url: `/toy/v1/things/%zz${canary}` },
    { method: 'GET', url: `/toy/v1/things?${canary}=1` },
    { method: 'PATCH', url: `/toy/v1/things/${canary}`, payload: canary },
    { method: 'GET', url: '/toy/v1/things/bug' },
    { method: 'GET', url: '/toy/v1/things/teapot' },
  ] as const
  for (const request of requests) await app.inject({ ...request, headers: sent })
  await app.inject({ url: '/toy/v1/things', headers: { ...sent, authorization: `Bearer ${secret}${canary}` } })
  await app.inject({
    url: '/toy/v1/things',
    headers: { ...sent, authorization: `Basic ${Buffer.from(`ann:${canary}`).toString('base64')}` },
  })
  assert.ok(lines.length >= requests.length)
  const all = lines.join('')
  assert.equal(all.includes(canary), false)
  assert.equal(all.includes(Buffer.from(`ann:${canary}`).toString('base64')), false)
  assert.equal(all.includes(secret), false)
  assert.doesNotMatch(all, /rc_toy_[0-9A-Za-z]/)
})

test('a bug is logged whole, with its stack and its causes, once', async (t) => {
  const { log, records } = openLog()
  const { app, headers } = await openToy(t, { log })
  await app.inject({ url: '/toy/v1/things/bug', headers: { ...headers, 'x-request-id': 'r-2' } })
  const failures = records().filter(({ msg }) => msg === 'internal error')
  assert.equal(failures.length, 1)
  assert.deepEqual(
    [failures[0].requestId, failures[0].dialect, failures[0].operation, failures[0].level],
    ['r-2', 'toy', 'getThing', 'error'],
  )
  assert.equal(failures[0].error.message, 'the secret cause is rc_[redacted]')
  assert.match(failures[0].error.stack, /toy\.ts/)
})

test('causes are followed, and what JSON.parse quotes of its text is struck out', () => {
  const { log, records } = openLog()
  const parse = () => {
    try {
      return JSON.parse('{"password":"canary17",}')
    } catch (error) {
      return error
    }
  }
  logFailure(log, new Error('outer', { cause: parse() }), { requestId: 'r', dialect: undefined, operation: undefined })
  logFailure(log, 'canary17', { requestId: 'r', dialect: undefined, operation: undefined })
  assert.equal(records()[0].error.cause.name, 'SyntaxError')
  assert.equal(JSON.stringify(records()).includes('canary17'), false)
})

test('health checks are not logged, a refusal outside every dialect is', async (t) => {
  const { log, records } = openLog()
  const { app } = await openToy(t, { log })
  await app.inject({ url: '/livez' })
  await app.inject({ url: '/nowhere' })
  assert.deepEqual(
    records().map(({ status, dialect }) => [status, dialect]),
    [[404, undefined]],
  )
})

test('lines that come in one turn of the event loop go out as one text, none lost and none twice', async () => {
  const texts: string[] = []
  const log = createLog(inBatches((lines) => texts.push(lines)))
  for (const number of [1, 2, 3]) log.info({ number }, 'first')
  assert.equal(texts.length, 0)
  await new Promise((resolve) => setImmediate(resolve))
  log.info({ number: 4 }, 'second')
  await new Promise((resolve) => setImmediate(resolve))
  const numbers = texts.map((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).number),
  )
  assert.deepEqual(numbers, [[1, 2, 3], [4]])
})
