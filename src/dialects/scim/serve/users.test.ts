import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ada, base, created, isError, openScim, patchOp, person, query } from '../../../../tests/scim.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { lifecycleSchema } from '../schema/lifecycle.ts'

const enterprise = enterpriseUserSchema.id

test('SCIM-064 SCIM-041 SCIM-044 a create answers 201 with the whole resource and its location', async (t) => {
  const scim = await openScim(t)
  const reply = await scim.send('POST', '/Users', { body: ada })
  assert.equal(reply.status, 201)
  assert.equal(reply.headers['content-type'], 'application/scim+json')
  assert.equal(reply.headers['location'], `${base}/Users/${reply.json.id}`)
  assert.equal(reply.headers['content-location'], reply.json.meta.location)
  assert.equal(reply.headers['etag'], 'W/"1"')
  const { id, meta, schemas, ...rest } = reply.json
  assert.deepEqual(schemas, ada.schemas)
  assert.equal(meta.resourceType, 'User')
  assert.equal(meta.version, 'W/"1"')
  const { schemas: _, ...sent } = ada
  assert.deepEqual(rest, sent)
  assert.deepEqual((await scim.send('GET', `/Users/${id}`)).json, reply.json)
})

test('SCIM-041 whatever answers with a resource says where it stands, in both headers', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', person('lee'))
  const location = `${base}/Users/${id}`
  const title = patchOp({ op: 'replace', path: 'title', value: 'Witch' })
  for (const reply of [
    await scim.send('GET', `/Users/${id}`),
    await scim.send('GET', `/Users/${id}?attributes=userName`),
    await scim.send('PUT', `/Users/${id}`, { body: person('lee') }),
    await scim.send('PATCH', `/Users/${id}`, { body: title }),
  ]) {
    assert.equal(reply.status, 200)
    assert.equal(reply.headers['location'], location)
    assert.equal(reply.headers['content-location'], location)
  }
})

test('SCIM-037 SCIM-039 SCIM-065 id, meta and every other read-only attribute of a body are ignored', async (t) => {
  const scim = await openScim(t)
  const reply = await scim.send('POST', '/Users', {
    body: {
      ...ada,
      id: 'mine',
      meta: { resourceType: 'Car', version: 'x' },
      groups: [{ value: 'x' }],
      [lifecycleSchema.id]: { lifecycle: 'invited', note: 'From Bern' },
    },
  })
  assert.equal(reply.status, 201)
  assert.match(reply.json.id, /^[0-9a-f-]{36}$/)
  assert.equal(reply.json.meta.resourceType, 'User')
  assert.equal(reply.json.groups, undefined)
  assert.deepEqual(reply.json[lifecycleSchema.id], { note: 'From Bern' })
})

test('SCIM-040 SCIM-156 lastModified and the version stand until something changes', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const before = (await scim.send('GET', `/Users/${id}`)).json
  assert.equal(before.meta.created, before.meta.lastModified)
  const same = await scim.send('PATCH', `/Users/${id}`, {
    body: patchOp({ op: 'replace', path: 'displayName', value: 'Ada Lovelace' }),
  })
  assert.deepEqual(same.json.meta, before.meta)
  assert.deepEqual((await scim.send('PUT', `/Users/${id}`, { body: before })).json, before)
  const changed = await scim.send('PATCH', `/Users/${id}`, {
    body: patchOp({ op: 'replace', path: 'displayName', value: 'Countess' }),
  })
  assert.equal(changed.json.meta.version, 'W/"2"')
})

test('SCIM-030 SCIM-045 SCIM-066 SCIM-068 SCIM-112 a userName is required, and one in use is refused whatever its case', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  isError(await scim.send('POST', '/Users', { body: { ...ada, userName: 'ADA@EXAMPLE.COM', emails: [] } }), 409, 'uniqueness')
  isError(await scim.send('POST', '/Users', { body: { ...ada, userName: undefined } }), 400, 'invalidValue')
  isError(await scim.send('POST', '/Users', { body: { ...ada, userName: '' } }), 400, 'invalidValue')
  const other = await created(scim, '/Users', person('grace'))
  isError(
    await scim.send('PATCH', `/Users/${other}`, { body: patchOp({ op: 'replace', path: 'userName', value: 'Ada@example.com' }) }),
    409,
    'uniqueness',
  )
  isError(
    await scim.send('PUT', `/Users/${other}`, { body: { ...person('grace'), userName: 'ada@example.com' } }),
    409,
    'uniqueness',
  )
})

