import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faceOf, invite, kinds, openFace } from '../../../tests/messagebird.ts'
import { problems, toProblemReply } from './problem.ts'

const notAllowed = { code: 2, description: 'Request not allowed (incorrect access_key)', parameter: 'access_key' }

test('MBRD-01 REST takes AccessKey and SCIM takes Bearer, in any case, and no other scheme', async (t) => {
  const face = await openFace(t)
  const { accessKey, scimToken } = face
  for (const [path, as, status] of [
    ['/users', `AccessKey ${accessKey}`, 200],
    ['/users', `accesskey  ${accessKey} `, 200],
    ['/users', `Bearer ${accessKey}`, 401],
    ['/users', `Basic ${Buffer.from(`${accessKey}:`).toString('base64')}`, 401],
    ['/users', accessKey, 401],
    ['/users', 'AccessKey', 401],
    ['/users', `AccessKey ${accessKey}x`, 401],
    ['/users', `AccessKey ${accessKey} ${accessKey}`, 401],
    ['/users', 'AccessKey live_abcdefghijklmnopqrstuvwxy', 401],
    ['/users', '', 401],
    ['/scim/v2/Users', `Bearer ${scimToken}`, 200],
    ['/scim/v2/Users', `bearer ${scimToken}`, 200],
    ['/scim/v2/Users', `AccessKey ${scimToken}`, 401],
    ['/scim/v2/Users', '', 401],
  ] as const)
    assert.equal((await face.send('GET', path, { as })).status, status, `${path} ${as.slice(0, 12)}`)
})

