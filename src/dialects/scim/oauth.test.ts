import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt, SignJWT } from 'jose'
import { askToken, makeClient, statusWith, tokenOf, type Answer } from '../../../tests/oauth.ts'
import { ask } from '../../../tests/native.ts'
import { ada } from '../../../tests/scim.ts'
import { openWorld, origin } from '../../../tests/world.ts'
import { createAccessToken } from './oauth-token.ts'

const isRefused = ({ status, body, headers }: Answer, expected: number, error: string) => {
  assert.deepEqual(
    [status, body.error, Object.keys(body)],
    [expected, error, ['error', 'error_description']],
    JSON.stringify(body),
  )
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['cache-control'], 'no-store')
}
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

test('a client buys a token with its secret, in the form or as Basic, and the token opens SCIM for an hour', async (t) => {
  let now = new Date('2026-11-21T12:00:00Z')
  const world = await openWorld(t, { clock: () => now })
  const client = await makeClient(world)
  assert.equal(client.tokenUrl, `${origin}/oauth2/token`)
  const { clientId: client_id, secret: client_secret } = client
  const answer = await askToken(world, { client_id, client_secret })
  const { access_token: token, ...rest } = answer.body
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'read write' })
  assert.deepEqual([answer.status, answer.headers['cache-control'], answer.headers['pragma']], [200, 'no-store', 'no-cache'])
  for (const other of [
    await askToken(world, {}, { headers: { authorization: basic(client_id, client_secret) } }),
    await askToken(world, { client_id, client_secret }, { path: '/scim/v2/oauth2/token' }),
  ])
    assert.equal(await statusWith(world, other.body.access_token), 200)

  assert.equal(await statusWith(world, token), 200)
  now = new Date(now.getTime() + 3_599_000)
  assert.equal(await statusWith(world, token), 200)
  now = new Date(now.getTime() + 1_000)
  const late = await world.app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${token}` } })
  assert.equal(late.statusCode, 401)
  assert.match(String(late.headers['www-authenticate']), /^Bearer realm="scim", error="invalid_token"/)
})

test('a token dies with its client, and one that is not ours, of another key or of another client, never lives', async (t) => {
  const world = await openWorld(t)
  const [client, other] = [await makeClient(world), await makeClient(world)]
  const token = await tokenOf(world, client)
  assert.equal(await statusWith(world, token), 200)
  assert.equal((await ask(world, 'POST', `/credentials/${client.id}/revoke`)).status, 200)
  assert.equal(await statusWith(world, token), 401)

  const [header = '', payload = '', signature = ''] = (await tokenOf(world, other)).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [key = new Uint8Array()] = world.home.tokenKeys('scim tokens')
  const signed = { scopes: ['read'] as const, key, now: new Date() }
  assert.equal(await statusWith(world, await createAccessToken(other.clientId, signed)), 200)
  for (const forged of [
    `${header}.${encoded({ ...claims, sub: client.clientId })}.${signature}`,
    `${header}.${encoded({ ...claims, scope: 'read write administer' })}.${signature}`,
    `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
    `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`,
    await createAccessToken(other.clientId, { ...signed, key: new Uint8Array(32) }),
    await createAccessToken('r000000000', signed),
    await new SignJWT({ scope: 'read' })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(other.clientId)
      .setAudience('scim')
      .setExpirationTime('1h')
      .sign(key),
  ])
    assert.equal(await statusWith(world, forged), 401, forged)
})

test('a secret of a client is no bearer token, and a bearer token is no secret of a client', async (t) => {
  const world = await openWorld(t)
  const client = await makeClient(world)
  assert.equal(await statusWith(world, client.secret), 401)
  const bearer = world.access['scim']?.['token'] ?? ''
  const [, client_id = ''] = /^rc_scim_(.{10})/.exec(bearer) ?? []
  isRefused(await askToken(world, { client_id, client_secret: bearer }), 401, 'invalid_client')
  const token = await tokenOf(world, client)
  assert.equal((await ask(world, 'GET', '/members', { key: token })).status, 401)
})

test('a token carries the scopes that were asked for and no more', async (t) => {
  const world = await openWorld(t)
  const client = await makeClient(world)
  const token = await tokenOf(world, client, { scope: 'read' })
  assert.equal(decodeJwt(token)['scope'], 'read')
  assert.equal(await statusWith(world, token), 200)
  assert.equal(await statusWith(world, token, { method: 'POST', body: ada }), 403)
  assert.equal(await statusWith(world, await tokenOf(world, client), { method: 'POST', body: ada }), 201)
  const { clientId: client_id, secret: client_secret } = client
  isRefused(await askToken(world, { client_id, client_secret, scope: 'read administer' }), 400, 'invalid_scope')
})