test('SCIM-046 SCIM-025 SCIM-027 SCIM-160 a password is accepted, never kept and never shown', async (t) => {
  const scim = await openScim(t)
  const reply = await scim.send('POST', '/Users', { body: { ...ada, password: 'Tr0ub4dor&3' } })
  assert.equal(reply.status, 201)
  const patched = await scim.send('PATCH', `/Users/${reply.json.id}?attributes=password,userName`, {
    body: patchOp({ op: 'replace', value: { password: 'Tr0ub4dor&3' } }),
  })
  assert.equal(patched.json.meta, undefined)
  const member = await scim.directory.getMember(scim.call(), { id: reply.json.id })
  for (const text of [reply.text, patched.text, JSON.stringify(member)]) assert.ok(!/password|Tr0ub4dor/.test(text))
})

test('SCIM-006 SCIM-053 an extension stands under its URN, and schemas name it while it holds something', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', {
    ...ada,
    [enterprise]: { department: 'Engines', manager: { value: 'm1', displayName: 'ignored' } },
  })
  const user = (await scim.send('GET', `/Users/${id}`)).json
  assert.deepEqual(user[enterprise], { department: 'Engines', manager: { value: 'm1' } })
  assert.deepEqual(user.schemas, [ada.schemas[0], enterprise])
  const cleared = await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'remove', path: enterprise }) })
  assert.equal(cleared.json[enterprise], undefined)
  assert.ok(!cleared.json.schemas.includes(enterprise))
})

test('SCIM-049 the groups of a user are shown, and changed through the groups alone', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: [{ value: id }] })
  const { groups } = (await scim.send('GET', `/Users/${id}`)).json
  assert.deepEqual(groups, [{ value: group, $ref: `${base}/Groups/${group}`, display: 'Engineers', type: 'direct' }])
  isError(
    await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'add', path: 'groups', value: [{ value: group }] }) }),
    400,
    'mutability',
  )
  await scim.send('PUT', `/Users/${id}`, { body: { ...ada, groups: [] } })
  assert.deepEqual((await scim.send('GET', `/Users/${id}`)).json.groups, groups)
})

test('SCIM-106 SCIM-107 SCIM-109 SCIM-111 a replace takes what the provider read, and removes what it leaves out', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', { ...ada, title: 'Countess', [enterprise]: { department: 'Engines' } })
  const { title: _, externalId: __, ...read } = (await scim.send('GET', `/Users/${id}`)).json
  const reply = await scim.send('PUT', `/Users/${id}`, { body: { ...read, [enterprise]: undefined, displayName: 'A. L.' } })
  assert.equal(reply.status, 200)
  assert.equal(reply.json.id, id)
  assert.equal(reply.json.displayName, 'A. L.')
  for (const name of ['title', 'externalId', enterprise]) assert.equal(reply.json[name], undefined, name)
})

test('SCIM-011 SCIM-069 SCIM-135 what does not exist, or belongs to another organization, is not found', async (t) => {
  const scim = await openScim(t)
  const foreign = await created(await scim.another(), '/Users', ada)
  for (const id of [foreign, 'nobody', '00000000-0000-7000-8000-000000000000']) {
    isError(await scim.send('GET', `/Users/${id}`), 404)
    isError(await scim.send('PUT', `/Users/${id}`, { body: ada }), 404)
    isError(await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'replace', value: { active: false } }) }), 404)
    isError(await scim.send('DELETE', `/Users/${id}`), 404)
  }
})

