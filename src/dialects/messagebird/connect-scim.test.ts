import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scripted } from '../../../tests/bandwidth-vendor.ts'
import { ada, byScim, connect, connectToFace, invite, listAll, provision } from '../../../tests/messagebird.ts'

const scim = (value: unknown, status = 200) => ({ status, type: 'application/scim+json', body: JSON.stringify(value) })
const scimError = (status: number) =>
  scim({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) }, status)
const both = { accessKey: 'live_key', scimToken: 'token', profile: 'scim' }
const emptyList = scim({ schemas: [], totalResults: 0, Resources: [] })

test('MBRD-01 SCIM is asked with the token in the scheme Bearer, REST with the key in the scheme AccessKey', async (t) => {
  const { url, seen } = await scripted(t, ({ url: path, method }) =>
    path.includes('/scim/')
      ? method === 'POST'
        ? scim({ id: 'u1', userName: 'ada@example.com', active: true }, 201)
        : emptyList
      : { status: 200, body: '{"id":"u1","email":"ada@example.com","status":"active"}' },
  )
  await connect(url, both).vendor.writer.create(ada)
  assert.deepEqual(
    seen.map((one) => [one.method, one.url.split('?')[0], one.headers.authorization]),
    [
      ['GET', '/api/scim/v2/Users', 'Bearer token'],
      ['POST', '/api/scim/v2/Users', 'Bearer token'],
      ['GET', '/api/users/u1', 'AccessKey live_key'],
    ],
  )
})

test('MBRD-41 SCIM bodies are sent as application/scim+json, and that is asked for', async (t) => {
  const { url, seen } = await scripted(t, ({ method }) =>
    method === 'GET' ? emptyList : scim({ id: 'u1', userName: 'ada@example.com', active: true }, 201),
  )
  await connect(url, both).vendor.writer.create(ada)
  const post = seen.find((one) => one.method === 'POST')
  assert.equal(post?.headers['content-type'], 'application/scim+json')
  assert.match(String(post?.headers.accept), /^application\/scim\+json/)
})

test('MBRD-31 MBRD-38 whoever is created by SCIM is done: active at once, under the id of both APIs', async (t) => {
  const { face, vendor } = await connectToFace(t, byScim)
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'done')
  assert.deepEqual(
    [made.account.status, made.account.email, made.account.givenName, made.account.familyName],
    ['active', 'ada@example.com', 'Ada', 'King'],
  )
  assert.equal((await face.send('GET', `/users/${made.account.id}`)).json['status'], 'active')
})

test('MBRD-34 an account that exists already is found by userName and handed back to be linked', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, byScim)
  const id = await invite(face, 'ada@example.com', { role: 'admin' })
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'exists')
  assert.deepEqual([made.account?.id, made.account?.userName, made.account?.roles[0]?.id], [id, 'ada@example.com', 'admin'])
  assert.ok(exchanges.some(({ url }) => new URL(url).searchParams.get('filter') === 'userName eq "ada@example.com"'))
  assert.equal((await listAll(vendor)).length, 1)
})

test('MBRD-34 where the look-up does not answer, the account still counts as one that exists', async (t) => {
  for (const found of [
    scimError(400),
    emptyList,
    scim({
      totalResults: 2,
      Resources: [
        { id: 'u1', userName: 'a' },
        { id: 'u2', userName: 'b' },
      ],
    }),
  ]) {
    const { url } = await scripted(t, ({ method, url: path }) =>
      method === 'POST' ? scimError(409) : path.includes('filter') ? found : emptyList,
    )
    assert.deepEqual(await connect(url, both).vendor.writer.create(ada), { outcome: 'exists' })
  }
})

