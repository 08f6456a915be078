import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic } from '../../../tests/bandwidth.ts'
import { scripted, vendorError, json, connect, connectToFace, ada, listAll, make } from '../../../tests/bandwidth-vendor.ts'

test('BAND-05 every request asks for JSON and says that it is JSON, reads and deletions included', async (t) => {
  const user = { UserId: 'u1', Username: 'ada', FirstName: 'Ada', LastName: 'King', Email: 'ada@example.com' }
  const { url, seen } = await scripted(t, ({ method, url: path }) => {
    if (method === 'DELETE') return json({})
    if (path.endsWith('/roles')) return json({ Roles: [] })
    return path.endsWith('/users') && method === 'GET' ? json({ Users: [user] }) : json(user, method === 'POST' ? 201 : 200)
  })
  const { vendor } = connect(url)
  await listAll(vendor)
  await vendor.reader.read('u1')
  await vendor.reader.roles()
  await vendor.reader.check()
  await vendor.writer.create(ada)
  await vendor.writer.update('u1', ada)
  await vendor.writer.remove('u1')
  assert.deepEqual([...new Set(seen.map((one) => one.method))].toSorted(), ['DELETE', 'GET', 'POST', 'PUT'])
  for (const one of seen) {
    assert.equal(one.headers.accept, 'application/json')
    assert.equal(one.headers['content-type'], 'application/json')
  }
})

test('BAND-15 a created user gets a password of four classes that nothing keeps', async (t) => {
  const { url, seen } = await scripted(t, ({ method }) => json({ UserId: 'u1', Username: 'ada' }, method === 'POST' ? 201 : 200))
  const { vendor, exchanges } = connect(url)
  const made = await vendor.writer.create(ada)
  const { Password } = JSON.parse(seen[0]?.body ?? '{}') as { Password: string }
  assert.ok(Password.length >= 12)
  for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) assert.match(Password, kind)
  assert.ok(!JSON.stringify([made, exchanges]).includes(Password))
})

test('BAND-18 a creation answers the UserId, and the read that follows asks for it', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  assert.match(account.id, /^u[0-9a-f]{32}$/)
  assert.equal(account.email, 'ada@example.com')
  assert.ok(exchanges.at(-1)?.url.endsWith(`/accounts/${face.accountId}/users/${account.id}`))
})

test('BAND-18 the UserId is not lost when the user cannot be read back', async (t) => {
  for (const second of [vendorError(403), vendorError(404), { status: 502, type: 'text/html', body: '' }, undefined]) {
    const { url } = await scripted(t, ({ method }) => (method === 'POST' ? json({ UserId: 'u9', Username: 'ada' }, 201) : second))
    assert.equal((await make(connect(url).vendor)).id, 'u9')
  }
})

test('a creation that is answered with 200 counts too', async (t) => {
  const { url } = await scripted(t, () => json({ UserId: 'u9', Username: 'ada' }))
  assert.equal((await make(connect(url).vendor)).id, 'u9')
})

test('a creation whose answer is lost may have happened, and is not sent again', async (t) => {
  const { url, seen } = await scripted(t, () => undefined)
  await assert.rejects(connect(url).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.length, 1)
})

test('a creation that meets the name already in use says so', async (t) => {
  const { vendor } = await connectToFace(t)
  await make(vendor)
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  assert.equal((await listAll(vendor)).length, 1)
})

test('what Bandwidth requires and the directory lacks is a task for a person, and nothing is sent', async (t) => {
  const { url, seen } = await scripted(t, () => json({}))
  const made = await connect(url).vendor.writer.create({ ...ada, familyName: undefined, email: '' })
  assert.ok(made.outcome === 'needsPerson')
  assert.match(made.task, /a last name and an e-mail address/)
  assert.equal(seen.length, 0)
})

test('BAND-20 roles are set on creation and later', async (t) => {
  const { vendor } = await connectToFace(t)
  const [, admin, member] = await vendor.reader.roles()
  const account = await make(vendor, { ...ada, roleIds: [admin!.id] })
  assert.deepEqual(account.roles, [admin])
  assert.deepEqual((await vendor.writer.update(account.id, { ...ada, roleIds: [member!.id] })).roles, [member])
  assert.deepEqual((await vendor.writer.update(account.id, ada)).roles, [])
})

test('BAND-22 an update reads, merges, puts the whole record, and reads again', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  exchanges.length = 0
  const after = await vendor.writer.update(account.id, { ...ada, givenName: 'Augusta', familyName: undefined })
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser', 'updateUser', 'getUser'],
  )
  assert.deepEqual([after.givenName, after.familyName, after.email], ['Augusta', 'King', 'ada@example.com'])
  await vendor.writer.update(account.id, {
    userName: 'ada',
    email: undefined,
    givenName: undefined,
    familyName: undefined,
    roleIds: [],
  })
  const { json: stored } = await face.send('GET', `${face.account}/users/${account.id}`)
  assert.deepEqual(stored, {
    UserId: account.id,
    Username: 'ada',
    FirstName: 'Augusta',
    LastName: 'King',
    Email: 'ada@example.com',
  })
})