test('SCIM-133 SCIM-134 SCIM-135 a removed user is gone everywhere, and the name is free again', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const group = await created(scim, '/Groups', { displayName: 'Engineers', members: [{ value: id }] })
  const reply = await scim.send('DELETE', `/Users/${id}`)
  assert.deepEqual([reply.status, reply.text], [204, ''])
  isError(await scim.send('GET', `/Users/${id}`), 404)
  isError(await scim.send('DELETE', `/Users/${id}`), 404)
  assert.equal((await scim.send('GET', '/Users')).json.totalResults, 0)
  assert.equal((await scim.send('GET', `/Groups/${group}`)).json.members, undefined)
  assert.notEqual(await created(scim, '/Users', ada), id)
})

test('active false suspends and ends the sessions; active true resumes, and an invited person is active to a provider', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  await scim.directory.startSession(scim.call(), { membershipId: id })
  const suspended = await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'replace', value: { active: false } }) })
  assert.equal(suspended.json.active, false)
  assert.equal(suspended.json[lifecycleSchema.id], undefined)
  assert.ok((await scim.directory.listSessions(scim.call(), { membershipId: id })).every(({ endedAt }) => endedAt))
  const { active: _, ...silent } = ada
  assert.equal((await scim.send('PUT', `/Users/${id}`, { body: silent })).json.active, false)
  assert.equal((await scim.send('PUT', `/Users/${id}`, { body: ada })).json.active, true)
  const state = {
    userName: 'guest',
    externalId: undefined,
    displayName: undefined,
    name: {},
    emails: [],
    roleIds: [],
    suspended: false,
    attributes: {},
  }
  const { member } = await scim.directory.addMember(scim.call(), { state, as: 'invited' })
  const guest = (await scim.send('GET', `/Users/${member.id}`)).json
  assert.equal(guest.active, true)
  assert.deepEqual(guest[lifecycleSchema.id], { lifecycle: 'invited', invitedAt: member.createdAt.toISOString() })
  assert.equal(
    (await scim.send('GET', `/Users${query({ filter: `${lifecycleSchema.id}:lifecycle eq "invited"` })}`)).json.totalResults,
    1,
  )
})

test('SCIM-124 an active that a PATCH removed is not shown until it is set, or the person is suspended or resumed', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const patch = async (operation: object) => (await scim.send('PATCH', `/Users/${id}`, { body: patchOp(operation) })).json
  const shown = async () => (await scim.send('GET', `/Users/${id}`)).json['active']
  assert.equal((await patch({ op: 'remove', path: 'active' }))['active'], undefined)
  assert.equal(await shown(), undefined)
  assert.equal((await scim.directory.getMember(scim.call(), { id })).status, 'active')
  assert.equal((await patch({ op: 'replace', path: 'active', value: false }))['active'], false)
  await patch({ op: 'remove', path: 'active' })
  assert.deepEqual([await shown(), (await scim.directory.getMember(scim.call(), { id })).status], [undefined, 'suspended'])
  await patch({ op: 'add', value: { active: true } })
  assert.equal(await shown(), true)
})

test('a role that names one of the organization grants it, and stays when a provider does not speak of roles', async (t) => {
  const scim = await openScim(t)
  const roles = await scim.directory.listRoles(scim.call(), undefined)
  const admin = roles.find(({ name }) => name === 'Admin')?.id
  const rolesOf = async (id: string) => (await scim.directory.getMember(scim.call(), { id })).roleIds
  const sent = [{ value: 'admin', type: 'x', primary: true }, { value: 'Chess captain' }]
  const id = await created(scim, '/Users', { ...ada, roles: sent })
  assert.deepEqual(await rolesOf(id), [admin])
  const read = (await scim.send('GET', `/Users/${id}`)).json
  assert.deepEqual(read.roles, sent)
  assert.deepEqual((await scim.send('PUT', `/Users/${id}`, { body: ada })).json.roles, sent)
  const swapped = await scim.send('PATCH', `/Users/${id}`, {
    body: patchOp({ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Member' }),
  })
  assert.deepEqual(swapped.json.roles, [{ value: 'Member', type: 'x', primary: true }, { value: 'Chess captain' }])
  assert.deepEqual(await rolesOf(id), [roles.find(({ name }) => name === 'Member')?.id])
  const removed = await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'remove', path: 'roles' }) })
  assert.equal(removed.json.roles, undefined)
  assert.deepEqual(await rolesOf(id), [])
})

