import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { makeClient, tokenOf } from '../../../tests/oauth.ts'
import { openWorld, type World } from '../../../tests/world.ts'

const urn = 'urn:example:params:scim:schemas:extension:desk:2.0:User'
const desk = { urn, name: 'Desk', attributes: [{ name: 'badge', uniqueness: 'server' }] }
const withFloor = { ...desk, attributes: [...desk.attributes, { name: 'floor', type: 'integer' }] }

const scim = async (world: World, path: string, token: string | undefined = world.access['scim']?.['token']) => {
  const reply = await world.app.inject({ url: `/scim/v2${path}`, headers: { authorization: `Bearer ${token}` } })
  return { status: reply.statusCode, text: reply.payload, json: JSON.parse(reply.payload) }
}

test('an extension is defined, read, replaced and removed; what is left out is as the RFC has it, and each change is a fact', async (t) => {
  const world = await openWorld(t)
  const made = await ask(world, 'POST', '/extensions', { body: desk })
  assert.deepEqual([made.status, made.headers['etag']], [201, '"1"'])
  const { id, createdAt } = made.body
  const badge = {
    name: 'badge',
    type: 'string',
    multiValued: false,
    description: 'badge',
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'server',
  }
  const rest = { resourceType: 'User', description: 'Desk', required: false }
  assert.deepEqual(made.body, { id, ...desk, ...rest, attributes: [badge], createdAt, updatedAt: createdAt, version: 1 })
  assert.deepEqual((await ask(world, 'GET', '/extensions')).body, { items: [made.body] })
  const path = `/extensions/${id}`
  const read = await ask(world, 'GET', path)
  assert.deepEqual([read.body, read.headers['etag']], [made.body, '"1"'])
  const replaced = await ask(world, 'PUT', path, { body: withFloor, headers: { 'if-match': '"1"' } })
  assert.deepEqual([replaced.status, replaced.body.version, replaced.body.attributes.length], [200, 2, 2])
  assert.equal((await ask(world, 'PUT', path, { body: desk, headers: { 'if-match': '"1"' } })).status, 412)
  assert.equal((await ask(world, 'DELETE', path, { headers: { 'if-match': '"1"' } })).status, 412)
  assert.equal((await ask(world, 'DELETE', path, { headers: { 'if-match': '"2"' } })).status, 204)
  assert.equal((await ask(world, 'GET', path)).status, 404)
  const facts = (await ask(world, 'GET', `/facts?about=${id}`)).body.items
  assert.deepEqual(
    facts.map(({ action, detail }: { readonly action: string; readonly detail: object }) => [action, Object(detail).attributes]),
    [
      ['extension.created', ['badge']],
      ['extension.changed', ['badge', 'floor']],
      ['extension.removed', ['badge', 'floor']],
    ],
  )
})

