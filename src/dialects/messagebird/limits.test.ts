import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFace, type Reply } from '../../../tests/messagebird.ts'
import { documentedLimits, rateHeaders } from './limits.ts'

const rateOf = ({ headers }: Reply) => ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`])

test('MBRD-42 a 429 has the headers of the limit and no Retry-After, by REST and by SCIM, which share the limit', async (t) => {
  const face = await openFace(t, { limits: { messagebird: { requests: 2, perSeconds: 3_600 } } })
  const replies = []
  for (const path of ['/users', '/scim/v2/Users', '/users', '/scim/v2/Users']) replies.push(await face.send('GET', path))
  assert.deepEqual(
    replies.map((reply) => [reply.status, ...rateOf(reply).slice(0, 2)]),
    [
      [200, '2', '1'],
      [200, '2', '0'],
      [429, '2', '0'],
      [429, '2', '0'],
    ],
  )
  for (const { headers } of replies) assert.equal(headers['retry-after'], undefined)
  assert.equal(replies[2]?.json.errors.length, 1)
  assert.equal(replies[3]?.json['status'], '429')
})

test('MBRD-Q05 MBRD-P03 the headers are X-RateLimit-Limit, -Remaining and -Reset, on every answer, refusals too', async (t) => {
  const face = await openFace(t, { limits: { messagebird: { requests: 5, perSeconds: 60 } } })
  for (const reply of [await face.send('GET', '/users'), await face.send('GET', '/users/abc-123')])
    for (const value of rateOf(reply)) assert.match(String(value), /^\d+$/)
  const [, , reset] = rateOf(await face.send('GET', '/users'))
  assert.ok(Number(reset) > 1_700_000_000)
  assert.deepEqual(rateHeaders({ limit: 5, remaining: 3, fullAt: new Date(1_500), waitSeconds: undefined }), {
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-reset': '2',
  })
})

test('MBRD-44 limits differ by plan: 100 a second on free, 300 on starter and pro, negotiated on enterprise', async (t) => {
  for (const [plan, limit] of [
    ['free', '100'],
    ['starter', '300'],
    ['pro', '300'],
    ['enterprise', undefined],
  ] as const) {
    const face = await openFace(t, { organization: { plan }, limits: { messagebird: 'documented' } })
    assert.equal(rateOf(await face.send('GET', '/users'))[0], limit, plan)
  }
  assert.deepEqual(
    documentedLimits.map((rule) => 'requests' in rule && rule.requests / rule.perSeconds),
    [100, 300],
  )
})

test('MBRD-44 limits by the second and by the day are the operator’s to set, and none holds unless they do', async (t) => {
  const face = await openFace(t, {
    limits: {
      messagebird: [
        { requests: 100, perSeconds: 1 },
        { requests: 3, perSeconds: 86_400 },
      ],
    },
  })
  const statuses = []
  for (let index = 0; index < 4; index++) statuses.push((await face.send('GET', '/users')).status)
  assert.deepEqual(statuses, [200, 200, 200, 429])
  const free = await openFace(t)
  assert.deepEqual(rateOf(await free.send('GET', '/users')), [undefined, undefined, undefined])
})
