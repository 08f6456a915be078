import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scripted } from '../../../tests/bandwidth-vendor.ts'
import { connect, connectToFace, invite, listAll, provision } from '../../../tests/messagebird.ts'
import { readInMemory } from '../../../tests/memory-sink.ts'

const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) })
const error = (status: number, code = 2) => json({ errors: [{ code, description: 'No.', parameter: null }] }, status)
const user = (index: number) => ({ id: `u${index}`, email: `p${index}@example.com`, status: 'active' })
const users = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, index) => user(from + index))
const offsetOf = (url: string) => Number(new URL(url, 'http://x').searchParams.get('offset'))

/** A vendor with so many users, which answers a page at a time. */
const paged =
  (count: number) =>
  ({ url }: { readonly url: string }) => {
    const offset = offsetOf(url)
    return json({ offset, limit: 100, count, items: users(offset, Math.min(count, offset + 100)) })
  }

test('MBRD-01 every request carries the access key, in the scheme AccessKey', async (t) => {
  const { url, seen } = await scripted(t, paged(1))
  await listAll(connect(url, { accessKey: 'live_abc' }).vendor)
  assert.deepEqual([seen[0]?.url, seen[0]?.headers.authorization], ['/api/users?limit=100&offset=0', 'AccessKey live_abc'])
})

test('MBRD-11 a full scan steps by 100 until the offset reaches the total', async (t) => {
  for (const [count, offsets] of [
    [0, [0]],
    [5, [0]],
    [101, [0, 100]],
    [200, [0, 100]],
    [250, [0, 100, 200]],
  ] as const) {
    const { url, seen } = await scripted(t, paged(count))
    assert.equal((await listAll(connect(url).vendor)).length, count)
    assert.deepEqual(
      seen.map((one) => offsetOf(one.url)),
      offsets,
    )
  }
})

test('MBRD-11 a scan of the served API brings everybody once', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const ids = []
  for (let index = 0; index < 101; index++) ids.push(await provision(face, `p${index}@example.com`))
  assert.deepEqual(
    (await listAll(vendor)).map((account) => account.id),
    ids,
  )
})

test('MBRD-10 count is taken as the total, not as the length of the page', async (t) => {
  const { url } = await scripted(t, () => json({ offset: 0, limit: 100, count: 2, items: [user(0)] }))
  const totals = []
  for await (const page of connect(url).vendor.reader.list()) totals.push(page.declaredTotal)
  assert.deepEqual(totals, [2])
})

test('MBRD-P02 where totalCount stands beside it, count is the page’s own length', async (t) => {
  const { url, seen } = await scripted(t, ({ url: path }) => {
    const offset = offsetOf(path)
    const items = users(offset, Math.min(150, offset + 100))
    return json({ offset, limit: 100, count: items.length, totalCount: 150, items })
  })
  const { vendor } = connect(url)
  const reading = await readInMemory(vendor.reader, [])
  assert.deepEqual([reading.certificate.complete, reading.certificate.declaredTotal, reading.accounts.length], [true, 150, 150])
  assert.ok(seen.every((one) => offsetOf(one.url) < 150))
})

test('MBRD-P02 a count that is only the length of a full page does not end the scan', async (t) => {
  const { url } = await scripted(t, ({ url: path }) => {
    const offset = offsetOf(path)
    const items = users(offset, Math.min(250, offset + 100))
    return json({ offset, limit: 100, count: items.length, items })
  })
  const accounts = await listAll(connect(url).vendor)
  assert.equal(accounts.length, 250)
})

test('MBRD-11 a vendor whose pages are smaller than asked for is read by its own step', async (t) => {
  const { url, seen } = await scripted(t, ({ url: path }) => {
    const offset = offsetOf(path)
    return json({ offset, limit: 50, count: 120, items: users(offset, Math.min(120, offset + 50)) })
  })
  assert.equal((await listAll(connect(url).vendor)).length, 120)
  assert.deepEqual(
    seen.map((one) => offsetOf(one.url)),
    [0, 50, 100],
  )
})

test('a vendor that answers the same page whatever the offset is cannot be read, and is not asked for ever', async (t) => {
  for (const count of [100, 1000]) {
    const { url, seen } = await scripted(t, () => json({ offset: 0, limit: 100, count, items: users(0, 100) }))
    await assert.rejects(listAll(connect(url).vendor), { name: 'RemoteError', message: /same page/ })
    assert.equal(seen.length, 2)
  }
})

test('MBRD-12 the reader says that its pages are cut by position', async (t) => {
  const { url } = await scripted(t, paged(0))
  const { vendor } = connect(url)
  assert.equal(vendor.reader.paging, 'offset')
  assert.ok(vendor.capabilities.notes.some((note) => /missing or appear twice/.test(note)))
})

test('MBRD-13 a user who appears twice is one account, and the read is not clean', async (t) => {
  const { url } = await scripted(t, ({ url: path }) => {
    const offset = offsetOf(path)
    return json({ offset, limit: 100, count: 150, items: offset === 0 ? users(0, 100) : [user(99), ...users(100, 149)] })
  })
  const { accounts, certificate } = await readInMemory(connect(url).vendor.reader, [])
  assert.equal(new Set(accounts.map(({ id }) => id)).size, accounts.length)
  assert.equal(certificate.complete, false)
  assert.match(certificate.reasons.join('; '), /repeats|declares/)
})