test('what is no definition is refused by the place that is wrong', async (t) => {
  const world = await openWorld(t)
  const attribute = (over: object) => ({ ...desk, attributes: [{ name: 'a' }, { name: 'b', ...over }] })
  const within = (...subAttributes: readonly object[]) => attribute({ type: 'complex', subAttributes })
  for (const [body, field] of [
    [{ ...desk, urn: 'desk' }, 'urn'],
    [{ ...desk, urn: 'URN:example:desk' }, 'urn'],
    [{ ...desk, urn: 'urn:example:desk:' }, 'urn'],
    [{ ...desk, urn: 'urn:example:a/b' }, 'urn'],
    [{ ...desk, urn: `urn:example:${'x'.repeat(150)}` }, 'urn'],
    [{ ...desk, urn: 'urn:ietf:params:scim:schemas:core:2.0:User' }, 'urn'],
    [{ ...desk, urn: 'urn:Rollcall:params:scim:schemas:extension:2.0:User' }, 'urn'],
    [{ ...desk, name: ' ' }, 'name'],
    [{ ...desk, description: 'x'.repeat(1_001) }, 'description'],
    [{ ...desk, attributes: [] }, 'attributes'],
    [{ ...desk, attributes: Array.from({ length: 101 }, (_, number) => ({ name: `a${number}` })) }, 'attributes'],
    [attribute({ name: '1st' }), 'attributes.1.name'],
    [attribute({ name: 'with space' }), 'attributes.1.name'],
    [attribute({ name: '$ref', type: 'reference', referenceTypes: ['User'] }), 'attributes.1.name'],
    [attribute({ name: 'constructor' }), 'attributes.1.name'],
    [attribute({ name: 'x'.repeat(65) }), 'attributes.1.name'],
    [attribute({ name: 'A' }), 'attributes.1.name'],
    [attribute({ type: 'text' }), 'attributes.1.type'],
    [attribute({ type: 'complex' }), 'attributes.1.subAttributes'],
    [attribute({ subAttributes: [{ name: 'c' }] }), 'attributes.1.subAttributes'],
    [within({ name: 'c' }, { name: 'C' }), 'attributes.1.subAttributes.1.name'],
    [within({ name: 'c', type: 'complex' }), 'attributes.1.subAttributes.0.type'],
    [within({ name: 'c', multiValued: true }), 'attributes.1.subAttributes.0.multiValued'],
    [within({ name: 'c', mutability: 'readOnly' }), 'attributes.1.subAttributes.0.mutability'],
    [attribute({ type: 'reference' }), 'attributes.1.referenceTypes'],
    [attribute({ referenceTypes: ['User'] }), 'attributes.1.referenceTypes'],
    [attribute({ type: 'binary', caseExact: false }), 'attributes.1.caseExact'],
    [attribute({ type: 'boolean', canonicalValues: ['true'] }), 'attributes.1.canonicalValues'],
    [attribute({ mutability: 'writeOnly' }), 'attributes.1.returned'],
    [attribute({ mutability: 'readOnly', required: true }), 'attributes.1.required'],
    [attribute({ type: 'boolean', uniqueness: 'server' }), 'attributes.1.uniqueness'],
    [attribute({ uniqueness: 'global' }), 'attributes.1.uniqueness'],
  ] as const) {
    const reply = await ask(world, 'POST', '/extensions', { body })
    assert.deepEqual([reply.status, reply.body.field], [422, field], JSON.stringify(body).slice(0, 300))
  }
  assert.deepEqual((await ask(world, 'GET', '/extensions')).body, { items: [] })
  const whole = within({ name: '$ref', type: 'reference', referenceTypes: ['User'] }, { name: 'value', uniqueness: 'server' })
  assert.equal((await ask(world, 'POST', '/extensions', { body: whole })).status, 201)
  for (const [other, status] of [
    [urn, 409],
    [urn.toUpperCase().replace('URN', 'urn'), 409],
    [`${urn}:More`, 422],
    ['urn:example:params', 422],
  ] as const)
    assert.equal((await ask(world, 'POST', '/extensions', { body: { ...desk, urn: other } })).status, status, other)
  for (let number = 1; number < 20; number++)
    assert.equal((await ask(world, 'POST', '/extensions', { body: { ...desk, urn: `urn:example:n${number}` } })).status, 201)
  assert.equal((await ask(world, 'POST', '/extensions', { body: { ...desk, urn: 'urn:example:last' } })).status, 409)
})

