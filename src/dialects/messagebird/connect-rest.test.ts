import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scripted } from '../../../tests/bandwidth-vendor.ts'
import { ada, connect, connectToFace, invite, listAll, provision } from '../../../tests/messagebird.ts'

const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) })
const error = (status: number) => json({ errors: [{ code: 10, description: 'No.', parameter: null }] }, status)

test('MBRD-18 whoever is created is reported as invited and pending, which is no failure', async (t) => {
  const { vendor } = await connectToFace(t)
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'invited')
  assert.deepEqual([made.account?.status, made.account?.email, made.expiresAt], ['invited', 'ada@example.com', undefined])
  assert.deepEqual(
    (await listAll(vendor)).filter((account) => account.status === 'active'),
    [],
  )
  assert.ok(vendor.capabilities.invite && vendor.capabilities.notes.some((note) => /reported as invited/.test(note)))
})

test('MBRD-15 a creation sends the address, names and one role', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const made = await vendor.writer.create({ ...ada, roleIds: ['admin'] })
  assert.ok(made.outcome === 'invited')
  const { json: stored } = await face.send('GET', `/users/${made.account?.id}`)
  assert.deepEqual(
    [stored['email'], stored['firstName'], stored['lastName'], stored['role']],
    ['ada@example.com', 'Ada', 'King', 'admin'],
  )
})

test('MBRD-Q03 a creation that is answered with 200, or as active at once, counts too', async (t) => {
  const { url } = await scripted(t, () => json({ id: 'u9', email: 'ada@example.com', status: 'active' }))
  const made = await connect(url).vendor.writer.create(ada)
  assert.ok(made.outcome === 'done')
  assert.equal(made.account.id, 'u9')
})

test('the id is not lost when the user cannot be read back', async (t) => {
  for (const second of [error(403), error(404), { status: 502, type: 'text/html', body: '' }, undefined]) {
    const { url } = await scripted(t, ({ method }) =>
      method === 'POST' ? json({ id: 'u9', email: 'ada@example.com', status: 'invited' }, 201) : second,
    )
    const made = await connect(url).vendor.writer.create(ada)
    assert.ok(made.outcome === 'invited')
    assert.equal(made.account?.id, 'u9')
  }
})

test('a creation whose answer is lost may have happened, and is not sent again', async (t) => {
  const { url, seen } = await scripted(t, () => undefined)
  await assert.rejects(connect(url).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.length, 1)
})

test('MBRD-19 a creation that meets the address in use says that it exists', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await invite(face, 'ada@example.com')
  assert.equal((await vendor.writer.create(ada)).outcome, 'exists')
  assert.equal((await listAll(vendor)).length, 1)
})

test('what MessageBird cannot do for somebody is a task for a person, and nothing is sent', async (t) => {
  const { url, seen } = await scripted(t, () => json({}))
  const { writer } = connect(url).vendor
  const nameless = await writer.create({ ...ada, userName: 'ada', email: undefined })
  assert.ok(nameless.outcome === 'needsPerson')
  assert.match(nameless.task, /e-mail address/)
  const double = await writer.create({ ...ada, roleIds: ['admin', 'member'] })
  assert.ok(double.outcome === 'needsPerson')
  assert.match(double.task, /one role/)
  assert.equal(seen.length, 0)
})

test('MBRD-20 an update reads, sends what differs and no more, and reads again', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const id = await invite(face, 'ada@example.com', { firstName: 'Ada', lastName: 'King', role: 'member' })
  const after = await vendor.writer.update(id, { ...ada, givenName: 'Augusta', familyName: undefined, roleIds: ['admin'] })
  assert.deepEqual([after.givenName, after.familyName, after.roles[0]?.id], ['Augusta', 'King', 'admin'])
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser', 'updateUser', 'getUser'],
  )
  assert.deepEqual(JSON.parse(exchanges[1]?.sent ?? ''), { firstName: 'Augusta', role: 'admin' })
  exchanges.length = 0
  await vendor.writer.update(id, { ...ada, givenName: 'Augusta', email: 'ADA@example.com', roleIds: ['admin'] })
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser'],
  )
})

