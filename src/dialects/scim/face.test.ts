import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Call } from '../../directory/call.ts'
import { scopes } from '../../directory/credential.ts'
import { createDirectory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { createIdSource, fromHex, toHex } from '../../directory/id.ts'
import { createSealer } from '../../directory/seal.ts'
import { createServer } from '../../http/server.ts'
import { openStore } from '../../store/open.ts'
import { temporaryFolder } from '../../../tests/folder.ts'
import { patchOp } from '../../../tests/scim.ts'
import type { Dialect } from '../dialect.ts'
import { readBearerOf } from './credentials.ts'
import { describeScim } from './description.ts'
import { scimFaceOperations, scimFaceProblem, serveScimFace, type ScimFace } from './face.ts'

const spell = (prefix: string) => ({
  to: (id: string) => prefix + toHex(id),
  from: (text: string) => (text.startsWith(prefix) ? fromHex(text.slice(prefix.length)) : undefined),
})
const [user, group] = [spell('US'), spell('GR')]

const face: ScimFace = {
  prefix: '/scim/:place',
  users: ['list', 'create', 'read', 'replace', 'patch', 'delete'],
  groups: ['list', 'create', 'patch'],
  discovery: ['ServiceProviderConfig', 'Schemas'],
  ids: { toUser: user.to, fromUser: user.from, toGroup: group.to, fromGroup: group.from },
  admit: async (call, { params }) => {
    if (params['place'] === 'plan') throw new DirectoryError('planGate', 'Not on this plan.')
    if (params['place'] !== toHex(call.organizationId)) throw new DirectoryError('foreign', 'Another place.')
  },
  entry: 'invited',
  sessionsOnSuspend: 'keep',
  listOrder: 'resourcesFirst',
  pageSize: { usual: 2, most: 3 },
  omittedActive: 'activate',
  userName: 'email',
  extraErrorMembers: ({ refusal, message }) => ({ code: refusal.length, message }),
}

const faced: Dialect = {
  name: 'faced',
  basePath: '/faced',
  hosts: {},
  operations: scimFaceOperations(face),
  startingCredentials: [{ kind: 'faced', name: 'Token', scopes: ['read', 'write'] }],
  credentials: ({ headers }) => readBearerOf('faced', headers['authorization']),
  problem: (problem) => scimFaceProblem(problem, face),
  serve: (mount, services) => serveScimFace(mount, services, face),
  describe: describeScim,
  access: () => ({}),
}

async function openFace(t: TestContext) {
  const sealer = createSealer([randomBytes(32)], randomBytes)
  const database = await openStore({ database: join(temporaryFolder(t), 'face.db'), sealer })
  const newId = createIdSource(() => new Date())
  const directory = createDirectory({ store: database.store, newId, randomBytes })
  const call: Call = {
    organizationId: newId(),
    actor: 'test',
    scopes: new Set(scopes),
    now: new Date(),
    requestId: 'test',
    via: 'test',
  }
  const made = await directory.createOrganization(call, {
    name: 'Faces',
    plan: 'enterprise',
    sso: 'okta',
    emailDomains: [],
    credentials: faced.startingCredentials,
  })
  const app = createServer({
    directory,
    store: database.store,
    dialects: [faced],
    engine: undefined,
    settings: {},
    clock: () => new Date(),
    newId,
    log: undefined,
    check: () => database.check(),
    publicUrl: 'http://rollcall.test',
  })
  t.after(async () => {
    await app.close()
    await database.close()
  })
  const place = toHex(call.organizationId)
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const reply = await app.inject({
      method,
      url: `/faced/scim${path.replace('@', place)}`,
      headers: {
        authorization: `Bearer ${made.credentials[0]?.secret}`,
        ...(body && { 'content-type': 'application/scim+json' }),
      },
      ...(body && { payload: JSON.stringify(body) }),
    })
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      json: reply.body ? reply.json<Record<string, unknown>>() : {},
    }
  }
  const add = async (userName: string) => String((await send('POST', '/@/Users', { userName })).json['id'])
  return { directory, call, place, send, add }
}

