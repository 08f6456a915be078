import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, john } from '../../../tests/bandwidth.ts'
import { scripted, vendorError, json, connect, connectToFace, ada, listAll, make } from '../../../tests/bandwidth-vendor.ts'
import { readInMemory } from '../../../tests/memory-sink.ts'

test('BAND-01 every request carries Basic credentials and the accountId of the connection', async (t) => {
  const { url, seen } = await scripted(t, () => json({ Users: [] }))
  await listAll(connect(url, { accountId: '12345', username: 'user', password: 'pass:word' }).vendor)
  assert.equal(seen[0]?.url, '/api/accounts/12345/users')
  assert.equal(seen[0]?.headers.authorization, basic('user', 'pass:word'))
})

test('BAND-06 the answer is read by its Content-Type: XML is understood when it comes', async (t) => {
  const user =
    '<User><UserId>u1</UserId><Username>ada</Username><EmailAddress>ada@example.com</EmailAddress><Enabled>false</Enabled><Roles><Role><RoleId>r1</RoleId></Role></Roles></User>'
  const { url } = await scripted(t, ({ url: path }) => ({
    status: 200,
    type: 'application/xml; charset=utf-8',
    body: path.endsWith('/users')
      ? `<UsersResponse><Users>${user}</Users></UsersResponse>`
      : `<UserResponse>${user}</UserResponse>`,
  }))
  const { vendor } = connect(url)
  const [listed] = await listAll(vendor)
  const { raw: _, ...account } = listed!
  assert.deepEqual(account, {
    id: 'u1',
    userName: 'ada',
    email: 'ada@example.com',
    givenName: undefined,
    familyName: undefined,
    status: 'suspended',
    roles: [{ id: 'r1', name: 'r1' }],
  })
  assert.deepEqual(await vendor.reader.read('u1'), listed)
})

test('BAND-06 an HTML page is never read as an answer, whatever its status', async (t) => {
  for (const status of [200, 404]) {
    const { url } = await scripted(t, () => ({ status, type: 'text/html', body: '<html><body>Proxy</body></html>' }))
    const { vendor } = connect(url)
    await assert.rejects(listAll(vendor), { name: 'RemoteError', status })
    await assert.rejects(vendor.reader.read('u1'), { name: 'RemoteError', status })
    await assert.rejects(vendor.writer.remove('u1'), { name: 'RemoteError', status })
    await assert.rejects(vendor.writer.create(ada), { name: 'RemoteError', status })
  }
})

test('BAND-10 a long list is one page, however many parts it is taken apart into', async (t) => {
  const Users = Array.from({ length: 1_050 }, (_, index) => ({ UserId: `u${index}`, Username: `p${index}`, Kept: index }))
  const { url, seen } = await scripted(t, () => json({ Users }))
  const { certificate, accounts } = await readInMemory(connect(url).vendor.reader, [])
  assert.deepEqual([certificate.complete, certificate.pages, certificate.accounts], [true, 1, 1_050])
  assert.deepEqual(
    accounts.map(({ raw }) => raw),
    Users,
  )
  assert.equal(seen.length, 1)
})

test('BAND-10 the list is one request without a query', async (t) => {
  const { url, seen } = await scripted(t, () =>
    json({
      Users: [
        { UserId: 'u1', Username: 'a' },
        { UserId: 'u2', Username: 'b' },
      ],
    }),
  )
  assert.deepEqual(
    (await listAll(connect(url).vendor)).map((account) => account.id),
    ['u1', 'u2'],
  )
  assert.deepEqual(
    seen.map((one) => one.url),
    ['/api/accounts/12345/users'],
  )
})

test('a list with one record that has no UserId is no list', async (t) => {
  const { url } = await scripted(t, () => json({ Users: [{ UserId: 'u1', Username: 'a' }, { Username: 'b' }] }))
  await assert.rejects(listAll(connect(url).vendor), { name: 'RemoteError' })
})

test('BAND-28 after a removal the read by UserId says that there is nobody', async (t) => {
  const { vendor } = await connectToFace(t)
  const account = await make(vendor)
  assert.ok(await vendor.reader.read(account.id))
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
  await vendor.writer.remove(account.id)
})

test('BAND-28 a 404 that does not come from the vendor proves nothing', async (t) => {
  for (const answer of [
    { status: 404, type: 'text/html', body: '<h1>Not found</h1>' },
    { status: 404, body: '' },
    { status: 404, body: '{"broken' },
  ]) {
    const { url } = await scripted(t, () => answer)
    await assert.rejects(connect(url).vendor.reader.read('u1'), { name: 'RemoteError', status: 404 })
    await assert.rejects(connect(url).vendor.writer.remove('u1'), { name: 'RemoteError', status: 404 })
  }
  const { url } = await scripted(t, () => vendorError(404))
  assert.equal(await connect(url).vendor.reader.read('u1'), undefined)
})

test('BAND-32 roles are read from the account at run time', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await face.world.home.directory.createRole(face.world.call(), { name: 'Night shift' })
  assert.deepEqual(
    (await vendor.reader.roles()).map((role) => role.name),
    ['Owner', 'Admin', 'Member', 'ReadOnly', 'Night shift'],
  )
})

test('BAND-41 what was changed at the vendor shows in the next list', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const { id } = await make(vendor)
  const before = await listAll(vendor)
  await face.send('POST', `${face.account}/users`, { body: john })
  await face.send('PUT', `${face.account}/users/${id}`, { body: { FirstName: 'Changed' } })
  const after = await listAll(vendor)
  assert.deepEqual(
    [before, after].map((accounts) => accounts.map((account) => [account.userName, account.givenName])),
    [
      [['ada', 'Ada']],
      [
        ['ada', 'Changed'],
        ['jdoe', 'John'],
      ],
    ],
  )
})

test('BAND-42 there is no search: who is looked for by address is found in the list', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await face.send('POST', `${face.account}/users`, { body: john })
  await make(vendor)
  exchanges.length = 0
  const found = (await listAll(vendor)).filter((account) => account.email === john.Email)
  assert.deepEqual(
    found.map((account) => account.userName),
    ['jdoe'],
  )
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['listUsers'],
  )
})