test('MBRD-21 an update that is accepted and not kept is an error that names what differs, and no value', async (t) => {
  const stored = { id: 'u1', email: 'old@example.com', firstName: 'Other', lastName: 'King', role: 'member', status: 'active' }
  const { url } = await scripted(t, () => json(stored))
  await assert.rejects(connect(url).vendor.writer.update('u1', { ...ada, roleIds: ['admin'] }), (failure: Error) => {
    assert.equal(failure.name, 'RemoteError')
    assert.match(failure.message, /email, firstName, role/)
    assert.doesNotMatch(failure.message, /Ada|example\.com/)
    return true
  })
})

test('an update that was sent and cannot be read back has an unknown effect, and is not sent again', async (t) => {
  for (const last of [error(403), error(404), undefined]) {
    let patches = 0
    const { url } = await scripted(t, ({ method }) => {
      if (method === 'PATCH') patches++
      return patches === 0 || method === 'PATCH' ? json({ id: 'u1', email: 'old@example.com' }) : last
    })
    await assert.rejects(connect(url).vendor.writer.update('u1', ada), { name: 'RemoteError', effect: 'unknown' })
    assert.equal(patches, 1)
  }
})

test('two roles, or none where there was one, are refused before anything is sent', async (t) => {
  const { url, seen } = await scripted(t, () => json({ id: 'u1', email: 'ada@example.com', role: 'member' }))
  const { writer } = connect(url).vendor
  await assert.rejects(writer.update('u1', { ...ada, roleIds: ['admin', 'member'] }), { effect: 'none', message: /one role/ })
  await assert.rejects(writer.update('u1', ada), { effect: 'none', message: /takes no role away/ })
  assert.ok(seen.every((one) => one.method === 'GET'))
})

test('MBRD-Q07 a suspension is a PATCH of status, is read back, and can be taken back', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const id = await provision(face, 'ada@example.com')
  assert.ok(vendor.capabilities.suspend)
  assert.equal((await vendor.writer.suspend?.(id))?.status, 'suspended')
  assert.deepEqual(
    exchanges.map(({ operation, sent }) => [operation, sent]),
    [
      ['updateUser', '{"status":"suspended"}'],
      ['getUser', undefined],
    ],
  )
  assert.equal((await vendor.writer.suspend?.(id))?.status, 'suspended')
  assert.equal((await vendor.writer.resume?.(id))?.status, 'active')
})

test('MBRD-51 who never accepted is invited again when a suspension ends', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await invite(face, 'ada@example.com')
  assert.equal((await vendor.writer.suspend?.(id))?.status, 'suspended')
  assert.equal((await vendor.writer.resume?.(id))?.status, 'invited')
})

test('a suspension that is accepted and not kept is an error', async (t) => {
  const { url } = await scripted(t, () => json({ id: 'u1', email: 'ada@example.com', status: 'active' }))
  await assert.rejects(async () => connect(url).vendor.writer.suspend?.('u1'), { name: 'RemoteError', effect: 'unknown' })
})

test('MBRD-26 a removal is the DELETE, and whoever is gone already is removed', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const id = await invite(face, 'ada@example.com')
  await vendor.writer.remove(id)
  assert.deepEqual(
    exchanges.map(({ method, status }) => [method, status]),
    [['DELETE', 204]],
  )
  assert.equal(await vendor.reader.read(id), undefined)
  await vendor.writer.remove(id)
})

test('MBRD-27 the notes and the check say that a removal is final and belongs behind an approval', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.ok(vendor.capabilities.notes.some((note) => /Removal is final/.test(note)))
  assert.ok(
    (await vendor.reader.check()).findings.some(({ message }) => /final, and there is no recovery.*approval/.test(message)),
  )
})

test('MBRD-48 on any plan a leaver is deleted by REST, and neither list shows them', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await provision(face, 'ada@example.com')
  await vendor.writer.remove(id)
  assert.equal(await vendor.reader.read(id), undefined)
  assert.deepEqual(await listAll(vendor), [])
  assert.equal((await face.send('GET', '/scim/v2/Users')).json['totalResults'], 0)
})

test('whole exchanges can be logged, without the access key', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await vendor.writer.create(ada)
  const text = JSON.stringify(exchanges)
  assert.match(text, /ada@example\.com/)
  for (const secret of [face.accessKey, face.scimToken]) assert.ok(!text.includes(secret))
})
