import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { base, created, isError, openScim, patchOp, person, query, type Scim } from '../../../../tests/scim.ts'
import type { AttributeInput } from '../../../directory/extension-attribute.ts'
import type { ExtensionInput } from '../../../directory/extension.ts'

const urn = 'urn:example:params:scim:schemas:extension:desk:2.0:User'

/** An attribute of each kind. */
const attributes: readonly AttributeInput[] = [
  { name: 'badge', uniqueness: 'server', caseExact: true },
  { name: 'team', canonicalValues: ['Voice'] },
  { name: 'floor', type: 'integer' },
  { name: 'since', type: 'dateTime' },
  { name: 'remote', type: 'boolean' },
  { name: 'locker', mutability: 'immutable' },
  { name: 'costs', type: 'decimal', mutability: 'readOnly' },
  { name: 'pin', mutability: 'writeOnly', returned: 'never' },
  { name: 'notes', returned: 'request' },
  { name: 'kind', returned: 'always' },
  { name: 'tags', multiValued: true },
  { name: 'room', type: 'complex', subAttributes: [{ name: 'value' }, { name: 'key', mutability: 'immutable' }] },
  {
    name: 'cars',
    type: 'complex',
    multiValued: true,
    subAttributes: [{ name: 'value', required: true }, { name: 'type' }, { name: 'primary', type: 'boolean' }],
  },
  // Names that mean something elsewhere.
  { name: 'active', type: 'boolean' },
  { name: 'schemas' },
]

const desk = (over: Partial<ExtensionInput> = {}): ExtensionInput => ({ urn, name: 'Desk', attributes, ...over })

async function openDesk(t: TestContext, input: ExtensionInput = desk()) {
  const scim = await openScim(t)
  const { id } = await scim.directory.addExtension(scim.call(), input)
  const change = (changed: ExtensionInput) => scim.directory.changeExtension(scim.call(), { id, input: changed })
  return { ...scim, extensionId: id, change }
}

const sitting = (name: string, held: object) => ({ ...person(name), [urn]: held })
const held = async (scim: Pick<Scim, 'send'>, id: string, parameters = ''): Promise<unknown> =>
  (await scim.send('GET', `/Users/${id}${parameters}`)).json[urn]
const found = async (scim: Pick<Scim, 'send'>, filter: string) => {
  const reply = await scim.send('GET', `/Users${query({ filter })}`)
  assert.equal(reply.status, 200, reply.text)
  return reply.json.Resources.map(({ userName }) => String(userName).split('@')[0])
}

test('SCIM-006 SCIM-002 what an organization defines is kept under its URN, named in schemas, in any spelling', async (t) => {
  const scim = await openDesk(t)
  const reply = await scim.send('POST', '/Users', {
    body: { ...person('ada'), [urn.toUpperCase()]: { BADGE: 'B1', floor: 3, remote: 'True', tags: 'one', unknown: 1 } },
  })
  assert.equal(reply.status, 201, reply.text)
  assert.deepEqual(reply.json[urn], { badge: 'B1', floor: 3, remote: true, tags: ['one'] })
  assert.deepEqual(reply.json.schemas, ['urn:ietf:params:scim:schemas:core:2.0:User', urn])
  assert.deepEqual((await scim.send('GET', `/Users/${reply.json.id}`)).json, reply.json)
  const replaced = await scim.send('PUT', `/Users/${reply.json.id}`, { body: person('ada') })
  assert.deepEqual([replaced.json[urn], replaced.json.schemas.length], [undefined, 1])
})

test('SCIM-015 SCIM-016 SCIM-017 a value of another type is refused, and nothing is kept of the request', async (t) => {
  const scim = await openDesk(t)
  for (const wrong of [
    { floor: 1.5 },
    { floor: '3' },
    { since: 'today' },
    { remote: 1 },
    { cars: [{ type: 'x' }] },
    { badge: ['a', 'b'] },
  ])
    isError(await scim.send('POST', '/Users', { body: sitting('ada', wrong) }), 400, 'invalidValue')
  assert.deepEqual(await found(scim, 'userName pr'), [])
})