test('a face spells ids and links its own way, and reads them back', async (t) => {
  const { send, add, place, directory, call } = await openFace(t)
  const id = await add('ada@example.com')
  assert.match(id, /^US[0-9a-f]{32}$/)
  const shown = (await send('GET', `/@/Users/${id}`)).json
  assert.deepEqual(
    shown['meta'] && (shown['meta'] as Record<string, unknown>)['location'],
    `http://rollcall.test/faced/scim/${place}/Users/${id}`,
  )
  assert.equal((await send('GET', `/@/Users/${user.from(id)}`)).status, 404)

  const made = await send('POST', '/@/Groups', { displayName: 'Ops', members: [{ value: id }] })
  const groupId = String(made.json['id'])
  assert.match(groupId, /^GR[0-9a-f]{32}$/)
  const listed = (await send('GET', '/@/Groups')).json['Resources'] as readonly Record<string, unknown>[]
  assert.deepEqual(listed[0]?.['members'], [
    { value: id, $ref: `http://rollcall.test/faced/scim/${place}/Users/${id}`, type: 'User', display: 'ada@example.com' },
  ])
  assert.deepEqual((await send('GET', `/@/Users/${id}`)).json['groups'], [
    { value: groupId, $ref: `http://rollcall.test/faced/scim/${place}/Groups/${groupId}`, display: 'Ops', type: 'direct' },
  ])
  await send('PATCH', `/@/Groups/${groupId}`, patchOp({ op: 'remove', path: `members[value eq "${id}"]` }))
  assert.equal((await send('GET', `/@/Users/${id}`)).json['groups'], undefined)
  await send('PATCH', `/@/Groups/${groupId}`, patchOp({ op: 'add', path: 'members', value: [{ value: id }] }))
  const ours = await directory.listGroupMembers(call, { id: group.from(groupId) ?? '', after: undefined, limit: 10 })
  assert.deepEqual(
    ours.map(({ membershipId }) => membershipId),
    [user.from(id)],
  )
  const refused = await send(
    'PATCH',
    `/@/Groups/${groupId}`,
    patchOp({ op: 'add', path: 'members', value: [{ value: user.from(id) }] }),
  )
  assert.equal(refused.status, 400)
})

test('a face whose groups hold people takes no group, shows none, and leaves those in that came another way', async (t) => {
  const { send, add, directory, call } = await openFace(t)
  const [ada, bob] = [await add('ada@example.com'), await add('bob@example.com')]
  const make = async (displayName: string, member: string) =>
    String((await send('POST', '/@/Groups', { displayName, members: [{ value: member }] })).json['id'])
  const [outer, inner] = [await make('Company', ada), await make('Ops', bob)]
  const adding = patchOp({ op: 'add', path: 'members', value: [{ value: inner, type: 'Group' }] })
  for (const refused of [
    await send('PATCH', `/@/Groups/${outer}`, adding),
    await send('PATCH', `/@/Groups/${outer}`, patchOp({ op: 'add', path: 'members', value: [{ value: inner }] })),
    await send('POST', '/@/Groups', { displayName: 'More', members: [{ value: inner, $ref: `../Groups/${inner}` }] }),
  ])
    assert.deepEqual([refused.status, refused.json['scimType']], [400, 'invalidValue'])
  const ids = { outer: group.from(outer) ?? '', inner: group.from(inner) ?? '' }
  await directory.changeGroup(call, { id: ids.outer, changes: [{ kind: 'addGroups', groupIds: [ids.inner] }] })
  const members = async () => {
    const groups = (await send('GET', '/@/Groups')).json['Resources'] as readonly Record<string, unknown>[]
    const shown = groups.find(({ id }) => id === outer)?.['members']
    return (shown as readonly { value: string }[] | undefined)?.map(({ value }) => value)
  }
  assert.deepEqual(await members(), [ada])
  const types = ((await send('GET', `/@/Users/${bob}`)).json['groups'] as readonly { type: string }[]).map(({ type }) => type)
  assert.deepEqual(types, ['indirect', 'direct'])
  await send('PATCH', `/@/Groups/${outer}`, patchOp({ op: 'replace', path: 'members', value: [{ value: bob }] }))
  assert.deepEqual(await members(), [bob])
  await send('PATCH', `/@/Groups/${outer}`, patchOp({ op: 'remove', path: 'members' }))
  assert.equal(await members(), undefined)
  assert.deepEqual((await directory.getGroupWithMembers(call, { id: ids.outer })).groupIds, [ids.inner])
})

