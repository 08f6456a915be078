import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { created, isError, openScim, patchOp, query, type Scim } from '../../../../tests/scim.ts'
import { scimWithTestResources } from '../dialect.ts'
import { testResourceType } from '../schema/test-resource.ts'

const urn = testResourceType.schema.id
const extension = testResourceType.extensions[0]!.schema.id
const resource = (identifier: string, over: object = {}) => ({
  schemas: [urn, extension],
  identifier,
  [extension]: { extRequired: 'here' },
  ...over,
})
const open = (t: TestContext) => openScim(t, {}, { dialect: scimWithTestResources })
const at = '/TestResources'

async function found(scim: Scim, filter: string): Promise<string> {
  const reply = await scim.send('GET', `${at}${query({ filter })}`)
  assert.equal(reply.status, 200, `${filter}: ${reply.text}`)
  assert.equal(reply.json.totalResults, reply.json.Resources.length)
  return reply.json.Resources.map((each) => String(each['identifier'])).join('')
}

test('without the option there are no TestResources', async (t) => {
  const scim = await openScim(t)
  isError(await scim.send('GET', at), 404)
  isError(await scim.send('GET', `/Schemas/${urn}`), 404)
})

test('SCIM-015 SCIM-016 SCIM-017 SCIM-018 SCIM-019 every type goes in and comes out, and a value of another is refused', async (t) => {
  const scim = await open(t)
  const values = {
    caseExactString: 'CaSe',
    integerAttr: 42,
    booleanAttr: true,
    dateTimeAttr: '2026-01-31T12:00:00+01:00',
    binaryAttr: 'aGVsbG8=',
    referenceAttr: 'https://example.com/x',
    multiStrings: ['a', 'b'],
    complexAttr: { sub1: 'x', sub2: 2, sub3: false },
    multiComplex: [{ value: 'v', type: 't', primary: true }],
    alwaysReturnedAttr: 'there',
    immutableAttr: 'once',
    uniqueString: 'u',
    externalId: 'mine',
  }
  const reply = await scim.send('POST', at, { body: resource('a', values) })
  assert.equal(reply.status, 201, reply.text)
  const { id, meta, ...rest } = reply.json
  assert.deepEqual(rest, resource('a', values))
  assert.deepEqual([meta.resourceType, meta.version, reply.headers['location']], ['TestResource', 'W/"1"', meta.location])
  assert.deepEqual((await scim.send('GET', `${at}/${id}`)).json, reply.json)
  for (const wrong of [
    { integerAttr: 1.5 },
    { integerAttr: '1' },
    { booleanAttr: 'perhaps' },
    { dateTimeAttr: '2026-01-31' },
    { binaryAttr: '%' },
    { multiStrings: [1] },
    { complexAttr: 'x' },
    {
      multiComplex: [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
    },
  ])
    isError(await scim.send('POST', at, { body: resource('b', wrong) }), 400, 'invalidValue')
})

test('SCIM-023 SCIM-024 SCIM-025 SCIM-026 SCIM-027 SCIM-029 mutability and returned hold for whatever a type says', async (t) => {
  const scim = await open(t)
  const body = resource('a', { readOnlyAttr: 'mine', immutableAttr: 'once', writeOnlyAttr: 'secret', requestOnlyAttr: 'asked' })
  const made = (await scim.send('POST', at, { body })).json
  assert.deepEqual([made['readOnlyAttr'], made['writeOnlyAttr'], made['requestOnlyAttr']], [undefined, undefined, 'asked'])
  const path = `${at}/${made.id}`
  const get = async (parameters: Readonly<Record<string, string>> = {}) =>
    (await scim.send('GET', `${path}${query(parameters)}`)).json
  assert.equal((await get())['requestOnlyAttr'], undefined)
  assert.equal((await get({ attributes: 'requestOnlyAttr,writeOnlyAttr' }))['requestOnlyAttr'], 'asked')
  assert.equal((await get({ attributes: 'writeOnlyAttr' }))['writeOnlyAttr'], undefined)
  assert.equal((await get({ excludedAttributes: 'alwaysReturnedAttr' }))['alwaysReturnedAttr'], 'unset')
  const patch = (operation: object) => scim.send('PATCH', path, { body: patchOp(operation) })
  isError(await patch({ op: 'replace', path: 'immutableAttr', value: 'twice' }), 400, 'mutability')
  isError(await patch({ op: 'replace', path: 'readOnlyAttr', value: 'x' }), 400, 'mutability')
  isError(await scim.send('PUT', path, { body: { ...body, immutableAttr: 'twice' } }), 400, 'mutability')
  const { requestOnlyAttr: _, ...silent } = body
  assert.equal((await scim.send('PUT', path, { body: silent })).json['immutableAttr'], 'once')
  assert.equal((await patch({ op: 'add', path: 'requestOnlyAttr', value: 'again' })).json['requestOnlyAttr'], 'again')
})

test('SCIM-095 an attribute that nobody set is what it is at first, to filters too', async (t) => {
  const scim = await open(t)
  const id = await created(scim, at, resource('a'))
  await created(scim, at, resource('b', { alwaysReturnedAttr: 'set' }))
  assert.equal(await found(scim, 'alwaysReturnedAttr eq "unset"'), 'a')
  await scim.send('PATCH', `${at}/${id}`, { body: patchOp({ op: 'replace', path: 'alwaysReturnedAttr', value: 'set' }) })
  assert.equal(await found(scim, 'alwaysReturnedAttr eq "set"'), 'ab')
  const removed = await scim.send('PATCH', `${at}/${id}`, { body: patchOp({ op: 'remove', path: 'alwaysReturnedAttr' }) })
  assert.equal(removed.json['alwaysReturnedAttr'], 'unset')
})

test('SCIM-030 SCIM-112 what is unique stays so, in whatever case, and is free again when it is given up', async (t) => {
  const scim = await open(t)
  const a = await created(scim, at, resource('one', { uniqueString: 'Ü' }))
  isError(await scim.send('POST', at, { body: resource('ONE') }), 409, 'uniqueness')
  isError(await scim.send('POST', at, { body: resource('two', { uniqueString: 'ü' }) }), 409, 'uniqueness')
  const b = await created(scim, at, resource('two'))
  const patch = (id: string, operation: object) => scim.send('PATCH', `${at}/${id}`, { body: patchOp(operation) })
  isError(await patch(b, { op: 'add', path: 'uniqueString', value: 'ü' }), 409, 'uniqueness')
  await patch(a, { op: 'remove', path: 'uniqueString' })
  assert.equal((await patch(b, { op: 'add', path: 'uniqueString', value: 'ü' })).status, 200)
  assert.equal((await scim.send('DELETE', `${at}/${b}`)).status, 204)
  isError(await scim.send('DELETE', `${at}/${b}`), 404)
  await created(scim, at, resource('two', { uniqueString: 'ü' }))
})

test('SCIM-032 SCIM-006 a required extension has to be there, and stands under its URN', async (t) => {
  const scim = await open(t)
  const { [extension]: _, ...bare } = resource('a')
  isError(await scim.send('POST', at, { body: bare }), 400, 'invalidValue')
  isError(await scim.send('POST', at, { body: { ...bare, [extension]: { extString: 'x' } } }), 400, 'invalidValue')
  const id = await created(scim, at, resource('a'))
  isError(await scim.send('PUT', `${at}/${id}`, { body: bare }), 400, 'invalidValue')
  const removal = patchOp({ op: 'remove', path: `${extension}:extRequired` })
  isError(await scim.send('PATCH', `${at}/${id}`, { body: removal }), 400, 'mutability')
  const types = (await scim.send('GET', '/ResourceTypes/TestResource')).json
  assert.deepEqual(types['schemaExtensions'], [{ schema: extension, required: true }])
})

test('SCIM-085 SCIM-086 SCIM-087 SCIM-088 SCIM-092 a filter compares each type its own way', async (t) => {
  const scim = await open(t)
  const first = await created(
    scim,
    at,
    resource('a', {
      caseExactString: 'CaSe',
      caseInsensitiveString: 'MiXed',
      integerAttr: 9,
      booleanAttr: true,
      dateTimeAttr: '2026-01-01T00:00:00+02:00',
      externalId: 'E',
      complexAttr: { sub2: 5 },
      multiStrings: ['x', 'y'],
      multiComplex: [
        { value: '1', type: 'p' },
        { value: '2', type: 'q' },
      ],
    }),
  )
  await created(
    scim,
    at,
    resource('b', {
      integerAttr: 10,
      dateTimeAttr: '2025-12-31T23:30:00Z',
      multiComplex: [{ value: '2', type: 'p' }],
      [extension]: { extRequired: 'z', extInteger: 3 },
    }),
  )
  for (const [filter, expected] of [
    ['caseExactString eq "case"', ''],
    ['caseExactString eq "CaSe"', 'a'],
    ['caseInsensitiveString eq "mixed"', 'a'],
    ['integerAttr gt 9', 'b'],
    ['integerAttr lt 10 and booleanAttr eq true', 'a'],
    ['dateTimeAttr gt "2025-12-31T22:30:00Z"', 'b'],
    ['dateTimeAttr lt "2025-12-31T22:30:00Z"', 'a'],
    ['complexAttr.sub2 eq 5', 'a'],
    ['multiStrings eq "y"', 'a'],
    ['multiComplex[type eq "p" and value eq "2"]', 'b'],
    ['multiComplex.type eq "q" and multiComplex.value eq "1"', 'a'],
    ['uniqueString pr or not (complexAttr pr)', 'b'],
    [`${extension}:extInteger ge 3`, 'b'],
    [`${urn}:identifier sw "A"`, 'a'],
    ['externalId eq "E"', 'a'],
    [`id eq "${first}"`, 'a'],
    [`schemas eq "${extension}"`, 'ab'],
    ['meta.resourceType eq "TestResource"', 'ab'],
    ['meta.version eq "W/\\"1\\""', 'ab'],
  ] as const)
    assert.equal(await found(scim, filter), expected, filter)
  for (const wrong of ['booleanAttr gt true', 'binaryAttr gt "x"', 'integerAttr co 1'])
    isError(await scim.send('GET', `${at}${query({ filter: wrong })}`), 400, 'invalidFilter')
})

test('SCIM-154 a version that is gone is refused, and other organizations have resources of their own', async (t) => {
  const scim = await open(t)
  const id = await created(scim, at, resource('a'))
  const change = { body: patchOp({ op: 'add', path: 'integerAttr', value: 1 }), headers: { 'if-match': 'W/"1"' } }
  assert.equal((await scim.send('PATCH', `${at}/${id}`, change)).headers['etag'], 'W/"2"')
  isError(await scim.send('PATCH', `${at}/${id}`, change), 412)
  assert.equal((await scim.send('GET', `${at}/${id}`, { headers: { 'if-none-match': 'W/"2"' } })).status, 304)
  const other = await scim.another()
  isError(await other.send('GET', `${at}/${id}`), 404)
  assert.equal((await other.send('GET', at)).json.totalResults, 0)
  await created(other, at, resource('a'))
})

test('what a suite makes up, members and addresses, is left out here and refused elsewhere', async (t) => {
  const group = { displayName: 'Team', members: [{ value: 'x9kQ2', $ref: 'https://example.com/1', type: 'User' }] }
  const user = {
    userName: 'someone',
    emails: [{ value: 'x9kQ2' }, { value: 'a@example.com' }],
    addresses: [{ country: 'Nowhere' }],
  }
  const scim = await open(t)
  const { members, id } = (await scim.send('POST', '/Groups', { body: group })).json
  assert.equal(members, undefined)
  const member = await created(scim, '/Users', { userName: 'member' })
  for (const op of ['add', 'replace']) {
    const value = [{ value: member }, { value: 'x9kQ2', type: 'Group' }]
    const body = patchOp({ op, path: 'members', value })
    assert.equal((await scim.send('PATCH', `/Groups/${id}`, { body })).status, 204)
    const after = await scim.send('GET', `/Groups/${id}?attributes=members.value`)
    assert.deepEqual(after.json.members, [{ value: member }])
  }
  const nobody = patchOp({ op: 'add', path: 'members', value: group.members })
  assert.equal((await scim.send('PATCH', `/Groups/${id}`, { body: nobody })).status, 204)
  assert.deepEqual((await scim.send('POST', '/Users', { body: user })).json['emails'], [{ value: 'a@example.com' }])
  const strict = await openScim(t)
  isError(await strict.send('POST', '/Groups', { body: group }), 400, 'invalidValue')
  const team = await created(strict, '/Groups', { displayName: 'Team' })
  isError(await strict.send('PATCH', `/Groups/${team}`, { body: nobody }), 400, 'invalidValue')
  isError(await strict.send('POST', '/Users', { body: user }), 400, 'invalidValue')
})