test('BAND-22 whatever else the vendor keeps in the record is put back, and a suspension is not undone', async (t) => {
  const stored = {
    UserId: 'u1',
    Username: 'ada',
    FirstName: 'A',
    LastName: 'King',
    EmailAddress: 'ada@example.com',
    Enabled: false,
    Brand: { New: [1] },
    TelephoneNumber: '1',
    Nothing: null,
  }
  const { url, seen } = await scripted(t, ({ method }) =>
    method === 'PUT' ? json(stored) : json({ ...stored, FirstName: seenPut() ? 'Ada' : 'A' }),
  )
  const seenPut = () => seen.some((one) => one.method === 'PUT')
  await connect(url).vendor.writer.update('u1', ada)
  const put = seen.find((one) => one.method === 'PUT')
  assert.deepEqual(JSON.parse(put?.body ?? ''), {
    Username: 'ada',
    FirstName: 'Ada',
    LastName: 'King',
    EmailAddress: 'ada@example.com',
    Enabled: false,
    Brand: { New: [1] },
    TelephoneNumber: '1',
    Nothing: null,
    Roles: [],
  })
})

test('BAND-22 an update that the vendor accepts and does not keep is an error that names what differs', async (t) => {
  const stored = { UserId: 'u1', Username: 'ada', FirstName: 'Other', LastName: 'King', Email: 'old@example.com' }
  const { url } = await scripted(t, () => json(stored))
  await assert.rejects(connect(url).vendor.writer.update('u1', { ...ada, roleIds: ['r1'] }), (error: Error) => {
    assert.equal(error.name, 'RemoteError')
    assert.match(error.message, /FirstName, Email, Roles/)
    assert.doesNotMatch(error.message, /Ada|example\.com/)
    return true
  })
})

test('BAND-22 when the update was sent and cannot be read back, its effect is unknown', async (t) => {
  for (const last of [vendorError(403), vendorError(404), undefined]) {
    const stored = { UserId: 'u1', Username: 'ada' }
    let puts = 0
    const { url } = await scripted(t, ({ method }) => {
      if (method === 'PUT') puts++
      return puts === 0 || method === 'PUT' ? json(stored) : last
    })
    await assert.rejects(connect(url).vendor.writer.update('u1', ada), { name: 'RemoteError', effect: 'unknown' })
    assert.equal(puts, 1)
  }
})

test('an update of a user who is gone changes nothing and says so', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  await assert.rejects(vendor.writer.update(`u${'0'.repeat(32)}`, ada), { name: 'RemoteError', status: 404, effect: 'none' })
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser'],
  )
})

test('BAND-P04 an error that comes with status 200 is an error', async (t) => {
  const status = { ErrorCode: '1', Description: 'No.' }
  for (const body of [
    { ResponseStatus: status },
    status,
    { Errors: [status] },
    { Error: { Code: '1', Description: 'No.' } },
    { ResultCode: '1', ResultMessage: 'No.' },
  ]) {
    const { url } = await scripted(t, () => json(body))
    const { vendor } = connect(url)
    await assert.rejects(listAll(vendor), { name: 'RemoteError' })
    await assert.rejects(vendor.reader.read('u1'), { name: 'RemoteError' })
    await assert.rejects(vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
    await assert.rejects(vendor.writer.remove('u1'), { name: 'RemoteError', effect: 'unknown' })
  }
})

test('BAND-35 a 429 is tried again with growing waits, for writes as well', async (t) => {
  const { url, seen } = await scripted(t, ({ method }, index) =>
    index < 3 ? vendorError(429) : json({ UserId: 'u1', Username: 'ada' }, method === 'POST' ? 201 : 200),
  )
  const { vendor, waits } = connect(url)
  await make(vendor)
  assert.deepEqual(
    seen.map((one) => one.method),
    ['POST', 'POST', 'POST', 'POST', 'GET'],
  )
  assert.equal(waits.length, 3)
  assert.ok(
    waits.every((wait, index) => wait > 0 && (index === 0 || wait > waits[index - 1]!)),
    String(waits),
  )
})

test('BAND-40 taking somebody away is the DELETE, and the capabilities say that it is final', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const { id } = await make(vendor)
  exchanges.length = 0
  await vendor.writer.remove(id)
  assert.deepEqual(
    exchanges.map(({ method, url, status }) => [method, new URL(url).pathname, status]),
    [['DELETE', `${face.account}/users/${id}`, 200]],
  )
  assert.ok(vendor.capabilities.remove && vendor.capabilities.notes.some((note) => /Removal is final/.test(note)))
})

test('BAND-39 e-mail address, given and family name become Email, FirstName and LastName', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const { id } = await make(vendor)
  const { json: stored } = await face.send('GET', `${face.account}/users/${id}`)
  assert.deepEqual(stored, { UserId: id, Username: 'ada', FirstName: 'Ada', LastName: 'King', Email: 'ada@example.com' })
})

test('BAND-43 whole exchanges can be logged, without password and authorization', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  await vendor.writer.update(account.id, { ...ada, givenName: 'Augusta' })
  const text = JSON.stringify(exchanges)
  const creation = exchanges.find((exchange) => exchange.operation === 'createUser')
  assert.match(creation?.sent ?? '', /"Username":"ada"/)
  assert.match(creation?.answered ?? '', new RegExp(account.id))
  assert.match(creation?.sent ?? '', /"Password"/)
  assert.doesNotMatch(creation?.sent ?? '', /"Password":"[A-Za-z0-9!#$%+=?@_~-]{20,}"/)
  for (const secret of [face.password, basic(face.username, face.password).slice(6)]) assert.ok(!text.includes(secret))
})
