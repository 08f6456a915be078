import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask, type Asked } from '../../../tests/native.ts'
import { openWorld, origin, type World } from '../../../tests/world.ts'
import { syncParts } from '../../app.ts'
import { createEngine } from '../../sync/create.ts'

/** A served engine without a runner, a vendor with two accounts, and a member whose address is that of the first. */
async function open(t: TestContext) {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const access = await world.another({ name: 'Vendor' })
  const credentials = Object.fromEntries(
    Object.entries(access['bandwidth'] ?? {}).map(([name, value]) => [name, value.replace(origin, url)]),
  )
  const vendor = { app: world.app, access }
  const add = async (to: Pick<World, 'app' | 'access'>, userName: string, email: string): Promise<string> =>
    (
      await ask(to, 'POST', '/members', {
        body: { as: 'active', userName, emails: [{ value: email }], name: { givenName: 'A', familyName: 'B' } },
      })
    ).body.member.id
  for (const name of ['first', 'second', 'third']) await add(vendor, name, `${name}@example.com`)
  const memberId = await add(world, 'ada', 'first@example.com')
  const body = {
    name: 'bw',
    vendor: 'bandwidth',
    baseUrl: credentials['baseUrl'],
    credentials,
    assignments: [{ kind: 'everyone' }],
  }
  const connectionId: string = (await ask(world, 'POST', '/connections', { body })).body.id
  await ask(world, 'POST', `/connections/${connectionId}/import`)
  return { world, memberId, connectionId, stranger: { app: world.app, access: await world.another() } }
}

const problemOf = ({ status, body }: Asked) => [status, body.type.slice('/docs#problem-'.length)]

test('a question is listed, read, answered on the version that was seen, and follows the member', async (t) => {
  const { world, memberId, connectionId } = await open(t)
  const { items } = (await ask(world, 'GET', `/questions?connectionId=${connectionId}&memberId=${memberId}`)).body
  assert.equal(items.length, 1)
  const path = `/questions/${items[0].id}`
  const { candidates, version, state } = (await ask(world, 'GET', path)).body
  assert.deepEqual([candidates.length, candidates[0].userName, state, version], [1, 'first', 'open', 1])
  const answer = (over: object) =>
    ask(world, 'POST', `${path}/answer`, { body: { version, answer: 'link', reason: 'seen', ...over } })
  const { accountId } = candidates[0]
  assert.deepEqual(problemOf(await answer({})), [422, 'invalid'])
  assert.deepEqual(problemOf(await answer({ accountId: 'other' })), [422, 'invalid'])
  assert.deepEqual(problemOf(await answer({ answer: 'ignore', accountId })), [422, 'invalid'])
  assert.deepEqual(problemOf(await answer({ accountId, version: 9 })), [412, 'stale'])
  const answered = await answer({ accountId })
  assert.deepEqual([answered.status, answered.body.state, answered.body.answer.accountId], [200, 'answered', accountId])
  assert.deepEqual((await answer({ accountId })).body, answered.body, 'repeated, it answers the same')
  assert.equal((await ask(world, 'GET', '/questions')).body.items.length, 0)
  assert.equal((await ask(world, 'GET', '/questions?state=all')).body.items.length, 1)

  const link = `/connections/${connectionId}/links/${memberId}`
  const explained = (await ask(world, 'GET', link)).body
  assert.deepEqual([explained.link.rule, explained.question.answer.kind, explained.history.length], ['manual', 'link', 1])
  const unlinked = await ask(world, 'POST', `${link}/unlink`, { body: { reason: 'wrong' } })
  assert.deepEqual([unlinked.body.question.state, unlinked.body.question.version], ['open', 3])
  assert.deepEqual(problemOf(await ask(world, 'GET', link)), [404, 'not-found'])
})