test('values written here are checked too, and a definition never leaves the values that are there behind', async (t) => {
  const world = await openWorld(t)
  const { id } = (await ask(world, 'POST', '/extensions', { body: withFloor })).body
  const member = { userName: 'ada', as: 'active' }
  const wrong = await ask(world, 'POST', '/members', { body: { ...member, attributes: { [urn]: { floor: '3' } } } })
  assert.deepEqual([wrong.status, wrong.body.field], [422, `${urn}:floor`])
  const { member: ada } = (
    await ask(world, 'POST', '/members', { body: { ...member, attributes: { [urn]: { floor: 3, badge: 'B' } } } })
  ).body
  const taken = await ask(world, 'POST', '/members', {
    body: { userName: 'bob', as: 'active', attributes: { [urn]: { badge: 'b' } } },
  })
  assert.deepEqual([taken.status, taken.body.field], [409, `${urn}:badge`])
  assert.deepEqual((await scim(world, `/Users/${ada.id}`)).json[urn], { floor: 3, badge: 'B' })
  const narrower = await ask(world, 'PUT', `/extensions/${id}`, { body: desk })
  assert.equal(narrower.status, 409)
  assert.match(
    narrower.body.detail,
    /What ada has does not fit this definition: .*floor is not defined.* Change or clear such values first/,
  )
  for (const change of [{ urn: 'urn:example:other' }, { resourceType: 'Group' }])
    assert.equal((await ask(world, 'PUT', `/extensions/${id}`, { body: { ...withFloor, ...change } })).status, 422)
  assert.equal((await ask(world, 'DELETE', `/extensions/${id}`)).status, 409)
  assert.equal((await ask(world, 'DELETE', `/extensions/${id}?values=drop`)).status, 422)
  assert.equal((await ask(world, 'DELETE', `/extensions/${id}?values=keep`)).status, 204)
  assert.equal((await scim(world, `/Users/${ada.id}`)).json[urn], undefined)
  assert.deepEqual((await ask(world, 'GET', `/members/${ada.id}`)).body.attributes[urn], { floor: 3, badge: 'B' })
  assert.equal((await ask(world, 'PATCH', `/members/${ada.id}`, { body: { attributes: { [urn]: null } } })).status, 200)
})

test('a repetition under one key defines one extension; a key that may only read defines none', async (t) => {
  const world = await openWorld(t)
  const twice = () => ask(world, 'POST', '/extensions', { body: desk, headers: { 'idempotency-key': 'one' } })
  const [first, second] = [await twice(), await twice()]
  assert.deepEqual([first.status, second.status, second.body], [201, 201, first.body])
  const { key } = (await ask(world, 'POST', '/credentials', { body: { name: 'auditor', duty: 'auditor' } })).body
  assert.equal((await ask(world, 'GET', '/extensions', { key })).status, 200)
  assert.equal((await ask(world, 'POST', '/extensions', { key, body: { ...desk, urn: 'urn:example:more' } })).status, 403)
  const elsewhere = await world.another()
  const stranger = { key: elsewhere['native']?.['key'] ?? '' }
  assert.deepEqual((await ask(world, 'GET', '/extensions', stranger)).body, { items: [] })
  assert.equal((await ask(world, 'DELETE', `/extensions/${first.body.id}`, stranger)).status, 404)
})

test('an access token shows its organization’s schemas too, and one for writing alone writes by them', async (t) => {
  const world = await openWorld(t)
  await ask(world, 'POST', '/extensions', { body: withFloor })
  const client = await makeClient(world)
  const reading = await tokenOf(world, client)
  assert.ok((await scim(world, '/Schemas', reading)).text.includes(urn))
  assert.ok(!(await scim(world, '/Schemas', `${reading.slice(0, -4)}AAAA`)).text.includes(urn))
  const writing = await tokenOf(world, client, { scope: 'write' })
  assert.ok((await scim(world, '/ResourceTypes', writing)).text.includes(urn))
  assert.equal((await scim(world, '/ServiceProviderConfig', writing)).status, 200)
  const reply = await world.app.inject({
    method: 'POST',
    url: '/scim/v2/Users',
    headers: { authorization: `Bearer ${writing}`, 'content-type': 'application/scim+json' },
    payload: JSON.stringify({ userName: 'ada@example.com', [urn]: { floor: 'three' } }),
  })
  assert.equal(reply.statusCode, 400)
})
