import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld } from '../../../tests/world.ts'

const repeats = 20

test('20 repetitions at once of a write with one Idempotency-Key have one effect and one answer', async (t) => {
  const world = await openWorld(t)
  const body = { as: 'invited', userName: 'ada', emails: [{ value: 'ada@example.com' }] }
  const headers = { 'idempotency-key': 'k1' }
  const replies = await Promise.all(Array.from({ length: repeats }, () => ask(world, 'POST', '/members', { body, headers })))
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([201]))
  assert.equal(new Set(replies.map((reply) => JSON.stringify(reply.body))).size, 1, 'the invitation token is the same too')
  assert.equal((await ask(world, 'GET', '/members')).body.items.length, 1)
  const added = (await ask(world, 'GET', '/facts')).body.items.filter(
    ({ action }: { action: string }) => action === 'member.added',
  )
  assert.equal(added.length, 1)
})

test('one Idempotency-Key with another body, or for another operation, is refused', async (t) => {
  const world = await openWorld(t)
  const headers = { 'idempotency-key': 'k1' }
  assert.equal((await ask(world, 'POST', '/groups', { body: { displayName: 'Voice' }, headers })).status, 201)
  for (const [path, body] of [
    ['/groups', { displayName: 'Text' }],
    ['/roles', { name: 'Voice' }],
  ] as const) {
    const reply = await ask(world, 'POST', path, { body, headers })
    assert.deepEqual([reply.status, reply.body.type], [422, '/docs#problem-key-reused'])
  }
  assert.equal((await ask(world, 'GET', '/groups')).body.items.length, 1)
})

test('every kind of write answers a repetition as it answered first', async (t) => {
  const world = await openWorld(t)
  const member = (await ask(world, 'POST', '/members', { body: { as: 'active', userName: 'ada' } })).body.member
  const group = (await ask(world, 'POST', '/groups', { body: { displayName: 'Voice' } })).body
  const writes = [
    ['PATCH', '/organization', { name: 'New' }],
    ['POST', '/workspaces', { name: 'Europe' }],
    ['POST', '/roles', { name: 'Billing' }],
    ['POST', '/credentials', { name: 'x', duty: 'auditor' }],
    ['POST', `/members/${member.id}/sessions`, undefined],
    ['DELETE', `/members/${member.id}/sessions`, undefined],
    ['POST', `/groups/${group.id}/members`, { memberIds: [member.id] }],
    ['PATCH', `/groups/${group.id}`, { displayName: 'Text' }],
    ['DELETE', `/groups/${group.id}`, undefined],
    ['POST', `/members/${member.id}/suspend`, undefined],
    ['DELETE', `/members/${member.id}`, undefined],
  ] as const
  for (const [method, path, body] of writes) {
    const headers = { 'idempotency-key': `${method} ${path}`.replaceAll(' ', '') }
    const first = await ask(world, method, path, { body, headers })
    const { sequence } = (await ask(world, 'GET', '/facts/head')).body
    const second = await ask(world, method, path, { body, headers })
    assert.ok(first.status < 300, `${method} ${path} ${first.status}`)
    assert.deepEqual([second.status, second.body], [first.status, first.body], `${method} ${path}`)
    assert.equal((await ask(world, 'GET', '/facts/head')).body.sequence, sequence, `${method} ${path} adds no fact`)
  }
})

test('a walk by cursor meets each member once although others come and go meanwhile', async (t) => {
  const world = await openWorld(t)
  const add = async (name: string) =>
    (await ask(world, 'POST', '/members', { body: { as: 'active', userName: name } })).body.member.id as string
  const ids: string[] = []
  for (let count = 0; count < 9; count++) ids.push(await add(`m${count}`))
  const seen: string[] = []
  let query = '?limit=2'
  for (let page = 0; ; page++) {
    const { items, nextCursor } = (await ask(world, 'GET', `/members${query}`)).body
    seen.push(...items.map(({ id }: { id: string }) => id))
    if (!nextCursor) break
    query = `?limit=2&cursor=${nextCursor}`
    if (page === 1) {
      await ask(world, 'DELETE', `/members/${ids[3]}`)
      await ask(world, 'DELETE', `/members/${ids[5]}`)
      ids.push(await add('late'))
    }
  }
  assert.deepEqual(
    seen,
    ids.filter((_, index) => index !== 5),
  )
})

test('a cursor that was altered, or belongs to other filters or another organization, is a 400', async (t) => {
  const world = await openWorld(t)
  for (const userName of ['a', 'b']) await ask(world, 'POST', '/members', { body: { as: 'active', userName } })
  const { nextCursor } = (await ask(world, 'GET', '/members?limit=1')).body
  const foreign = { app: world.app, access: await world.another() }
  assert.equal((await ask(world, 'GET', `/members?cursor=${nextCursor}`)).status, 200)
  for (const [from, path] of [
    [world, `/members?cursor=${nextCursor}x`],
    [world, `/members?cursor=x${nextCursor}`],
    [world, `/members?status=active&cursor=${nextCursor}`],
    [world, `/groups?cursor=${nextCursor}`],
    [world, `/facts?cursor=${nextCursor}`],
    [foreign, `/members?cursor=${nextCursor}`],
  ] as const) {
    const reply = await ask(from, 'GET', path)
    assert.deepEqual([reply.status, reply.body.field], [400, 'cursor'], path)
  }
})
