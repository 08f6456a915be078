import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld, type World } from '../../../tests/world.ts'

interface Item {
  readonly sequence: number
  readonly action: string
}

const add = async (world: Pick<World, 'app' | 'access'>, userName: string) =>
  (await ask(world, 'POST', '/members', { body: { as: 'active', userName } })).body.member.id as string

test('whoever follows the feed while others write misses nothing and gets nothing twice', async (t) => {
  const world = await openWorld(t)
  const writers = 15
  let writing = true
  const write = (async () => {
    await Promise.all(Array.from({ length: writers }, (_, index) => add(world, `m${index}`)))
    for (let index = 0; index < writers; index++) await add(world, `n${index}`)
    writing = false
  })()
  const follow = async (query: string) => {
    const seen: number[] = []
    for (let after = 0, rest = true; rest;) {
      const goesOn = writing
      const { items, upTo } = (await ask(world, 'GET', `/facts?limit=7&wait=1&after=${after}${query}`)).body
      seen.push(...items.map(({ sequence }: Item) => sequence))
      rest = goesOn || items.length > 0
      after = upTo
    }
    return seen
  }
  const [all, members] = await Promise.all([follow(''), follow('&actions=member.*')])
  await write
  const { sequence } = (await ask(world, 'GET', '/facts/head')).body
  assert.deepEqual(
    all,
    Array.from({ length: sequence }, (_, index) => index + 1),
  )
  assert.equal(members.length, 2 * writers)
  assert.deepEqual(new Set(members).size, members.length)
})

test('a wait ends when something comes that was asked for, and not before; without any it ends with nothing', async (t) => {
  const world = await openWorld(t)
  const { upTo } = (await ask(world, 'GET', '/facts')).body
  let answered = false
  const waiting = ask(world, 'GET', `/facts?after=${upTo}&wait=25&actions=group.*`).finally(() => (answered = true))
  await add(world, 'ada')
  assert.equal(answered, false)
  await ask(world, 'POST', '/groups', { body: { displayName: 'Voice' } })
  const { items } = (await waiting).body
  assert.deepEqual(
    items.map(({ action }: Item) => action),
    ['group.created'],
  )
  const head = (await ask(world, 'GET', '/facts/head')).body.sequence
  const nothing = await ask(world, 'GET', `/facts?after=${head}&wait=1`)
  assert.deepEqual([nothing.status, nothing.body], [200, { items: [], upTo: head }])
})

test('a closing server lets those who wait go', async (t) => {
  const world = await openWorld(t)
  await world.app.listen({ host: '127.0.0.1', port: 0 })
  const head = (await ask(world, 'GET', '/facts/head')).body.sequence
  const address = world.app.server.address()
  assert.ok(typeof address === 'object' && address)
  const asked = new Promise<void>((resolve) => world.app.server.once('request', () => resolve()))
  const reply = fetch(`http://127.0.0.1:${address.port}/api/v1/facts?after=${head}&wait=25`, {
    headers: { authorization: `Bearer ${world.access['native']?.['key']}` },
  })
  await asked
  await world.app.close()
  assert.deepEqual(await (await reply).json(), { items: [], upTo: head })
})

test('the feed is filtered by action and by whom a fact is about; both keep their place in the cursor', async (t) => {
  const world = await openWorld(t)
  const [ada, grace] = [await add(world, 'ada'), await add(world, 'grace')]
  await ask(world, 'POST', '/groups', { body: { displayName: 'Voice', memberIds: [ada, grace] } })
  await ask(world, 'POST', `/members/${ada}/suspend`)
  const actions = async (query: string) =>
    (await ask(world, 'GET', `/facts?${query}`)).body.items.map(({ action }: Item) => action)
  assert.deepEqual(await actions(`about=${ada}`), ['member.added', 'group.membersAdded', 'member.suspended'])
  assert.deepEqual(await actions(`about=${grace}`), ['member.added', 'group.membersAdded'])
  assert.deepEqual(await actions(`about=${ada}&actions=member.suspended,group.*`), ['group.membersAdded', 'member.suspended'])
  const first = (await ask(world, 'GET', `/facts?about=${ada}&limit=1`)).body
  const second = (await ask(world, 'GET', `/facts?about=${ada}&limit=2&cursor=${first.nextCursor}`)).body
  assert.deepEqual(
    [first.items[0].action, second.items.map(({ action }: Item) => action)],
    ['member.added', ['group.membersAdded', 'member.suspended']],
  )
  assert.equal((await ask(world, 'GET', `/facts?about=${grace}&cursor=${first.nextCursor}`)).status, 400)
})

test('what cannot be followed is refused with what to do', async (t) => {
  const world = await openWorld(t)
  const { sequence } = (await ask(world, 'GET', '/facts/head')).body
  const { nextCursor } = (await ask(world, 'GET', '/facts?limit=1')).body
  for (const [query, field] of [
    [`after=${sequence + 1}`, 'after'],
    [`after=1&cursor=${nextCursor}`, 'after'],
    ['wait=26', 'wait'],
    ['wait=-1', 'wait'],
    ['after=x', 'after'],
    ['actions=member.adedd', 'actions'],
    ['actions=', 'actions'],
    ['about=ada', 'about'],
  ] as const) {
    const reply = await ask(world, 'GET', `/facts?${query}`)
    assert.deepEqual([Math.floor(reply.status / 100), reply.body.field], [4, field], query)
  }
  assert.match((await ask(world, 'GET', `/facts?after=${sequence + 1}`)).body.detail, /restored/)
})