test('a role granted elsewhere is shown by its name, and one taken elsewhere is no longer shown', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', { ...ada, roles: [{ value: 'Admin', type: 'x' }] })
  const roles = await scim.directory.listRoles(scim.call(), undefined)
  const readOnly = roles.find(({ name }) => name === 'ReadOnly')?.id ?? ''
  await scim.directory.changeMember(scim.call(), {
    id,
    sessions: 'keep',
    change: ({ status, ...member }) => ({ ...member, suspended: status === 'suspended', roleIds: [readOnly] }),
  })
  assert.deepEqual((await scim.send('GET', `/Users/${id}`)).json.roles, [{ value: 'ReadOnly' }])
})

test('the last owner cannot be suspended', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', { ...ada, roles: [{ value: 'Owner' }] })
  isError(await scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'replace', value: { active: false } }) }), 409)
})

test('what other dialects keep of a member survives a replace, and is not shown', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  await scim.directory.changeMember(scim.call(), {
    id,
    sessions: 'keep',
    change: ({ status, ...member }) => ({ ...member, suspended: status === 'suspended', attributes: { 'x-own': { a: 1 } } }),
  })
  const reply = await scim.send('PUT', `/Users/${id}`, { body: { ...ada, title: 'Countess' } })
  assert.equal(reply.json['x-own'], undefined)
  assert.deepEqual((await scim.directory.getMember(scim.call(), { id })).attributes, { 'x-own': { a: 1 }, title: 'Countess' })
})

test('SCIM-008 SCIM-010 SCIM-013 what is not assigned is left out, and links have no query', async (t) => {
  const scim = await openScim(t)
  const reply = await scim.send('POST', '/Users?attributes=', { body: { ...ada, title: null, phoneNumbers: [], active: 'True' } })
  assert.ok(!reply.text.includes('null') && !reply.text.includes('[]'))
  assert.equal(reply.json['active'], true)
  assert.ok(!reply.json.meta.location.includes('?'))
})

test('SCIM-038 an externalId is kept as it was sent, and never invented', async (t) => {
  const scim = await openScim(t)
  const { externalId: _, ...silent } = person('b')
  assert.equal((await scim.send('POST', '/Users', { body: silent })).json['externalId'], undefined)
  assert.equal((await scim.send('POST', '/Users', { body: { ...ada, externalId: 'Ünï-1' } })).json['externalId'], 'Ünï-1')
})

test('SCIM-096 SCIM-031 a name is kept as it was sent, and found in any spelling of its letters', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', { ...ada, userName: 'Zoe\u0308', title: 'Cafe\u0301' })
  for (const filter of ['userName eq "ZO\u00cb"', 'userName sw "zo\u00eb" and title co "\u00c9"', 'title eq "caf\u00e9"']) {
    const { Resources } = (await scim.send('GET', `/Users${query({ filter })}`)).json
    assert.deepEqual(
      Resources.map((user) => [user.id, user['userName']]),
      [[id, 'Zoe\u0308']],
      filter,
    )
  }
  isError(await scim.send('POST', '/Users', { body: { ...person('b'), userName: 'zo\u00eb' } }), 409, 'uniqueness')
})

test('a list has a bound, and adding to it takes no longer than its length', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const values = (count: number) => Array.from({ length: count }, (_, index) => ({ value: `e${index}` }))
  const add = (count: number) =>
    scim.send('PATCH', `/Users/${id}`, { body: patchOp({ op: 'add', path: 'entitlements', value: values(count) }) })
  isError(await add(1001), 400, 'invalidValue')
  assert.equal((await add(1000)).status, 200)
  assert.equal((await add(1000)).json.meta.version, 'W/"2"')
  const more = patchOp({ op: 'add', path: 'entitlements', value: [{ value: 'more' }] })
  isError(await scim.send('PATCH', `/Users/${id}`, { body: more }), 400, 'invalidValue')
  isError(await scim.send('PUT', `/Users/${id}`, { body: { ...ada, title: 'x'.repeat(300_000) } }), 400, 'invalidValue')
})