test('MBRD-29 the plan is asked first, and where SCIM is gated REST is used', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, { ...byScim, organization: { plan: 'pro' } })
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'invited')
  assert.deepEqual(
    exchanges.map(({ operation, status }) => [operation, status]),
    [
      ['scimListUsers', 403],
      ['createUser', 201],
      ['getUser', 200],
    ],
  )
  const id = made.account?.id ?? ''
  await vendor.writer.suspend?.(id)
  assert.equal((await face.send('GET', `/users/${id}`)).json['status'], 'suspended')
  await vendor.writer.remove(id)
  assert.equal(await vendor.reader.read(id), undefined)
  assert.equal(exchanges.filter(({ operation }) => operation === 'scimListUsers').length, 1)
})

test('MBRD-29 a refusal that is not the plan’s, or not the vendor’s, sends nothing anywhere', async (t) => {
  for (const answer of [scimError(401), scimError(500), { status: 403, type: 'text/html', body: '<p>' }, undefined]) {
    const { url, seen } = await scripted(t, () => answer)
    await assert.rejects(connect(url, both).vendor.writer.create(ada), { name: 'RemoteError', effect: 'none' })
    assert.ok(seen.every((one) => one.method === 'GET'))
  }
})

test('MBRD-36 a suspension by SCIM is active false, is read back, and can be taken back', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, byScim)
  const id = await provision(face, 'ada@example.com')
  assert.equal((await vendor.writer.suspend?.(id))?.status, 'suspended')
  const sent = JSON.parse(exchanges.find(({ operation }) => operation === 'scimPatchUser')?.sent ?? '{}')
  assert.deepEqual(sent.Operations, [{ op: 'replace', path: 'active', value: false }])
  assert.equal((await vendor.writer.resume?.(id))?.status, 'active')
})

test('MBRD-48 on Enterprise a leaver is suspended, then deleted by SCIM, and is absent from both APIs', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, byScim)
  const id = await provision(face, 'ada@example.com')
  await vendor.writer.suspend?.(id)
  assert.equal((await listAll(vendor)).length, 1)
  await vendor.writer.remove(id)
  exchanges.length = 0
  assert.equal(await vendor.reader.read(id), undefined)
  assert.deepEqual(
    exchanges.map(({ operation, status }) => [operation, status]),
    [
      ['getUser', 404],
      ['scimReadUser', 404],
    ],
  )
  await vendor.writer.remove(id)
})

test('MBRD-48 whom REST has lost and SCIM still shows is not gone', async (t) => {
  const { url } = await scripted(t, ({ url: path }) =>
    path.includes('/scim/v2/Users/')
      ? scim({ id: 'u1', userName: 'ada@example.com', active: false })
      : path.includes('/scim/')
        ? emptyList
        : { status: 404, body: '{"errors":[{"code":20,"description":"No.","parameter":null}]}' },
  )
  const account = await connect(url, both).vendor.reader.read('u1')
  assert.deepEqual([account?.id, account?.status], ['u1', 'suspended'])
})

test('attributes and the role are changed by REST, which knows them both', async (t) => {
  const { face, vendor } = await connectToFace(t, byScim)
  const id = await provision(face, 'ada@example.com')
  const after = await vendor.writer.update(id, { ...ada, roleIds: ['admin'] })
  assert.deepEqual([after.givenName, after.roles[0]?.id, after.status], ['Ada', 'admin', 'active'])
})

test('an answer that is no User is an error whose effect is unknown after a write', async (t) => {
  const { url } = await scripted(t, ({ method }) => (method === 'GET' ? emptyList : scim({ hello: 'world' }, 201)))
  await assert.rejects(connect(url, both).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  const listed = await scripted(t, () => scim({ hello: 'world' }))
  await assert.rejects(connect(listed.url, both).vendor.writer.create(ada), { name: 'RemoteError', effect: 'none' })
})

test('scimBaseUrl may stand elsewhere than below the REST URL', async (t) => {
  const { url, seen } = await scripted(t, () => emptyList)
  const { vendor } = connect('http://127.0.0.1:9', { ...both, scimBaseUrl: `${url}/other/scim` })
  await assert.rejects(vendor.writer.remove('u1'))
  assert.equal(seen[0]?.url.split('?')[0], '/api/other/scim/Users')
})