test('every refusal of the token endpoint is one of RFC 6749, with a challenge where the client came as Basic', async (t) => {
  const world = await openWorld(t)
  const { clientId: client_id, secret: client_secret } = await makeClient(world)
  isRefused(await askToken(world, { client_id, client_secret, grant_type: undefined }), 400, 'invalid_request')
  isRefused(await askToken(world, { client_id, client_secret, grant_type: 'password' }), 400, 'unsupported_grant_type')
  for (const form of [
    {},
    { client_id },
    { client_secret },
    { client_id, client_secret: `${client_secret}x` },
    { client_id: 'nobody', client_secret },
  ]) {
    const refused = await askToken(world, form)
    isRefused(refused, 401, 'invalid_client')
    assert.equal(refused.headers['www-authenticate'], undefined)
  }
  for (const authorization of [basic(client_id, 'x'), basic('', ''), 'Basic !', `Bearer ${client_secret}`]) {
    const refused = await askToken(world, {}, { headers: { authorization } })
    isRefused(refused, 401, 'invalid_client')
    assert.equal(refused.headers['www-authenticate'], 'Basic realm="scim"')
  }
  const authorization = basic(client_id, client_secret)
  isRefused(await askToken(world, { client_id, client_secret }, { headers: { authorization } }), 400, 'invalid_request')
  isRefused(await askToken(world, { client_id: 'another' }, { headers: { authorization } }), 400, 'invalid_request')
  const twice = await world.app.inject({
    method: 'POST',
    url: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `grant_type=client_credentials&grant_type=client_credentials&client_id=${client_id}&client_secret=${client_secret}`,
  })
  assert.deepEqual([twice.statusCode, twice.json().error], [400, 'invalid_request'])
})

test('who tries secrets is held up with whole seconds to wait, without those who have a token', async (t) => {
  const world = await openWorld(t)
  const client = await makeClient(world)
  const token = await tokenOf(world, client)
  const tried: Answer[] = []
  for (let attempt = 0; attempt < 40; attempt++)
    tried.push(await askToken(world, { client_id: client.clientId, client_secret: 'guess' }))
  const held = tried.find(({ status }) => status === 429)
  assert.ok(held)
  isRefused(held, 429, 'temporarily_unavailable')
  assert.match(String(held.headers['retry-after']), /^[1-9][0-9]*$/)
  assert.equal(await statusWith(world, token), 200)
})

test('discovery tells what the endpoint can do, at the root of the server and under its own path', async (t) => {
  const world = await openWorld(t)
  for (const path of ['/.well-known/oauth-authorization-server', '/scim/v2/.well-known/oauth-authorization-server']) {
    const { statusCode, payload } = await world.app.inject({ url: path })
    assert.equal(statusCode, 200)
    assert.partialDeepStrictEqual(JSON.parse(payload), {
      issuer: origin,
      token_endpoint: `${origin}/oauth2/token`,
      grant_types_supported: ['client_credentials'],
      scopes_supported: ['read', 'write'],
    })
  }
  const elsewhere = await world.app.inject({ url: '/oauth2/token', method: 'POST', headers: { host: 'us.api.sinch.com' } })
  assert.equal(elsewhere.headers['content-type'], 'application/json')
  assert.match(elsewhere.payload, /"invalid_request"/)
  const sinch = await world.app.inject({ url: '/.well-known/oauth-authorization-server', headers: { host: 'us.api.sinch.com' } })
  assert.equal(sinch.statusCode, 404)
})

test('two SCIM tokens of an organization live side by side, and one goes without the other', async (t) => {
  const world = await openWorld(t)
  const first = world.access['scim']?.['token'] ?? ''
  const { key: second } = (await ask(world, 'POST', '/credentials', { body: { name: 'second', kind: 'scim' } })).body
  assert.deepEqual([await statusWith(world, first), await statusWith(world, second)], [200, 200])
  const { items } = (await ask(world, 'GET', '/credentials')).body
  const starting = items.find(({ kind }: { kind: string }) => kind === 'scim')
  assert.equal((await ask(world, 'POST', `/credentials/${starting.id}/revoke`)).status, 200)
  assert.deepEqual([await statusWith(world, first), await statusWith(world, second)], [401, 200])
})
