import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { addKey, basic, bearer, faceOf, form, laterApp, openFace, send, tokenOf, type Face } from '../../../tests/sinch.ts'

const path = '/sinch/oauth2/token'
const nativeId = (face: Face) => /^rc_native_(.{10})/.exec(face.world.access['native']?.['key'] ?? '')?.[1]
const grant = 'grant_type=client_credentials'

test('SNCH-01 the token endpoint takes client_id and client_secret in the form', async (t) => {
  const face = await openFace(t)
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  assert.equal((await send(face.app, 'GET', face.members, { headers: bearer(token) })).status, 200)
})

test('SNCH-02 it answers access_token, token_type bearer and expires_in 3600', async (t) => {
  const face = await openFace(t)
  const body = form({ grant_type: 'client_credentials', client_id: face.keyId, client_secret: face.keySecret })
  const { status, json, headers } = await send(face.app, 'POST', path, { body })
  assert.equal(status, 200)
  const { access_token, ...rest } = json
  assert.deepEqual(rest, { token_type: 'bearer', expires_in: 3600, scope: '' })
  assert.match(access_token, /^eyJ/)
  assert.equal(headers['cache-control'], 'no-store')
})

test('SNCH-03 a token holds for 3600 seconds and no longer', async (t) => {
  const face = await openFace(t)
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  const at = async (ms: number) =>
    (await send(await laterApp(t, face.world, () => ms), 'GET', face.members, { headers: bearer(token) })).status
  assert.equal(await at(3_590_000), 200)
  assert.equal(await at(3_600_000), 401)
})

test('SNCH-05 Basic with key id and secret opens the API as well', async (t) => {
  const face = await openFace(t)
  for (const authorization of [basic(face.keyId, face.keySecret), basic(face.keyId, face.keySecret).replace('Basic', 'bASIC')])
    assert.equal((await send(face.app, 'GET', face.members, { headers: { authorization } })).status, 200)
  for (const authorization of [
    'Basic',
    'Basic !!',
    basic(face.keyId, `${face.keySecret}x`),
    basic('nobody', face.keySecret),
    basic(face.keyId, ''),
    `Bearer ${face.keySecret}`,
    'Bearer x.y.z',
    '',
  ])
    assert.equal((await send(face.app, 'GET', face.members, { headers: { authorization } })).status, 401, authorization)
})

test('SNCH-08 no token of another API is accepted here, and none of these elsewhere', async (t) => {
  const face = await openFace(t)
  const { access } = face.world
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  const foreign = await new SignJWT({ client_id: face.keyId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(face.keyId)
    .setAudience('sinch')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new Uint8Array(32))
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
  for (const wrong of [foreign, unsigned, access['native']?.['key'], access['scim']?.['token'], access['sinch']?.['scimToken']])
    assert.equal((await send(face.app, 'GET', face.members, { headers: bearer(wrong ?? '') })).status, 401)
  for (const other of ['/api/v1/members', '/scim/v2/Users', new URL(access['sinch']?.['scimBaseUrl'] ?? '').pathname + '/Users'])
    assert.equal((await send(face.app, 'GET', other, { headers: bearer(token) })).status, 401, other)
  const sms = { ...bearer(token), host: 'us.sms.api.sinch.com' }
  assert.equal((await send(face.app, 'GET', `/projects/${face.projectId}/members`, { headers: sms })).status, 404)
})

test('SNCH-30 a deleted key and its tokens are refused at once, and "expired" is not said of them', async (t) => {
  const face = await openFace(t)
  const made = await face.send('POST', face.keys, { body: { display_name: 'Short-lived' } })
  const { key_id: id, key_secret: secret } = made.json as { key_id: string; key_secret: string }
  const token = await tokenOf(face.app, id, secret)
  assert.equal((await send(face.app, 'GET', face.members, { headers: bearer(token) })).status, 200)
  const gone = await face.send('DELETE', `${face.keys}/${id}`)
  assert.equal(gone.status, 204)
  assert.equal(gone.text, '')
  for (const authorization of [basic(id, secret), `Bearer ${token}`]) {
    const reply = await send(face.app, 'GET', face.members, { headers: { authorization } })
    assert.equal(reply.status, 401)
    assert.doesNotMatch(String(reply.headers['www-authenticate']), /expired/)
  }
  const body = form({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
  assert.equal((await send(face.app, 'POST', path, { body })).status, 401)
})

test('SNCH-46 SNCH-P05 an expired token is told apart from every other 401', async (t) => {
  const face = await openFace(t)
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  const later = await laterApp(t, face.world, () => 3_700_000)
  const expired = await send(later, 'GET', face.members, { headers: bearer(token) })
  assert.equal(expired.status, 401)
  assert.equal(expired.headers['www-authenticate'], 'Bearer error="invalid_token", error_description="token is expired"')
  for (const headers of [bearer(`${token}x`), bearer('nonsense'), {}])
    assert.doesNotMatch(String((await send(face.app, 'GET', face.members, { headers })).headers['www-authenticate']), /expired/)
})

test('SNCH-Q01 what the token endpoint refuses is spelled as RFC 6749 has it', async (t) => {
  const face = await openFace(t)
  const errorOf = async (body: string, headers: Record<string, string> = {}) => {
    const reply = await send(face.app, 'POST', path, { body, headers })
    return [reply.status, reply.json['error'], reply.headers['www-authenticate']]
  }
  const client = form({ client_id: face.keyId, client_secret: face.keySecret })
  assert.deepEqual(await errorOf(`${grant}&client_id=x&client_secret=y`), [401, 'invalid_client', undefined])
  assert.deepEqual(await errorOf(grant), [401, 'invalid_client', undefined])
  assert.deepEqual(await errorOf(grant, { authorization: basic('x', 'y') }), [401, 'invalid_client', 'Basic realm="sinch"'])
  assert.deepEqual(await errorOf(grant, { authorization: 'Bearer x' }), [401, 'invalid_client', 'Basic realm="sinch"'])
  assert.deepEqual(await errorOf(`grant_type=password&${client}`), [400, 'unsupported_grant_type', undefined])
  assert.deepEqual(await errorOf(client), [400, 'invalid_request', undefined])
  assert.deepEqual(await errorOf('grant_type=%'), [400, 'invalid_request', undefined])
  assert.deepEqual(await errorOf(`${grant}&${grant}`), [400, 'invalid_request', undefined])
  const both = { authorization: basic(face.keyId, face.keySecret) }
  assert.deepEqual(await errorOf(`${grant}&${client}`, both), [400, 'invalid_request', undefined])
  const json = await send(face.app, 'POST', path, { body: { grant_type: 'client_credentials' } })
  assert.deepEqual([json.status, json.json['error']], [415, 'invalid_request'])
})

test('SNCH-Q06 the token is a JWT of three parts whose exp and iat are an hour apart', async (t) => {
  const face = await openFace(t)
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  assert.equal(token.split('.').length, 3)
  assert.equal(decodeProtectedHeader(token).alg, 'HS256')
  const { iat = 0, exp = 0, sub } = decodeJwt(token)
  assert.equal(exp - iat, 3600)
  assert.equal(sub, face.keyId)
  assert.ok(
    !Buffer.from(token.split('.')[1] ?? '', 'base64url')
      .toString()
      .includes(face.keySecret),
  )
})

test('SNCH-Q13 SNCH-P03 client credentials in Basic are taken too, as the vendor’s own client sends them', async (t) => {
  const face = await openFace(t)
  const reply = await send(face.app, 'POST', path, { body: grant, headers: { authorization: basic(face.keyId, face.keySecret) } })
  assert.equal(reply.status, 200)
  assert.equal((await send(face.app, 'GET', face.members, { headers: bearer(reply.json.access_token) })).status, 200)
})

test('a token says nothing for the key of another organization, whatever it claims', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const token = await tokenOf(face.app, face.keyId, face.keySecret)
  assert.equal((await send(face.app, 'GET', other.members, { headers: bearer(token) })).status, 403)
  const [head, , signature] = token.split('.')
  const unproven = Buffer.from(JSON.stringify({ sub: nativeId(face) })).toString('base64url')
  const reply = await send(face.app, 'GET', other.members, { headers: bearer(`${head}.${unproven}.${signature}`) })
  assert.equal(reply.text, (await send(face.app, 'GET', other.members)).text)
  const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: other.keyId })).toString('base64url')
  assert.equal((await send(face.app, 'GET', other.members, { headers: bearer(`${head}.${claims}.${signature}`) })).status, 401)
})

