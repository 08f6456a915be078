import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld } from '../../../tests/world.ts'

test('TWIL-59 TWIL-61 limits are the operator’s, for reads and writes apart, told on every answer and without Retry-After', async (t) => {
  const world = await openWorld(t, {
    limits: {
      twilio: [
        { requests: 1, perSeconds: 3600, of: 'writes' },
        { requests: 3, perSeconds: 3600, of: 'reads', plans: ['enterprise'] },
      ],
    },
  })
  const { accountSid = '', authToken = '', organizationSid = '' } = world.access['twilio'] ?? {}
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const url = `/twilio/v1/Organizations/${organizationSid}/Users`
  const read = () => world.app.inject({ url, headers: { authorization } })
  const write = (email: string) =>
    world.app.inject({
      method: 'POST',
      url,
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ Email: email }).toString(),
    })
  const first = await write('ada@example.com')
  assert.ok(first.statusCode < 300, first.payload)
  assert.equal(first.headers['x-ratelimit-limit'], '1')
  const limited = await write('grace@example.com')
  assert.deepEqual(
    [limited.statusCode, limited.headers['retry-after'], limited.headers['x-ratelimit-remaining']],
    [429, undefined, '0'],
  )
  const answers = [await read(), await read(), await read(), await read()]
  assert.deepEqual(
    answers.map(({ statusCode, headers }) => [statusCode, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]),
    [
      [200, '3', '2'],
      [200, '3', '1'],
      [200, '3', '0'],
      [429, '3', '0'],
    ],
  )
})
