import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld } from '../../../tests/world.ts'

const ada = {
  as: 'active',
  userName: 'ada@example.com',
  emails: [{ value: 'ada@example.com', primary: true }],
  attributes: { title: 'Engineer', nickName: 'A' },
}

test('a member is added, read, changed, suspended, resumed and removed', async (t) => {
  const world = await openWorld(t)
  const created = await ask(world, 'POST', '/members', { body: ada })
  assert.equal(created.status, 201)
  assert.equal(created.headers['etag'], '"1"')
  const { id } = created.body.member
  assert.deepEqual((await ask(world, 'GET', `/members/${id}`)).body, created.body.member)

  const changed = await ask(world, 'PATCH', `/members/${id}`, {
    body: { displayName: 'Ada', attributes: { title: null, locale: 'en' } },
  })
  assert.equal(changed.status, 200)
  assert.deepEqual(changed.body.attributes, { nickName: 'A', locale: 'en' })
  assert.equal(changed.body.userName, ada.userName)
  assert.equal((await ask(world, 'PATCH', `/members/${id}`, { body: { displayName: null } })).body.displayName, undefined)

  assert.equal((await ask(world, 'POST', `/members/${id}/sessions`)).status, 201)
  assert.equal((await ask(world, 'POST', `/members/${id}/suspend`)).body.status, 'suspended')
  const sessions = await ask(world, 'GET', `/members/${id}/sessions`)
  assert.ok(sessions.body.items[0].endedAt, 'suspending ended the session')
  assert.equal((await ask(world, 'POST', `/members/${id}/resume`)).body.status, 'active')

  assert.equal((await ask(world, 'DELETE', `/members/${id}`)).status, 204)
  const gone = await ask(world, 'GET', `/members/${id}`)
  assert.equal(gone.status, 404)
  assert.equal(gone.type, 'application/problem+json')
  assert.equal(gone.body.type, '/docs#problem-not-found')
  assert.ok(gone.body.requestId)
})

test('an invited person becomes active by the token alone, once', async (t) => {
  const world = await openWorld(t)
  const { body } = await ask(world, 'POST', '/members', { body: { ...ada, as: 'invited' } })
  assert.equal(body.member.status, 'invited')
  await ask(world, 'POST', `/members/${body.member.id}/suspend`)
  assert.equal((await ask(world, 'POST', `/members/${body.member.id}/resume`)).body.status, 'invited')
  assert.equal((await ask(world, 'POST', '/invitations/accept', { body: { token: body.invitationToken } })).body.status, 'active')
  assert.equal((await ask(world, 'POST', '/invitations/accept', { body: { token: body.invitationToken } })).status, 409)
})

test('If-Match refuses a change and a removal of another version, and a text that is no ETag', async (t) => {
  const world = await openWorld(t)
  const { member } = (await ask(world, 'POST', '/members', { body: ada })).body
  await ask(world, 'PATCH', `/members/${member.id}`, { body: { displayName: 'Ada' } })
  const stale = await ask(world, 'PATCH', `/members/${member.id}`, {
    body: { displayName: 'Eve' },
    headers: { 'if-match': '"1"' },
  })
  assert.equal(stale.status, 412)
  assert.equal(stale.body.type, '/docs#problem-stale')
  assert.equal((await ask(world, 'DELETE', `/members/${member.id}`, { headers: { 'if-match': '"1"' } })).status, 412)
  assert.equal((await ask(world, 'DELETE', `/members/${member.id}`, { headers: { 'if-match': 'W/x' } })).status, 400)
  assert.equal((await ask(world, 'DELETE', `/members/${member.id}`, { headers: { 'if-match': '"2"' } })).status, 204)
})