test('SCIM-085 SCIM-088 SCIM-091 SCIM-092 SCIM-100 attributes of an extension are filtered by, compared as their type is, and sorted by', async (t) => {
  const scim = await openDesk(t)
  const people = {
    ada: { badge: 'B1', team: 'Voice', floor: 10, since: '2026-01-01T00:00:00+02:00', tags: ['x', 'y'], room: { value: 'R1' } },
    bob: {
      badge: 'b1',
      team: 'billing',
      floor: 9,
      since: '2025-12-31T23:00:00Z',
      cars: [
        { value: 'A', type: 'b' },
        { value: 'B', type: 'a' },
      ],
    },
    cleo: {},
  }
  for (const [name, value] of Object.entries(people)) await created(scim, '/Users', sitting(name, value))
  for (const [filter, names] of [
    [`${urn}:badge eq "B1"`, ['ada']],
    [`${urn.toUpperCase()}:TEAM eq "voice"`, ['ada']],
    [`${urn}:floor gt 9`, ['ada']],
    [`${urn}:since lt "2025-12-31T22:30:00Z"`, ['ada']],
    [`${urn}:tags eq "y"`, ['ada']],
    [`${urn}:room eq "r1"`, ['ada']],
    [`${urn}:cars[value eq "A" and type eq "a"]`, []],
    [`${urn}:cars[value eq "A" and type eq "b"]`, ['bob']],
    [`${urn}:cars.type eq "a"`, ['bob']],
    [`not (${urn}:badge pr)`, ['cleo']],
    [`${urn}:team ne "voice"`, ['bob', 'cleo']],
    [`schemas eq "${urn}"`, ['ada', 'bob']],
  ] as const)
    assert.deepEqual(await found(scim, filter), names, filter)
  for (const filter of [`${urn}:nothing eq 1`, `${urn}:pin eq "1"`, `${urn}:floor eq "10"`])
    assert.notEqual((await scim.send('GET', `/Users${query({ filter })}`)).status, 200, filter)
  const sorted = await scim.send('GET', `/Users${query({ sortBy: `${urn}:floor`, sortOrder: 'descending' })}`)
  assert.deepEqual(
    sorted.json.Resources.map(({ userName }) => userName),
    ['cleo@example.com', 'ada@example.com', 'bob@example.com'],
  )
  const root = await scim.send('POST', '/.search', {
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: `${urn}:floor eq 9` },
  })
  assert.equal(root.json.totalResults, 1)
})

test('SCIM-023 SCIM-024 SCIM-108 SCIM-109 an immutable value stays with whatever changes, a read-only one is ours', async (t) => {
  const scim = await openDesk(t)
  const id = await created(scim, '/Users', sitting('ada', { locker: 'L1', costs: 3, room: { value: 'R1', key: 'K1' } }))
  assert.deepEqual(await held(scim, id), { locker: 'L1', room: { value: 'R1', key: 'K1' } })
  isError(await scim.send('PUT', `/Users/${id}`, { body: sitting('ada', { locker: 'L2' }) }), 400, 'mutability')
  isError(await scim.send('PUT', `/Users/${id}`, { body: sitting('ada', { room: { key: 'K2' } }) }), 400, 'mutability')
  const replace = (path: string, value: unknown) =>
    scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'replace', path: `${urn}:${path}`, value }) })
  for (const [path, value] of [
    ['locker', 'L2'],
    ['room.key', 'K2'],
    ['room', { key: 'K2' }],
    ['costs', 4],
  ] as const)
    isError(await replace(path, value), 400, 'mutability')
  isError(await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'remove', path: `${urn}:room` }) }), 400, 'mutability')
  await scim.directory.changeMember(scim.call(), {
    id,
    sessions: 'keep',
    change: ({ status: _, ...member }) => ({
      ...member,
      suspended: false,
      attributes: { [urn]: { locker: 'L1', costs: 2.5, room: { value: 'R1', key: 'K1' } } },
    }),
  })
  const replaced = await scim.send('PUT', `/Users/${id}`, { body: person('ada') })
  assert.deepEqual(replaced.json[urn], { locker: 'L1', room: { key: 'K1' }, costs: 2.5 })
})