test('a key that has expired gets no token, and its tokens hold no longer', async (t) => {
  const face = await openFace(t)
  const { home, call } = face.world
  const { credential, secret } = await home.directory.createCredential(call(), {
    kind: 'sinchkey',
    name: 'For half an hour',
    scopes: ['read'],
    expiresAt: new Date(Date.now() + 1_800_000),
  })
  const token = await tokenOf(face.app, credential.identifier, secret)
  const later = await laterApp(t, face.world, () => 1_900_000)
  assert.equal((await send(later, 'GET', face.members, { headers: bearer(token) })).status, 401)
})

test('the token endpoint answers at auth.sinch.com, and the members do not', async (t) => {
  const face = await openFace(t)
  const host = 'auth.sinch.com'
  const body = form({ grant_type: 'client_credentials', client_id: face.keyId, client_secret: face.keySecret })
  assert.equal((await send(face.app, 'POST', '/oauth2/token', { body, headers: { host } })).status, 200)
  assert.equal((await face.send('GET', `/projects/${face.projectId}/members`, { headers: { host } })).status, 404)
})

test('SNCH-09 a token carries no scopes: it may do what its key may', async (t) => {
  const face = await openFace(t)
  const reader = await addKey(face, ['read', 'write'])
  const token = await tokenOf(face.app, reader.id, reader.secret)
  assert.equal(decodeJwt(token)['scope'], undefined)
  const body = { email: 'x@example.com', role: 'MEMBER' }
  assert.equal((await send(face.app, 'POST', face.members, { body, headers: bearer(token) })).status, 403)
  assert.equal((await send(face.app, 'GET', face.members, { headers: bearer(token) })).status, 200)
})

test('SNCH-P05 SNCH-Q03 the token endpoint lets 30 attempts through at once and says nothing of limits when it refuses', async (t) => {
  const face = await openFace(t)
  const body = form({ grant_type: 'client_credentials', client_id: face.keyId, client_secret: 'wrong' })
  const replies = []
  for (let attempt = 0; attempt < 100 && replies.at(-1)?.status !== 429; attempt++)
    replies.push(await send(face.app, 'POST', path, { body }))
  assert.ok(replies.length > 30, String(replies.length))
  const last = replies.at(-1)
  assert.equal(last?.status, 429)
  assert.equal(last?.json.error, 'temporarily_unavailable')
  assert.deepEqual(
    Object.keys(last?.headers ?? {}).filter((name) => /retry|limit/i.test(name)),
    [],
  )
})