test('filters find without regard to case, and combine', async (t) => {
  const world = await openWorld(t)
  await ask(world, 'POST', '/members', { body: ada })
  await ask(world, 'POST', '/members', { body: { as: 'invited', userName: 'Grace', emails: [{ value: 'grace@example.com' }] } })
  const found = async (query: string) =>
    (await ask(world, 'GET', `/members?${query}`)).body.items.map((member: { userName: string }) => member.userName)
  assert.deepEqual(await found('userName=ADA@example.COM'), ['ada@example.com'])
  assert.deepEqual(await found('email=GRACE@example.com'), ['Grace'])
  assert.deepEqual(await found('status=invited'), ['Grace'])
  assert.deepEqual(await found('status=active&email=grace@example.com'), [])
  assert.deepEqual(await found(''), ['ada@example.com', 'Grace'])
})

test('groups hold members and are found by name', async (t) => {
  const world = await openWorld(t)
  const { member } = (await ask(world, 'POST', '/members', { body: ada })).body
  const group = (await ask(world, 'POST', '/groups', { body: { displayName: 'Voice', memberIds: [member.id] } })).body
  assert.deepEqual((await ask(world, 'GET', `/groups/${group.id}/members`)).body, {
    items: [{ id: member.id, displayName: 'ada@example.com' }],
  })
  assert.equal((await ask(world, 'GET', `/members/${member.id}/groups`)).body.items[0].id, group.id)
  assert.equal((await ask(world, 'GET', '/groups?displayName=VOICE')).body.items[0].id, group.id)
  assert.equal((await ask(world, 'DELETE', `/groups/${group.id}/members/${member.id}`)).status, 204)
  assert.deepEqual((await ask(world, 'GET', `/groups/${group.id}/members`)).body.items, [])
  assert.equal((await ask(world, 'POST', `/groups/${group.id}/members`, { body: { memberIds: [member.id] } })).status, 200)
  assert.equal(
    (await ask(world, 'PATCH', `/groups/${group.id}`, { body: { displayName: 'Voice 2' } })).body.displayName,
    'Voice 2',
  )
  assert.equal((await ask(world, 'DELETE', `/groups/${group.id}`)).status, 204)
  assert.equal((await ask(world, 'GET', `/groups/${group.id}/members`)).status, 404)
})

test('a group is put into a group, holds whoever is in it, and is taken out again', async (t) => {
  const world = await openWorld(t)
  const { member } = (await ask(world, 'POST', '/members', { body: ada })).body
  const outer = (await ask(world, 'POST', '/groups', { body: { displayName: 'Company' } })).body
  const inner = (await ask(world, 'POST', '/groups', { body: { displayName: 'Voice', memberIds: [member.id] } })).body
  const into = (id: string, groupId: string) => ask(world, 'POST', `/groups/${id}/groups`, { body: { groupIds: [groupId] } })
  const added = await into(outer.id, inner.id)
  assert.deepEqual([added.status, added.body.version, added.headers['etag']], [200, 2, '"2"'])
  assert.deepEqual((await ask(world, 'GET', `/groups/${outer.id}/groups`)).body.items, [inner])
  assert.deepEqual((await ask(world, 'GET', `/members/${member.id}/groups`)).body.items, [
    { ...added.body, membership: 'indirect' },
    { ...inner, membership: 'direct' },
  ])
  const circle = await into(inner.id, outer.id)
  assert.deepEqual([circle.status, circle.body.type], [409, '/docs#problem-conflict'])
  assert.equal((await into(inner.id, member.id)).status, 422)
  for (let time = 0; time < 2; time++)
    assert.equal((await ask(world, 'DELETE', `/groups/${outer.id}/groups/${inner.id}`)).status, 204)
  assert.deepEqual((await ask(world, 'GET', `/groups/${outer.id}/groups`)).body.items, [])
  assert.equal((await ask(world, 'GET', `/groups/${member.id}/groups`)).status, 404)
})

