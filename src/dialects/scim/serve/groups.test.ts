import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ada, base, created, isError, openScim, patchOp, person, query, type Scim } from '../../../../tests/scim.ts'

const membersOf = async (scim: Scim, id: string) =>
  ((await scim.send('GET', `/Groups/${id}`)).json.members ?? []).map(({ value }) => value).toSorted()
const people = async (scim: Scim, names: readonly string[]) => {
  const ids: string[] = []
  for (const name of names) ids.push(await created(scim, '/Users', person(name)))
  return ids
}

test('SCIM-051 SCIM-052 a group has a displayName and members, shown with what they are', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const reply = await scim.send('POST', '/Groups', {
    body: { displayName: 'Engineers', externalId: 'g-1', members: [{ value: id, display: 'ignored' }] },
  })
  assert.equal(reply.status, 201, reply.text)
  assert.equal(reply.headers['location'], `${base}/Groups/${reply.json.id}`)
  assert.equal(reply.json['externalId'], 'g-1')
  assert.deepEqual(reply.json.members, [{ value: id, $ref: `${base}/Users/${id}`, type: 'User' }])
  const named = await scim.send('GET', `/Groups/${reply.json.id}?attributes=members.display`)
  assert.deepEqual(named.json.members, [{ display: 'Ada Lovelace' }])
  isError(await scim.send('POST', '/Groups', { body: { members: [] } }), 400, 'invalidValue')
  isError(await scim.send('POST', '/Groups', { body: { displayName: 'engineers' } }), 409, 'uniqueness')
})

test('SCIM-132 a member that does not exist is refused', async (t) => {
  const scim = await openScim(t)
  const foreign = await created(await scim.another(), '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers' })
  for (const value of [foreign, 'nobody'])
    isError(
      await scim.send('PATCH', `/Groups/${group}`, { body: patchOp({ op: 'add', path: 'members', value: [{ value }] }) }),
      400,
      'invalidValue',
    )
})

test('SCIM-116 SCIM-123 SCIM-127 a group patch answers 204, and adding or removing in vain changes nothing', async (t) => {
  const scim = await openScim(t)
  const [a = '', b = ''] = await people(scim, ['a', 'b'])
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: [{ value: a }] })
  const path = `/Groups/${group}`
  const add = await scim.send('PATCH', path, { body: patchOp({ op: 'add', path: 'members', value: { value: b } }) })
  assert.deepEqual([add.status, add.text, add.headers['etag']], [204, '', 'W/"2"'])
  for (const operation of [
    { op: 'add', path: 'members', value: [{ value: b }] },
    { op: 'remove', path: 'members[value eq "00000000-0000-7000-8000-000000000000"]' },
    { op: 'replace', path: 'members', value: [{ value: b }, { value: a }] },
    { op: 'replace', value: { displayName: 'Engineers' } },
  ])
    assert.equal((await scim.send('PATCH', path, { body: patchOp(operation) })).headers['etag'], 'W/"2"')
  assert.deepEqual(await membersOf(scim, group), [a, b].toSorted())
  const shown = await scim.send('PATCH', `${path}?attributes=displayName`, {
    body: patchOp({ op: 'replace', path: 'displayName', value: 'Makers' }),
  })
  assert.equal(shown.status, 200)
  assert.deepEqual([shown.json['displayName'], shown.json.members], ['Makers', undefined])
})

test('SCIM-124 members are removed in every form that providers send', async (t) => {
  const scim = await openScim(t)
  const [a = '', b = '', c = ''] = await people(scim, ['a', 'b', 'c'])
  const all = [{ value: a }, { value: b }, { value: c }]
  const group = await created(scim, '/Groups', { displayName: 'Engineers' })
  for (const [operation, left] of [
    [{ op: 'remove', path: `members[value eq "${a}"]` }, [b, c]],
    [{ op: 'remove', path: `members[value eq "${a}" or value eq "${b}"]` }, [c]],
    [{ op: 'remove', path: `members[value ne "${a}"]` }, [a]],
    [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: a, display: 'x' }] }, [b, c]],
    [{ op: 'remove', path: 'members', value: null }, []],
    [{ op: 'remove', path: 'members' }, []],
    [{ op: 'replace', path: 'members', value: [] }, []],
    [{ op: 'replace', path: 'members', value: [{ value: c }] }, [c]],
    [{ op: 'replace', value: { members: [{ value: a }] } }, [a]],
  ] as const) {
    await scim.send('PUT', `/Groups/${group}`, { body: { displayName: 'Engineers', members: all } })
    const reply = await scim.send('PATCH', `/Groups/${group}`, { body: patchOp(operation) })
    assert.equal(reply.status, 204, reply.text)
    assert.deepEqual(await membersOf(scim, group), [...left].toSorted(), JSON.stringify(operation))
  }
  await scim.send('PATCH', `/Groups/${group}`, { body: patchOp({ op: 'add', path: `members[value eq "${b}"]`, value: null }) })
  assert.deepEqual(await membersOf(scim, group), [a, b].toSorted())
})