test('SCIM-025 SCIM-026 SCIM-027 SCIM-029 SCIM-076 SCIM-077 SCIM-078 returned says when a value is shown', async (t) => {
  const scim = await openDesk(t)
  const sent = sitting('ada', { pin: '1234', notes: 'likes tea', kind: 'fixed', team: 'Voice' })
  const reply = await scim.send('POST', '/Users', { body: sent })
  assert.deepEqual(reply.json[urn], { notes: 'likes tea', kind: 'fixed', team: 'Voice' })
  const { id } = reply.json
  assert.deepEqual(await held(scim, id), { kind: 'fixed', team: 'Voice' })
  assert.deepEqual(await held(scim, id, `?attributes=${urn}:notes,${urn}:pin`), { notes: 'likes tea', kind: 'fixed' })
  assert.deepEqual(await held(scim, id, '?attributes=userName'), { kind: 'fixed' })
  assert.deepEqual(await held(scim, id, `?excludedAttributes=${urn}:kind,${urn}:team`), { kind: 'fixed' })
  const { attributes: stored } = await scim.directory.getMember(scim.call(), { id })
  assert.deepEqual(stored[urn], { pin: '1234', notes: 'likes tea', kind: 'fixed', team: 'Voice' })
})

test('SCIM-030 SCIM-112 a unique value is refused with 409, at once with ten others too', async (t) => {
  const scim = await openDesk(t)
  const ada = await created(scim, '/Users', sitting('ada', { badge: 'B1' }))
  isError(await scim.send('POST', '/Users', { body: sitting('bob', { badge: 'B1' }) }), 409, 'uniqueness')
  const bob = await created(scim, '/Users', sitting('bob', { badge: 'b1' }))
  const take = { body: patchOp({ op: 'replace', path: `${urn}:badge`, value: 'B1' }) }
  isError(await scim.send('PATCH', `/Users/${bob}`, take), 409, 'uniqueness')
  await scim.send('DELETE', `/Users/${ada}`)
  assert.equal((await scim.send('PATCH', `/Users/${bob}`, take)).status, 200)
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, number) => scim.send('POST', '/Users', { body: sitting(`p${number}`, { badge: 'one' }) })),
  )
  assert.deepEqual(
    [201, 409].map((wanted) => replies.filter(({ status }) => status === wanted).length),
    [1, 9],
  )
})

test('SCIM-079 SCIM-119 SCIM-120 PATCH reaches an extension by its URN, with and without a path', async (t) => {
  const scim = await openDesk(t)
  const id = await created(scim, '/Users', person('ada'))
  const patch = async (...operations: readonly object[]) => {
    const reply = await scim.send('PATCH', `/Users/${id}`, { body: patchOp(...operations) })
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }
  assert.deepEqual((await patch({ op: 'add', path: `${urn}:team`, value: 'Voice' }))[urn], { team: 'Voice' })
  assert.deepEqual((await patch({ op: 'add', value: { [urn]: { floor: 2 }, [`${urn}:remote`]: 'False' } }))[urn], {
    team: 'Voice',
    floor: 2,
    remote: false,
  })
  assert.deepEqual((await patch({ op: 'replace', path: urn, value: { floor: 3 } }))[urn], {
    team: 'Voice',
    floor: 3,
    remote: false,
  })
  await patch({ op: 'add', path: `${urn}:cars`, value: [{ value: 'A', type: 'x', primary: true }, { value: 'B' }] })
  await patch({ op: 'replace', path: `${urn}:cars[value eq "B"].primary`, value: true })
  assert.deepEqual(Object((await patch({ op: 'remove', path: `${urn}:team` }))[urn]).cars, [
    { value: 'A', type: 'x', primary: false },
    { value: 'B', primary: true },
  ])
  isError(
    await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'add', path: `${urn}:nothing`, value: 1 }) }),
    400,
    'invalidPath',
  )
  // Attributes called like those of the RFC are not those.
  await patch({ op: 'add', path: `${urn}:active`, value: false }, { op: 'add', path: `${urn}:schemas`, value: 'mine' })
  const removed = await patch({ op: 'remove', path: `${urn}:active` })
  assert.equal(removed['active'], true)
  assert.equal(Object(removed[urn]).schemas, 'mine')
  assert.deepEqual((await patch({ op: 'remove', path: urn }))[urn], undefined)
})