test('MBRD-13 a total that changes between pages is no clean read, and the list is read again', async (t) => {
  const { url, seen } = await scripted(t, ({ url: path }, index) => {
    const offset = offsetOf(path)
    const count = index < 1 ? 150 : 149
    return json({ offset, limit: 100, count, items: users(offset, Math.min(count, offset + 100)) })
  })
  const { accounts, certificate } = await readInMemory(connect(url).vendor.reader, [])
  assert.equal(accounts.length, 149)
  if (certificate.complete) assert.ok(seen.length > 2, 'read again')
  else assert.match(certificate.reasons.join('; '), /different totals/)
})

test('MBRD-14 a user of the vendor’s is read by id, and its 404 means that there is none', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await invite(face, 'jane@example.com', { firstName: 'Jane', lastName: 'Doe', role: 'admin' })
  const account = await vendor.reader.read(id)
  assert.deepEqual(
    { ...account, raw: undefined, changedAt: account?.changedAt instanceof Date },
    {
      id,
      userName: 'jane@example.com',
      email: 'jane@example.com',
      givenName: 'Jane',
      familyName: 'Doe',
      status: 'invited',
      roles: [{ id: 'admin', name: 'admin' }],
      changedAt: true,
      raw: undefined,
    },
  )
  assert.equal(await vendor.reader.read('abc-123'), undefined)
})

test('a 404 that does not come from the vendor proves nothing', async (t) => {
  for (const answer of [
    { status: 404, type: 'text/html', body: '<h1>Not found</h1>' },
    { status: 404, body: '' },
    { status: 404, body: '{"broken' },
  ]) {
    const { url } = await scripted(t, () => answer)
    const { reader, writer } = connect(url).vendor
    await assert.rejects(reader.read('u1'), { name: 'RemoteError', status: 404 })
    await assert.rejects(writer.remove('u1'), { name: 'RemoteError', status: 404 })
  }
})

test('MBRD-49 the record of an audit holds id, address, role and status, and the vendor’s own words', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await invite(face, 'jane@example.com', { role: 'admin' })
  const [account] = await listAll(vendor)
  assert.deepEqual(
    [account?.id, account?.email, account?.roles[0]?.name, account?.status],
    [id, 'jane@example.com', 'admin', 'invited'],
  )
  assert.deepEqual(account?.raw, (await face.send('GET', '/users')).json.items[0])
})

test('a status that nobody documented is unknown, and is neither active nor suspended', async (t) => {
  const { url } = await scripted(t, () =>
    json({
      offset: 0,
      limit: 100,
      count: 2,
      items: [
        { ...user(1), status: 'frozen' },
        { id: 'u2', email: 'b' },
      ],
    }),
  )
  assert.deepEqual(
    (await listAll(connect(url).vendor)).map((account) => account.status),
    ['unknown', 'unknown'],
  )
})

test('MBRD-42 MBRD-43 a 429 is tried again with growing waits that need no Retry-After, for writes as well', async (t) => {
  const { url, seen } = await scripted(t, (_seen, index) =>
    index < 3 ? error(429) : json({ id: 'u1', email: 'ada@example.com', status: 'invited' }, 200),
  )
  const { vendor, waits } = connect(url)
  await vendor.reader.read('u1')
  assert.deepEqual([seen.length, waits.length], [4, 3])
  assert.ok(
    waits.every((wait, index) => wait > 0 && (index === 0 || wait > waits[index - 1]!)),
    String(waits),
  )
  const writing = await scripted(t, ({ method }, index) =>
    index < 2 ? error(429) : json({ id: 'u1', email: 'ada@example.com', status: 'invited' }, method === 'POST' ? 201 : 200),
  )
  const made = await connect(writing.url).vendor.writer.create({
    userName: 'ada@example.com',
    email: undefined,
    givenName: undefined,
    familyName: undefined,
    roleIds: [],
  })
  assert.equal(made.outcome, 'invited')
  assert.deepEqual(
    writing.seen.map((one) => one.method),
    ['POST', 'POST', 'POST', 'GET'],
  )
})

test('MBRD-45 there are no user webhooks: the notes say so, and a change shows in the next list', async (t) => {
  const { face, vendor } = await connectToFace(t)
  assert.ok(vendor.capabilities.notes.some((note) => /no user webhooks/.test(note)))
  const before = await listAll(vendor)
  await invite(face, 'jane@example.com')
  assert.deepEqual([before.length, (await listAll(vendor)).length], [0, 1])
})

test('MBRD-46 MBRD-47 the notes say which providers and extensions are not confirmed', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.ok(vendor.capabilities.notes.some((note) => /Only Okta is documented.*not confirmed/.test(note)))
})

test('MBRD-50 MessageBird and Bird are one company and two APIs: this connects the older, and names the other', async (t) => {
  const { url, seen } = await scripted(t, paged(1))
  const { vendor } = connect(url)
  await listAll(vendor)
  assert.equal(vendor.name, 'messagebird')
  assert.ok(seen.every((one) => !one.url.includes('/organizations/')))
  assert.ok(vendor.capabilities.notes.some((note) => /older MessageBird API.*connect that as "bird"/.test(note)))
})

test('roles are those that were named in the credentials, else the two that are documented', async (t) => {
  const { url, seen } = await scripted(t, paged(0))
  const named = async (roles?: readonly string[]) =>
    (await connect(url, { accessKey: 'k', ...(roles && { roles }) }).vendor.reader.roles()).map((role) => role.name)
  assert.deepEqual(
    [await named(), await named(['owner', 'billing'])],
    [
      ['admin', 'member'],
      ['owner', 'billing'],
    ],
  )
  assert.equal(seen.length, 0)
})