test('SCIM-115 a patch whose last operation fails leaves nothing behind', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers' })
  const before = (await scim.send('GET', `/Groups/${group}`)).text
  const body = patchOp(
    { op: 'replace', path: 'displayName', value: 'Makers' },
    { op: 'add', path: 'members', value: [{ value: id }] },
    { op: 'add', path: 'members', value: [{ value: '00000000-0000-7000-8000-000000000000' }] },
  )
  isError(await scim.send('PATCH', `/Groups/${group}`, { body }), 400, 'invalidValue')
  assert.equal((await scim.send('GET', `/Groups/${group}`)).text, before)
})

test('SCIM-118 SCIM-126 a member is never altered, and the name never removed', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: [{ value: id }] })
  for (const operation of [
    { op: 'replace', path: `members[value eq "${id}"].value`, value: 'x' },
    { op: 'replace', path: `members[value eq "${id}"].display`, value: 'x' },
    { op: 'remove', path: 'displayName' },
    { op: 'replace', path: 'id', value: 'x' },
  ])
    isError(await scim.send('PATCH', `/Groups/${group}`, { body: patchOp(operation) }), 400, 'mutability')
})

test('twenty members that are added at once are all kept', async (t) => {
  const scim = await openScim(t)
  const ids = await people(
    scim,
    Array.from({ length: 20 }, (_, index) => `p${index}`),
  )
  const group = await created(scim, '/Groups', { displayName: 'Engineers' })
  const replies = await Promise.all(
    ids.map((value) =>
      scim.send('PATCH', `/Groups/${group}`, { body: patchOp({ op: 'add', path: 'members', value: [{ value }] }) }),
    ),
  )
  assert.ok(replies.every(({ status }) => status === 204))
  assert.deepEqual(await membersOf(scim, group), ids.toSorted())
})

test('a replace that another one overtakes is made again on what stands then', async (t) => {
  const scim = await openScim(t)
  const ids = await people(scim, ['a', 'b', 'c', 'd'])
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: ids.map((value) => ({ value })) })
  const replies = await Promise.all(
    ids.map((value) => scim.send('PUT', `/Groups/${group}`, { body: { displayName: `Only ${value}`, members: [{ value }] } })),
  )
  assert.ok(
    replies.every(({ status }) => status === 200),
    JSON.stringify(replies),
  )
  const { members, ...last } = (await scim.send('GET', `/Groups/${group}`)).json
  assert.equal(last['displayName'], `Only ${members[0]?.value}`)
  assert.equal(members.length, 1)
})

test('groups are found by name whatever its case, by member, and without their members', async (t) => {
  const scim = await openScim(t)
  const [a = '', b = ''] = await people(scim, ['a', 'b'])
  const makers = await created(scim, '/Groups', { displayName: 'Makers', members: [{ value: a }] })
  await created(scim, '/Groups', { displayName: 'Sellers', members: [{ value: b }] })
  const find = async (filter: string, rest = {}) => (await scim.send('GET', `/Groups${query({ filter, ...rest })}`)).json
  const byName = await find('displayName eq "makers"', { excludedAttributes: 'members' })
  assert.deepEqual([byName.totalResults, byName.Resources[0]?.id, byName.Resources[0]?.members], [1, makers, undefined])
  for (const filter of [`members.value eq "${a}"`, `members[value eq "${a}"]`, `members eq "${a}" and displayName sw "M"`])
    assert.deepEqual(
      (await find(filter)).Resources.map(({ id }) => id),
      [makers],
      filter,
    )
  const ofGroup = await scim.send('GET', `/Users${query({ filter: `groups.value eq "${makers}"` })}`)
  assert.deepEqual(
    ofGroup.json.Resources.map(({ id }) => id),
    [a],
  )
  assert.equal((await find('displayName eq "nobody"')).totalResults, 0)
})

test('SCIM-133 a removed group is gone, and its people stay', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: [{ value: id }] })
  assert.equal((await scim.send('DELETE', `/Groups/${group}`)).status, 204)
  isError(await scim.send('GET', `/Groups/${group}`), 404)
  isError(await scim.send('DELETE', `/Groups/${group}`), 404)
  assert.equal((await scim.send('GET', `/Users/${id}`)).json['groups'], undefined)
})
