import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, type World } from '../../../tests/world.ts'
import { documentedLimits } from './limits.ts'

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

test('TWIL-61 the guide’s figures hold for each endpoint below Enterprise: 100 reads and 20 writes a second', async (t) => {
  const limitOf = async (world: World, method: 'GET' | 'DELETE') => {
    const { accountSid = '', authToken = '', organizationSid = '' } = world.access['twilio'] ?? {}
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
    const url = `/twilio/v1/Organizations/${organizationSid}/Users/US${'0'.repeat(32)}`
    return (await world.app.inject({ method, url, headers: { authorization } })).headers['x-ratelimit-limit']
  }
  const world = await openWorld(t, { organization: { plan: 'pro' }, limits: { twilio: 'documented' } })
  assert.deepEqual([await limitOf(world, 'GET'), await limitOf(world, 'DELETE')], ['100', '20'])
  const enterprise = await openWorld(t, { limits: { twilio: 'documented' } })
  assert.equal(await limitOf(enterprise, 'GET'), undefined)
  assert.ok(documentedLimits.every(({ each }) => each === 'operation'))
})

test('TWIL-61 requests of an account at once are limited where the operator says how many, with 20429', async (t) => {
  const world = await openWorld(t, { limits: { twilio: [{ atOnce: 2 }] } })
  const { accountSid = '', authToken = '', organizationSid = '' } = world.access['twilio'] ?? {}
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const url = `/twilio/v1/Organizations/${organizationSid}/Users`
  const read = () => world.app.inject({ url, headers: { authorization } })
  const answers = await Promise.all(Array.from({ length: 12 }, read))
  const limited = answers.filter(({ statusCode }) => statusCode === 429)
  assert.ok(limited.length > 0 && limited.length <= 10, String(limited.length))
  assert.deepEqual(limited[0]?.json(), {
    code: 20429,
    message: 'Too many requests at once. Wait for answers.',
    more_info: 'https://www.twilio.com/docs/errors/20429',
    status: 429,
  })
  assert.equal(limited[0]?.headers['retry-after'], undefined)
  assert.equal((await read()).statusCode, 200)
})

test('TWIL-P02 the token endpoint holds up whoever tries secrets, by address, in the vendor’s shape, whatever was sent', async (t) => {
  const world = await openWorld(t, { limits: { twilio: [{ requests: 3, perSeconds: 3600, of: 'tokens' }] } })
  const { orgKeySecret = '' } = world.access['twilio'] ?? {}
  const ask = (secret: string, remoteAddress = '192.0.2.1') =>
    world.app.inject({
      method: 'POST',
      url: '/twilio/v1/token',
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: `OQ${'a'.repeat(32)}`,
        client_secret: secret,
      }).toString(),
    })
  const wrong = orgKeySecret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
  const statuses = []
  for (const secret of ['nonsense', wrong, orgKeySecret, orgKeySecret]) statuses.push((await ask(secret)).statusCode)
  assert.deepEqual(statuses, [401, 401, 201, 429])
  const limited = await ask(orgKeySecret)
  assert.deepEqual([limited.json().code, limited.json().status], [20429, 429])
  assert.deepEqual([limited.headers['retry-after'], limited.headers['x-ratelimit-limit']], [undefined, '3'])
  const elsewhere = []
  for (let host = 2; host < 8; host++) elsewhere.push((await ask(orgKeySecret, `192.0.2.${host}`)).statusCode)
  // One client has twice as many attempts, one of which was spent from the first address.
  assert.deepEqual(elsewhere, [201, 201, 201, 201, 201, 429])
})