test('findings are paged under their filters and decided on once, whatever the network does', async (t) => {
  const { world, connectionId } = await open(t)
  const first = (await ask(world, 'GET', '/findings?kind=orphan&limit=1')).body
  const next = (await ask(world, 'GET', `/findings?kind=orphan&limit=1&cursor=${first.nextCursor}`)).body
  assert.deepEqual([first.items.length, next.items.length, next.nextCursor], [1, 1, undefined])
  assert.deepEqual(problemOf(await ask(world, 'GET', `/findings?limit=1&cursor=${first.nextCursor}`)), [400, 'malformed'])
  assert.deepEqual((await ask(world, 'GET', `/finding-counts?connectionId=${connectionId}`)).body, {
    total: 3,
    kinds: [
      { kind: 'duplicate', count: 1 },
      { kind: 'orphan', count: 2 },
    ],
  })
  const { id, version } = first.items[0]
  const decide = (verb: string, body: object, key?: string) =>
    ask(world, 'POST', `/findings/${id}/${verb}`, {
      body: { version, reason: 'known', ...body },
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    })
  assert.deepEqual(problemOf(await decide('revert', {})), [409, 'conflict'])
  assert.deepEqual(problemOf(await decide('adopt', {})), [422, 'invalid'])
  const until = new Date(Date.now() + 86_400_000).toISOString()
  assert.deepEqual(problemOf(await decide('ignore', { until, version: 5 })), [412, 'stale'])
  const ignored = await decide('ignore', { until }, 'k')
  assert.deepEqual([ignored.body.state, ignored.body.version, ignored.body.decision.until], ['ignored', 2, until])
  assert.deepEqual((await decide('ignore', { until }, 'k')).body, ignored.body)
  assert.deepEqual(problemOf(await decide('ignore', { until })), [412, 'stale'])
  const adopted = await decide('adopt', { version: 2, outside: true })
  assert.deepEqual([adopted.status, adopted.body.state, adopted.body.decision.kind], [200, 'closed', 'adopt'])
  const { subject } = first.items[0]
  const markings = `/connections/${connectionId}/markings`
  assert.deepEqual(
    (await ask(world, 'GET', markings)).body.items.map(({ accountId, kind }: Record<string, string>) => [accountId, kind]),
    [[subject, 'outside']],
  )
  assert.equal((await ask(world, 'DELETE', `${markings}/${subject}`)).status, 204)
  assert.deepEqual(problemOf(await ask(world, 'DELETE', `${markings}/${subject}`)), [404, 'not-found'])
})

test('nothing of another organization is found, and whoever may only approve decides nothing here', async (t) => {
  const { world, memberId, connectionId, stranger } = await open(t)
  const approver = (await ask(world, 'POST', '/credentials', { body: { name: 'second', duty: 'approver' } })).body.key
  const question = (await ask(world, 'GET', '/questions')).body.items[0]
  const finding = (await ask(world, 'GET', '/findings?kind=orphan')).body.items[0]
  const links = `/connections/${connectionId}/links`
  const decision = { version: 1, reason: 'r' }
  for (const [method, path, body] of [
    ['GET', `/questions/${question.id}`, undefined],
    ['POST', `/questions/${question.id}/answer`, { ...decision, answer: 'ignore' }],
    ['GET', `/findings/${finding.id}`, undefined],
    ['POST', `/findings/${finding.id}/adopt`, { ...decision, outside: true }],
    ['POST', `/findings/${finding.id}/ignore`, { ...decision, until: new Date(Date.now() + 1e7).toISOString() }],
    ['GET', links, undefined],
    ['GET', `${links}/${memberId}`, undefined],
    ['POST', `${links}/${memberId}/unlink`, { reason: 'r' }],
    ['POST', `/connections/${connectionId}/merges`, { keepAccountId: 'a', removeAccountId: 'b', reason: 'r' }],
    ['GET', `/connections/${connectionId}/markings`, undefined],
    ['DELETE', `/connections/${connectionId}/markings/a`, undefined],
  ] as const) {
    assert.deepEqual(problemOf(await ask(stranger, method, path, { body })), [404, 'not-found'], `${method} ${path}`)
    if (method !== 'GET')
      assert.deepEqual(
        problemOf(await ask(world, method, path, { body, key: approver })),
        [403, 'forbidden'],
        `${method} ${path}`,
      )
  }
  for (const list of ['/questions?state=all', '/findings?state=all'])
    assert.deepEqual((await ask(stranger, 'GET', list)).body.items, [], list)
})