test('MBRD-02 neither credential opens the other API, for no operation, whatever its scheme', async (t) => {
  const face = await openFace(t)
  const { accessKey, scimToken } = face
  const id = await invite(face, 'jane@example.com')
  for (const [method, path, body] of [
    ['GET', '/users'],
    ['GET', `/users/${id}`],
    ['POST', '/users', { email: 'x@example.com' }],
    ['PATCH', `/users/${id}`, { role: 'admin' }],
    ['DELETE', `/users/${id}`],
    ['GET', '/scim/v2/Users'],
    ['GET', `/scim/v2/Users/${id}`],
    ['POST', '/scim/v2/Users', { userName: 'x@example.com' }],
    ['PATCH', `/scim/v2/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }],
    ['DELETE', `/scim/v2/Users/${id}`],
    ['GET', '/scim/v2/Groups'],
  ] as const) {
    const other = path.startsWith('/scim') ? accessKey : scimToken
    for (const scheme of ['AccessKey', 'Bearer'])
      assert.equal((await face.send(method, path, { as: `${scheme} ${other}`, body })).status, 401, `${scheme} ${method} ${path}`)
  }
  assert.deepEqual(
    (await face.send('GET', '/users')).json.items.map((item) => [item.id, item['status']]),
    [[id, 'invited']],
  )
})

test('MBRD-03 a refusal says the same of a wrong key, a wrong kind, a wrong scope and no key at all', async (t) => {
  const face = await openFace(t)
  const reader = await face.credential(kinds.liveKeyKind, ['read'])
  const native = face.world.access['native']?.['key'] ?? ''
  for (const as of ['', 'AccessKey nonsense', `AccessKey ${face.scimToken}`, `AccessKey ${native}`, `AccessKey ${reader}`]) {
    const { json } = await face.send('POST', '/users', { as, body: { email: 'x@example.com' } })
    assert.deepEqual(json, { errors: [notAllowed] })
  }
})

test('MBRD-04 neither a personal key nor a project’s has access to users', async (t) => {
  const face = await openFace(t)
  const project = await face.world.home.directory.createWorkspace(face.world.call(), { name: 'Project' })
  const id = await invite(face, 'jane@example.com')
  const keys = [
    await face.credential(kinds.personalKeyKind),
    await face.credential(kinds.liveKeyKind, ['read', 'write'], project.id),
    await face.credential(kinds.testKeyKind, ['read', 'write'], project.id),
  ]
  for (const key of keys) {
    const as = `AccessKey ${key}`
    const replies = [
      await face.send('GET', '/users', { as }),
      await face.send('GET', `/users/${id}`, { as }),
      await face.send('POST', '/users', { as, body: { email: 'x@example.com' } }),
      await face.send('PATCH', `/users/${id}`, { as, body: { role: 'admin' } }),
      await face.send('DELETE', `/users/${id}`, { as }),
    ]
    for (const { status, json } of replies) assert.deepEqual([status, json.errors], [401, [notAllowed]])
  }
  const token = await face.credential(kinds.scimTokenKind, ['read', 'write'], project.id)
  assert.equal((await face.send('GET', '/scim/v2/Users', { as: `Bearer ${token}` })).status, 401)
  assert.equal((await face.send('GET', '/users')).json['count'], 1)
})

test('MBRD-05 user:read reads and nothing else, user:write writes and does not read', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com')
  const reader = `AccessKey ${await face.credential(kinds.liveKeyKind, ['read'])}`
  const writer = `AccessKey ${await face.credential(kinds.liveKeyKind, ['write'])}`
  for (const path of ['/users', `/users/${id}`]) {
    assert.equal((await face.send('GET', path, { as: reader })).status, 200)
    assert.equal((await face.send('GET', path, { as: writer })).status, 403)
  }
  for (const [method, path, body, status] of [
    ['POST', '/users', { email: 'x@example.com', role: 'admin' }, 201],
    ['POST', '/users', { email: 'y@example.com', role: 'wizard' }, 422],
    ['PATCH', `/users/${id}`, { role: 'admin' }, 200],
    ['PATCH', '/users/abc-123', {}, 404],
    ['DELETE', `/users/${id}`, undefined, 204],
  ] as const) {
    assert.equal((await face.send(method, path, { body, as: reader })).status, 403, `${method} ${path}`)
    assert.equal((await face.send(method, path, { body, as: writer })).status, status, `${method} ${path}`)
  }
})

test('MBRD-07 a key is live or a test key, and both open /users', async (t) => {
  const face = await openFace(t)
  for (const kind of [kinds.liveKeyKind, kinds.testKeyKind])
    assert.equal((await face.send('GET', '/users', { as: `AccessKey ${await face.credential(kind)}` })).status, 200)
})

test('test and personal keys can be made with the native key, and a SCIM token of another organization opens nothing here', async (t) => {
  const face = await openFace(t)
  const key = face.world.access['native']?.['key'] ?? ''
  for (const [kind, status] of [
    [kinds.testKeyKind, 200],
    [kinds.personalKeyKind, 401],
  ] as const) {
    const made = await face.world.app.inject({
      method: 'POST',
      url: '/api/v1/credentials',
      headers: { authorization: `Bearer ${key}` },
      payload: { name: 'Another', kind },
    })
    assert.equal(made.statusCode, 201, made.body)
    const { key: secret } = made.json<{ key: string }>()
    assert.equal((await face.send('GET', '/users', { as: `AccessKey ${secret}` })).status, status)
  }
})

test('MBRD-Q01 errors have the envelope of the vendor’s client: code, description and parameter', async (t) => {
  const face = await openFace(t)
  const unknown = await face.send('GET', '/users/abc-123')
  assert.deepEqual(unknown.json, {
    errors: [{ code: 20, description: 'There is no such user in this organization.', parameter: 'userId' }],
  })
  assert.equal(unknown.headers['content-type'], 'application/json')
  const refused = await face.send('GET', '/users', { as: '' })
  assert.deepEqual([refused.status, refused.json], [401, { errors: [notAllowed] }])
  assert.match(String(refused.headers['www-authenticate']), /^AccessKey /)
})

test('MBRD-Q01 what cannot be read is refused in that shape, whatever it is, and creates nobody', async (t) => {
  const face = await openFace(t)
  for (const [body, status] of [
    ['', 400],
    ['{', 400],
    ['null', 422],
    ['[]', 422],
    ['7', 422],
    ['{"email":{"a":1}}', 422],
    ['{"__proto__":{"email":"x@example.com"}}', 422],
    ['{"email":"x@example.com","email":"y@example.com"}', 400],
  ] as const) {
    const reply = await face.send('POST', '/users', { body })
    assert.deepEqual([reply.status, reply.json.errors.length], [status, 1], body)
  }
  const typed = await face.send('POST', '/users', { body: 'email=x', headers: { 'content-type': 'text/plain' } })
  assert.equal(typed.status, 415)
  assert.equal((await face.send('GET', '/users')).json['count'], 0)
})

test('methods and paths that are not there are 405 and 404 in the shape of the API they stand in', async (t) => {
  const face = await openFace(t)
  for (const [method, path, status] of [
    ['PUT', '/users/abc-123', 405],
    ['DELETE', '/users', 405],
    ['GET', '/balance', 404],
    ['GET', '/contacts', 404],
    ['GET', '/', 404],
  ] as const) {
    const reply = await face.send(method, path)
    assert.deepEqual([reply.status, reply.json.errors.length], [status, 1], `${method} ${path}`)
  }
  const scim = await face.send('GET', '/scim/v2/Nothing')
  assert.deepEqual([scim.status, scim.json['status']], [404, '404'])
})

test('MBRD-42 a 429 has no Retry-After, by REST and by SCIM', async (t) => {
  const face = await openFace(t, { limits: { messagebird: { requests: 1, perSeconds: 60 } } })
  assert.equal((await face.send('GET', '/users')).status, 200)
  for (const path of ['/users', '/scim/v2/Users']) {
    const reply = await face.send('GET', path)
    assert.equal(reply.status, 429)
    assert.equal(reply.headers['retry-after'], undefined)
  }
})

test('both APIs answer under the vendor’s host name, at the vendor’s paths', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com')
  const ask = (url: string, authorization: string) =>
    face.world.app.inject({ method: 'GET', url, headers: { host: 'rest.messagebird.com', authorization } })
  assert.equal((await ask(`/users/${id}`, `AccessKey ${face.accessKey}`)).json<{ id: string }>().id, id)
  const scim = await ask(`/scim/v2/Users/${id}`, `Bearer ${face.scimToken}`)
  assert.equal(scim.json<{ meta: { location: string } }>().meta.location, `http://rest.messagebird.com/scim/v2/Users/${id}`)
  const foreign = faceOf(face.world, await face.world.another())
  assert.equal((await ask(`/users/${id}`, `AccessKey ${foreign.accessKey}`)).statusCode, 404)
})

test('every refusal has an answer in both shapes, and a bug of ours shows nothing', () => {
  for (const [refusal, [expected]] of Object.entries(problems)) {
    const problem = {
      refusal: refusal as keyof typeof problems,
      message: 'secret detail',
      field: undefined,
      code: undefined,
      retryAfterSeconds: 7,
      requestId: '1',
    }
    const hidden = refusal === 'internal' || expected === 401 || (expected === 403 && refusal !== 'needsApproval')
    for (const url of ['/users', '/scim/v2/Users', '/scim']) {
      const reply = toProblemReply(problem, { method: 'GET', url, headers: {} })
      assert.equal(Object.keys(reply.headers).includes('Retry-After'), false)
      assert.equal(reply.text.includes('secret detail'), !hidden, `${refusal} ${url}`)
      assert.equal('errors' in JSON.parse(reply.text), url === '/users')
      if (url === '/users') assert.equal(reply.status, expected)
    }
  }
})
