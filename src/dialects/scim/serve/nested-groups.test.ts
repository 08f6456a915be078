import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base, created, isError, openScim, patchOp, person, query, type Scim } from '../../../../tests/scim.ts'

/** A group that holds Ada, in a group that holds Bob, in a group that holds nobody else. */
async function openNest(t: Parameters<typeof openScim>[0]) {
  const scim = await openScim(t)
  const [ada, bob] = [await created(scim, '/Users', person('ada')), await created(scim, '/Users', person('bob'))]
  const compilers = await created(scim, '/Groups', { displayName: 'Compilers', members: [{ value: ada }] })
  const engineering = await created(scim, '/Groups', {
    displayName: 'Engineering',
    members: [{ value: bob, type: 'User' }, { value: compilers }],
  })
  const company = await created(scim, '/Groups', { displayName: 'Company', members: [{ value: engineering, type: 'Group' }] })
  return { scim, ada, bob, compilers, engineering, company }
}

const read = async (scim: Scim, path: string) => (await scim.send('GET', path)).json
const groupsOf = async (scim: Scim, id: string) => (await read(scim, `/Users/${id}`))['groups']
const membersOf = async (scim: Scim, id: string) =>
  ((await read(scim, `/Groups/${id}`)).members ?? []).map(({ value }) => value).toSorted()

test('SCIM-051 SCIM-052 a group holds people and groups, told apart by their ids where the type is not sent', async (t) => {
  const { scim, bob, compilers, engineering } = await openNest(t)
  const group = await read(scim, `/Groups/${engineering}`)
  assert.deepEqual(group.members, [
    { value: bob, $ref: `${base}/Users/${bob}`, type: 'User' },
    { value: compilers, $ref: `${base}/Groups/${compilers}`, type: 'Group' },
  ])
  const named = await read(scim, `/Groups/${engineering}?attributes=members`)
  assert.deepEqual(
    named.members.map((member) => ({ ...member })),
    group.members.map((member, index) => ({ ...member, display: ['Ada Lovelace', 'Compilers'][index] })),
  )
  const typesAlone = await read(scim, `/Groups/${engineering}?attributes=members.type`)
  assert.deepEqual(typesAlone.members, [{ type: 'User' }, { type: 'Group' }])
  const { attributes } = await read(scim, '/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group')
  const members = (attributes as { name: string; subAttributes: Record<string, unknown>[] }[]).find(
    ({ name }) => name === 'members',
  )
  const sub = (name: string) => members?.subAttributes.find((each) => each['name'] === name)
  assert.deepEqual(sub('type')?.['canonicalValues'], ['User', 'Group'])
  assert.deepEqual(sub('$ref')?.['referenceTypes'], ['User', 'Group'])
})

test('SCIM-049 a person shows the groups that they are in, and through them, and which is which', async (t) => {
  const { scim, ada, bob, compilers, engineering, company } = await openNest(t)
  const shown = (id: string, display: string, type: string) => ({ value: id, $ref: `${base}/Groups/${id}`, display, type })
  const hers = [
    shown(compilers, 'Compilers', 'direct'),
    shown(engineering, 'Engineering', 'indirect'),
    shown(company, 'Company', 'indirect'),
  ]
  assert.deepEqual(await groupsOf(scim, ada), hers)
  const listed = (await read(scim, `/Users${query({ filter: `userName eq "${person('ada').userName}"` })}`)).Resources[0]
  assert.deepEqual(listed?.['groups'], hers)
  assert.deepEqual((await read(scim, '/Users')).Resources.find(({ id }) => id === ada)?.['groups'], hers)
  assert.deepEqual((await read(scim, `/Users/${bob}?attributes=groups.type`))['groups'], [
    { type: 'direct' },
    { type: 'indirect' },
  ])
  await scim.send('PATCH', `/Groups/${company}`, { body: patchOp({ op: 'add', path: 'members', value: [{ value: ada }] }) })
  assert.deepEqual(await groupsOf(scim, ada), [hers[0], hers[1], shown(company, 'Company', 'direct')])
  isError(await scim.send('PATCH', `/Users/${ada}`, { body: patchOp({ op: 'remove', path: 'groups' }) }), 400, 'mutability')
})

test('SCIM-116 SCIM-124 groups in a group are added and removed in every form, beside its people', async (t) => {
  const { scim, bob, compilers, engineering } = await openNest(t)
  const both = [bob, compilers].toSorted()
  const path = `/Groups/${engineering}`
  for (const [operation, left] of [
    [{ op: 'remove', path: `members[value eq "${compilers}"]` }, [bob]],
    [{ op: 'remove', path: 'members[type eq "Group"]' }, [bob]],
    [{ op: 'remove', path: 'members[type eq "User"]' }, [compilers]],
    [{ op: 'remove', path: 'members[display eq "compilers"]' }, [bob]],
    [{ op: 'remove', path: 'members[$ref co "/Groups/"]' }, [bob]],
    [{ op: 'Remove', path: 'members', value: [{ value: compilers }] }, [bob]],
    [{ op: 'remove', path: 'members' }, []],
    [{ op: 'replace', path: 'members', value: [{ value: compilers, type: 'Group' }] }, [compilers]],
    [{ op: 'replace', path: 'members', value: [{ value: compilers, $ref: `../Groups/${compilers}` }] }, [compilers]],
    [{ op: 'replace', value: { members: [{ value: bob }] } }, [bob]],
  ] as const) {
    await scim.send('PUT', path, { body: { displayName: 'Engineering', members: both.map((value) => ({ value })) } })
    assert.deepEqual(await membersOf(scim, engineering), both)
    const reply = await scim.send('PATCH', path, { body: patchOp(operation) })
    assert.equal(reply.status, 204, reply.text)
    assert.deepEqual(await membersOf(scim, engineering), [...left].toSorted(), JSON.stringify(operation))
  }
  const added = await scim.send('PATCH', path, {
    body: patchOp({ op: 'add', path: `members[value eq "${compilers}"]`, value: null }),
  })
  const again = await scim.send('PATCH', path, { body: patchOp({ op: 'add', path: 'members', value: { value: compilers } }) })
  assert.equal(again.headers['etag'], added.headers['etag'])
})