test('SCIM-032 SCIM-110 what is required is asked for when somebody is created or replaced, and taken from nobody', async (t) => {
  const scim = await openDesk(t, desk({ attributes: [{ name: 'team' }] }))
  const early = await created(scim, '/Users', sitting('early', { team: 'Voice' }))
  const without = await created(scim, '/Users', person('without'))
  await scim.change(desk({ required: true, attributes: [{ name: 'team' }, { name: 'floor', type: 'integer', required: true }] }))
  isError(await scim.send('POST', '/Users', { body: person('late') }), 400, 'invalidValue')
  isError(await scim.send('POST', '/Users', { body: sitting('late', { team: 'Voice' }) }), 400, 'invalidValue')
  isError(await scim.send('PUT', `/Users/${early}`, { body: sitting('early', { team: 'Voice' }) }), 400, 'invalidValue')
  const late = await created(scim, '/Users', sitting('late', { floor: 1 }))
  // Whoever was there before it was required can be changed otherwise.
  for (const id of [early, without]) {
    const renamed = await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'replace', path: 'title', value: 'Dr.' }) })
    assert.equal(renamed.status, 200, renamed.text)
  }
  const remove = { body: patchOp({ op: 'remove', path: `${urn}:floor` }) }
  isError(await scim.send('PATCH', `/Users/${late}`, remove), 400, 'mutability')
  const halfway = { body: patchOp({ op: 'add', path: `${urn}:team`, value: 'Voice' }) }
  isError(await scim.send('PATCH', `/Users/${without}`, halfway), 400, 'invalidValue')
})

test('SCIM-057 SCIM-059 SCIM-060 a schema is published to the organization that defined it, by its token, and to nobody else', async (t) => {
  const scim = await openDesk(t, desk({ required: true }))
  const other = await scim.another()
  const anonymous = { headers: { authorization: '' } }
  const schemas = async (send: Scim['send'], options = {}) =>
    (await send('GET', '/Schemas', options)).json.Resources.map(({ id }) => id)
  assert.ok((await schemas(scim.send)).includes(urn))
  assert.ok(!(await schemas(scim.send, anonymous)).includes(urn))
  assert.ok(!(await schemas(scim.send, { headers: { authorization: `Bearer ${scim.token}x` } })).includes(urn))
  assert.ok(!(await schemas(other.send)).includes(urn))
  const { json } = await scim.send('GET', `/Schemas/${urn}`)
  assert.deepEqual(json.meta, { resourceType: 'Schema', location: `${base}/Schemas/${urn}` })
  assert.deepEqual(Object(json['attributes'])[0], {
    name: 'badge',
    type: 'string',
    multiValued: false,
    description: 'badge',
    required: false,
    caseExact: true,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'server',
  })
  isError(await other.send('GET', `/Schemas/${urn}`), 404)
  const type = (await scim.send('GET', '/ResourceTypes/User')).json
  assert.ok(JSON.stringify(type['schemaExtensions']).includes(`{"schema":"${urn}","required":true}`))
  assert.ok(!(await scim.send('GET', '/ResourceTypes')).text.includes('desk:2.0:Group'))
  // Somebody else's User has no such thing.
  const reply = await other.send('POST', '/Users', { body: sitting('ada', { floor: 'x' }) })
  assert.deepEqual([reply.status, reply.json[urn]], [201, undefined])
})

test('a definition that changes, or goes, counts from the next request on', async (t) => {
  const scim = await openDesk(t, desk({ attributes: [{ name: 'team' }] }))
  const id = await created(scim, '/Users', sitting('ada', { team: 'Voice', floor: 3 }))
  assert.deepEqual(await held(scim, id), { team: 'Voice' })
  await scim.change(
    desk({
      attributes: [
        { name: 'team', returned: 'request' },
        { name: 'floor', type: 'integer' },
      ],
    }),
  )
  assert.equal((await scim.send('PUT', `/Users/${id}`, { body: sitting('ada', { team: 'Voice', floor: 3 }) })).status, 200)
  assert.deepEqual(await held(scim, id), { floor: 3 })
  await scim.directory.removeExtension(scim.call(), { id: scim.extensionId, values: 'keep' })
  assert.equal(await held(scim, id), undefined)
  isError(await scim.send('GET', `/Users${query({ filter: `${urn}:floor eq 3` })}`), 400, 'invalidFilter')
  assert.equal((await scim.send('PUT', `/Users/${id}`, { body: person('ada') })).status, 200)
  await scim.directory.addExtension(scim.call(), desk({ attributes: [{ name: 'team' }, { name: 'floor', type: 'integer' }] }))
  assert.deepEqual(await held(scim, id), { team: 'Voice', floor: 3 })
})