test('organization, workspaces and roles are read, changed and made', async (t) => {
  const world = await openWorld(t)
  assert.equal((await ask(world, 'GET', '/organization')).body.id, world.organizationId)
  assert.equal(
    (await ask(world, 'PATCH', '/organization', { body: { name: 'New', emailDomains: ['Example.com'] } })).body.emailDomains[0],
    'example.com',
  )
  const workspace = (await ask(world, 'POST', '/workspaces', { body: { name: 'Europe' } })).body
  assert.equal((await ask(world, 'GET', '/workspaces')).body.items[0].id, workspace.id)
  const role = (await ask(world, 'POST', '/roles', { body: { name: 'Billing', workspaceId: workspace.id } })).body
  assert.ok((await ask(world, 'GET', '/roles')).body.items.some(({ id }: { id: string }) => id === role.id))
})

test('a refusal names its field, and a body that cannot be read changes nothing', async (t) => {
  const world = await openWorld(t)
  await ask(world, 'POST', '/members', { body: ada })
  const cases = [
    [{ ...ada, userName: 'ADA@example.com' }, 409, 'userName'],
    [{ ...ada, userName: 'eve', surprise: 1 }, 422, 'surprise'],
    [{ ...ada, userName: 7 }, 422, 'userName'],
    [{ ...ada, userName: 'eve', emails: [{ value: 'nobody' }] }, 422, 'emails'],
    [{ ...ada, userName: 'eve', roleIds: ['x'] }, 422, 'roleIds.0'],
    [{ as: 'active', userName: 'eve', roleIds: ['0199d3a0-0000-7000-8000-000000000000'] }, 422, 'roleIds'],
    ['{"userName":', 400, undefined],
    ['[]', 422, undefined],
    ['{"as":"active","userName":"eve","__proto__":{"x":1}}', 422, '__proto__'],
    ['['.repeat(100_000), 400, undefined],
  ] as const
  for (const [body, status, field] of cases) {
    const reply = await ask(world, 'POST', '/members', { body })
    assert.deepEqual([reply.status, reply.body.field], [status, field], JSON.stringify(body).slice(0, 80))
  }
  assert.equal(
    (await ask(world, 'POST', '/members', { body: '<a/>', headers: { 'content-type': 'application/xml' } })).status,
    415,
  )
  assert.equal((await ask(world, 'POST', '/members', { body: `{"userName":"${'x'.repeat(1_100_000)}"}` })).status, 413)
  const method = await ask(world, 'PUT', '/members', { body: {} })
  assert.deepEqual([method.status, method.headers['allow']], [405, 'GET, HEAD, POST'])
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'surprise=1'])
    assert.equal((await ask(world, 'GET', `/members?${query}`)).status, 422, query)
  assert.equal((await ask(world, 'GET', '/members')).body.items.length, 1)
})

test('what belongs to another organization, or is no id at all, is not found', async (t) => {
  const world = await openWorld(t)
  const foreign = { app: world.app, access: await world.another({ name: 'Other' }) }
  const { member } = (await ask(foreign, 'POST', '/members', { body: ada })).body
  const group = (await ask(foreign, 'POST', '/groups', { body: { displayName: 'Voice' } })).body
  const credential = (await ask(foreign, 'GET', '/credentials')).body.items[0]
  for (const id of [member.id, 'x', '..%2f', '00000000-0000-0000-0000-000000000000']) {
    assert.equal((await ask(world, 'GET', `/members/${id}`)).status, 404, id)
    assert.equal((await ask(world, 'PATCH', `/members/${id}`, { body: { displayName: 'Eve' } })).status, 404, id)
    assert.equal((await ask(world, 'POST', `/members/${id}/suspend`)).status, 404, id)
    assert.equal((await ask(world, 'DELETE', `/members/${id}`)).status, 404, id)
  }
  assert.equal((await ask(world, 'DELETE', `/groups/${group.id}`)).status, 404)
  assert.equal((await ask(world, 'POST', `/credentials/${credential.id}/revoke`)).status, 404)
  const own = (await ask(world, 'POST', '/groups', { body: { displayName: 'Own' } })).body
  assert.equal((await ask(world, 'POST', `/groups/${own.id}/members`, { body: { memberIds: [member.id] } })).status, 422)
  assert.deepEqual((await ask(foreign, 'GET', `/members/${member.id}`)).body, member)
})