test('SCIM-132 what is named as a group must be one, and a person a person', async (t) => {
  const { scim, ada, compilers, company } = await openNest(t)
  const foreign = await created(await scim.another(), '/Groups', { displayName: 'Elsewhere' })
  for (const member of [
    { value: ada, type: 'Group' },
    { value: compilers, type: 'User' },
    { value: foreign },
    { value: foreign, type: 'Group' },
    { value: 'nobody', type: 'Group' },
    { value: ada, $ref: `${base}/Groups/${ada}` },
  ]) {
    isError(
      await scim.send('PATCH', `/Groups/${company}`, { body: patchOp({ op: 'add', path: 'members', value: [member] }) }),
      400,
      'invalidValue',
    )
    isError(await scim.send('POST', '/Groups', { body: { displayName: 'New', members: [member] } }), 400, 'invalidValue')
  }
})

test('SCIM-052 a group that would be in itself is refused with what to do, and nothing of the request is done', async (t) => {
  const { scim, bob, compilers, company } = await openNest(t)
  const before = await read(scim, `/Groups/${compilers}`)
  const body = patchOp(
    { op: 'replace', path: 'displayName', value: 'Kernels' },
    { op: 'add', path: 'members', value: [{ value: bob }, { value: company }] },
  )
  const refused = await scim.send('PATCH', `/Groups/${compilers}`, { body })
  isError(refused, 409)
  assert.match(String(refused.json['detail']), /would be in itself.*Take it out/)
  isError(
    await scim.send('PUT', `/Groups/${compilers}`, { body: { displayName: 'Compilers', members: [{ value: compilers }] } }),
    409,
  )
  assert.deepEqual(await read(scim, `/Groups/${compilers}`), before)
})

test('SCIM-133 SCIM-135 a removed group is gone from the groups that held it, whose version is another one, and from its people', async (t) => {
  const { scim, ada, compilers, engineering, company } = await openNest(t)
  const { etag } = (await scim.send('GET', `/Groups/${company}`)).headers
  assert.equal((await scim.send('DELETE', `/Groups/${engineering}`)).status, 204)
  const left = await scim.send('GET', `/Groups/${company}`, { headers: { 'if-none-match': String(etag) } })
  assert.deepEqual([left.status, left.json.members], [200, undefined])
  assert.deepEqual(await membersOf(scim, compilers), [ada])
  assert.deepEqual(await groupsOf(scim, ada), [
    { value: compilers, $ref: `${base}/Groups/${compilers}`, display: 'Compilers', type: 'direct' },
  ])
})

test('people and groups are found by the groups that hold them, however deep, and by what a group holds', async (t) => {
  const { scim, ada, bob, compilers, engineering, company } = await openNest(t)
  const find = async (path: string, filter: string) =>
    (await read(scim, `${path}${query({ filter })}`)).Resources.map(({ id }) => id).toSorted()
  assert.deepEqual(await find('/Users', `groups.value eq "${company}"`), [ada, bob].toSorted())
  assert.deepEqual(await find('/Users', `groups[value eq "${compilers}"]`), [ada])
  assert.deepEqual(await find('/Users', 'groups.display eq "engineering" and not (groups.display eq "compilers")'), [bob])
  assert.deepEqual(await find('/Groups', `members.value eq "${compilers}"`), [engineering])
  assert.deepEqual(await find('/Groups', `members[type eq "Group" and value eq "${engineering}"]`), [company])
  assert.deepEqual(await find('/Groups', 'members.type eq "group"'), [engineering, company].toSorted())
  isError(await scim.send('GET', `/Users${query({ filter: 'groups.type eq "direct"' })}`), 400, 'invalidFilter')
})

test('SCIM-140 groups of one bulk that hold each other in a circle are a conflict, one inside the other is not', async (t) => {
  const scim = await openScim(t)
  const group = (bulkId: string, ...inside: readonly string[]) => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: { displayName: bulkId, members: inside.map((each) => ({ type: 'Group', value: `bulkId:${each}` })) },
  })
  const bulk = async (...Operations: readonly object[]) => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
    const reply = await scim.send('POST', '/Bulk', { body: { schemas, Operations } })
    return (reply.json['Operations'] as readonly { readonly status: string; readonly bulkId: string }[]).map(
      ({ bulkId, status }) => `${bulkId} ${status}`,
    )
  }
  assert.deepEqual((await bulk(group('outer', 'inner'), group('inner'))).toSorted(), ['inner 201', 'outer 201'])
  assert.deepEqual((await bulk(group('a', 'b'), group('b', 'a'))).toSorted(), ['a 409', 'b 201'])
  const left = (await read(scim, '/Groups')).Resources.map(({ displayName }) => displayName)
  assert.deepEqual(left, ['inner', 'outer', 'b'])
})