test('a bulk creates people with what their organization defined', async (t) => {
  const scim = await openDesk(t)
  const reply = await scim.send('POST', '/Bulk', {
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: '1', data: sitting('ada', { badge: 'B1' }) },
        { method: 'POST', path: '/Users', bulkId: '2', data: sitting('bob', { badge: 'B1' }) },
      ],
    },
  })
  assert.deepEqual(
    Object(reply.json['Operations']).map(({ status }: { readonly status: string }) => status),
    ['201', '409'],
  )
  assert.deepEqual(await found(scim, `${urn}:badge eq "B1"`), ['ada'])
})

test('a group has what its organization defined of groups, kept through every change of its members', async (t) => {
  const of = urn.replace('User', 'Group')
  const scim = await openDesk(t, {
    urn: of,
    resourceType: 'Group',
    name: 'Cost',
    attributes: [
      { name: 'center', uniqueness: 'server' },
      { name: 'limit', type: 'integer' },
      { name: 'owner', mutability: 'immutable' },
    ],
  })
  const ada = await created(scim, '/Users', person('ada'))
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'One', members: [{ value: ada }] }
  const id = await created(scim, '/Groups', { ...group, [of]: { center: 'C1', limit: 5, owner: 'me' } })
  const shown = async () => (await scim.send('GET', `/Groups/${id}`)).json
  assert.deepEqual([(await shown())[of], (await shown()).schemas[1]], [{ center: 'C1', limit: 5, owner: 'me' }, of])
  isError(
    await scim.send('POST', '/Groups', { body: { ...group, displayName: 'Two', [of]: { center: 'c1' } } }),
    409,
    'uniqueness',
  )
  isError(
    await scim.send('POST', '/Groups', { body: { ...group, displayName: 'Two', [of]: { limit: 'x' } } }),
    400,
    'invalidValue',
  )
  const changed = await scim.send('PATCH', `/Groups/${id}`, {
    body: patchOp({ op: 'replace', path: `${of}:limit`, value: 7 }, { op: 'remove', path: `members[value eq "${ada}"]` }),
  })
  assert.equal(changed.status, 204, changed.text)
  assert.deepEqual([(await shown())[of], (await shown()).members], [{ center: 'C1', limit: 7, owner: 'me' }, undefined])
  await scim.send('PATCH', `/Groups/${id}`, { body: patchOp({ op: 'add', path: 'members', value: [{ value: ada }] }) })
  await scim.send('PATCH', `/Groups/${id}`, { body: patchOp({ op: 'replace', value: { displayName: 'Renamed' } }) })
  assert.deepEqual((await shown())[of], { center: 'C1', limit: 7, owner: 'me' })
  for (const filter of [`${of}:limit gt 6`, `schemas eq "${of}"`, `${of}:center eq "c1"`])
    assert.equal((await scim.send('GET', `/Groups${query({ filter })}`)).json.totalResults, 1, filter)
  isError(await scim.send('PUT', `/Groups/${id}`, { body: { ...group, [of]: { owner: 'you' } } }), 400, 'mutability')
  assert.deepEqual((await scim.send('PUT', `/Groups/${id}`, { body: group })).json[of], { owner: 'me' })
  // Changes at the same time to parts of it all stand.
  const values = { center: 'C9', limit: 9 }
  const patches = await Promise.all(
    Object.entries(values).map(([name, value]) =>
      scim.send('PATCH', `/Groups/${id}`, { body: patchOp({ op: 'add', path: `${of}:${name}`, value }) }),
    ),
  )
  assert.deepEqual(
    patches.map(({ status }) => status),
    [204, 204],
  )
  assert.deepEqual((await shown())[of], { owner: 'me', ...values })
  assert.ok((await scim.send('GET', '/ResourceTypes/Group')).text.includes(of))
  assert.ok(!(await scim.send('GET', '/ResourceTypes/User')).text.includes(of))
})