test('filters take ids as the face spells them', async (t) => {
  const { send, add } = await openFace(t)
  const [ada, bob] = [await add('ada@example.com'), await add('bob@example.com')]
  await send('POST', '/@/Groups', { displayName: 'Ops', members: [{ value: ada }] })
  const found = async (path: string, filter: string) => {
    const reply = await send('GET', `${path}?filter=${encodeURIComponent(filter)}`)
    return reply.status === 200
      ? (reply.json['Resources'] as readonly Record<string, unknown>[]).map(({ id }) => id)
      : reply.json['scimType']
  }
  assert.deepEqual(await found('/@/Users', `id eq "${ada}"`), [ada])
  assert.deepEqual(await found('/@/Users', `id eq "${ada}" or id eq "US1"`), [ada])
  assert.deepEqual(await found('/@/Users', `not (id eq "${ada}")`), [bob])
  assert.deepEqual(await found('/@/Users', `id ne "${ada}" and id pr`), [bob])
  assert.deepEqual(await found('/@/Users', 'id ne "elsewhere"'), [ada, bob])
  assert.equal(await found('/@/Users', 'id sw "US" and id pr'), 'invalidFilter')
  assert.deepEqual(await found('/@/Users', `meta.location eq "http://x/Users/${bob}"`), [bob])
  assert.equal(((await found('/@/Groups', `members.value eq "${ada}"`)) as unknown[]).length, 1)
  assert.deepEqual(await found('/@/Groups', `members.value eq "${bob}"`), [])
})

test('what a face does not offer is not there', async (t) => {
  const { send, add } = await openFace(t)
  const id = await add('ada@example.com')
  assert.equal((await send('POST', '/@/Users/.search', {})).status, 405)
  assert.equal((await send('GET', '/@/ResourceTypes')).status, 404)
  const reply = await send('DELETE', `/@/Groups/${id}`)
  assert.equal(reply.status, 405)
  assert.equal(reply.headers['allow'], 'PATCH')
  const schemas = (await send('GET', '/@/Schemas')).json['Resources'] as readonly { readonly id: string }[]
  assert.ok(schemas.every((schema) => !schema.id.includes('rollcall')))
  assert.ok((await send('GET', `/@/Users/${id}`)).text.includes('"urn:ietf'))
  assert.ok(!(await send('GET', `/@/Users/${id}`)).text.includes('rollcall:params'))
})

test('a gate stands before everything, discovery included, and errors carry what the face adds', async (t) => {
  const { send } = await openFace(t)
  for (const path of ['Users', 'Groups', 'Schemas', 'ServiceProviderConfig']) {
    assert.equal((await send('GET', `/plan/${path}`)).status, 403)
    assert.equal((await send('GET', `/elsewhere/${path}`)).status, 403)
  }
  const { json } = await send('GET', '/plan/Users')
  assert.deepEqual(json, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '403',
    detail: 'Not on this plan.',
    code: 8,
    message: 'Not on this plan.',
  })
})

test('lists have Resources first and the pages of the face', async (t) => {
  const { send, add } = await openFace(t)
  for (const name of ['a', 'b', 'c', 'd']) await add(`${name}@example.com`)
  const usual = await send('GET', '/@/Users')
  assert.equal(Object.keys(usual.json)[0], 'Resources')
  assert.deepEqual([usual.json['totalResults'], usual.json['itemsPerPage']], [4, 2])
  assert.equal((await send('GET', '/@/Users?count=50')).json['itemsPerPage'], 3)
})

test('who comes through a face that invites stays invited, whatever active says', async (t) => {
  const { send, add, directory, call } = await openFace(t)
  const id = await add('ada@example.com')
  const member = () => directory.getMember(call, { id: user.from(id) ?? '' })
  assert.equal((await member()).status, 'invited')
  assert.deepEqual((await member()).emails, [{ value: 'ada@example.com', type: 'work', primary: true }])
  assert.equal((await send('GET', `/@/Users/${id}`)).json['active'], true)
  await send('PATCH', `/@/Users/${id}`, patchOp({ op: 'replace', path: 'active', value: true }))
  assert.equal((await member()).status, 'invited')
})

test('a userName that is an address must be one, and takes the address along', async (t) => {
  const { send, add, directory, call } = await openFace(t)
  const refused = await send('POST', '/@/Users', { userName: 'ada' })
  assert.deepEqual([refused.status, refused.json['scimType']], [400, 'invalidValue'])
  const id = await add('ada@example.com')
  await send('PATCH', `/@/Users/${id}`, patchOp({ op: 'replace', path: 'userName', value: 'countess@example.com' }))
  const { emails } = await directory.getMember(call, { id: user.from(id) ?? '' })
  assert.deepEqual(
    emails.map(({ value }) => value),
    ['countess@example.com'],
  )
})

test('a PUT without active activates where the face says so', async (t) => {
  const { send, add, directory, call } = await openFace(t)
  const id = await add('ada@example.com')
  await send('PATCH', `/@/Users/${id}`, patchOp({ op: 'replace', path: 'active', value: false }))
  assert.equal((await directory.getMember(call, { id: user.from(id) ?? '' })).status, 'suspended')
  assert.equal((await send('PUT', `/@/Users/${id}`, { userName: 'ada@example.com' })).json['active'], true)
})
