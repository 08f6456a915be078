import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ada, created, isError, openScim, patchOp, person, query, type Body, type Scim } from '../../../../tests/scim.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import { createCursors, cursorLifetimeSeconds } from './cursor.ts'

const list = (scim: Pick<Scim, 'send'>, parameters: Readonly<Record<string, string>>) =>
  scim.send('GET', `/Users${query(parameters)}`)
const ids = (body: Body) => body.Resources.map(({ id }) => id)
const nextOf = ({ nextCursor }: Body) => (typeof nextCursor === 'string' ? nextCursor : '')

async function people(scim: Scim, names: string): Promise<readonly string[]> {
  const made: string[] = []
  for (const name of names) made.push(await created(scim, '/Users', person(name)))
  return made
}

test('SCIM-162 SCIM-163 SCIM-164 SCIM-105 a walk by cursor shows everybody once, whatever comes and goes meanwhile', async (t) => {
  const scim = await openScim(t)
  const [a, b, c, d, e] = await people(scim, 'abcde')
  const first = (await list(scim, { cursor: '', count: '2' })).json
  assert.deepEqual([ids(first), first.totalResults, first['startIndex'], first['itemsPerPage']], [[a, b], 5, undefined, 2])
  assert.match(nextOf(first), /^[A-Za-z0-9._~-]+$/)
  await scim.send('DELETE', `/Users/${a}`)
  await scim.send('DELETE', `/Users/${d}`)
  const second = (await list(scim, { cursor: nextOf(first), count: '2' })).json
  assert.deepEqual(ids(second), [c, e])
  assert.equal(second['nextCursor'], undefined)
  const f = await created(scim, '/Users', person('f'))
  assert.deepEqual(ids((await list(scim, { cursor: nextOf(first), count: '2' })).json), [c, e])
  assert.deepEqual(ids((await list(scim, { cursor: '' })).json), [b, c, e, f])
  const none = (await list(scim, { cursor: '', count: '0' })).json
  assert.deepEqual([ids(none), none.totalResults, none['nextCursor']], [[], 4, undefined])
  assert.deepEqual(ids((await list(scim, { cursor: '', count: '-3' })).json), [])
})

test('SCIM-162 SCIM-172 a sorted walk shows once whoever stays where they are, whatever comes, goes and moves meanwhile', async (t) => {
  const scim = await openScim(t)
  const titled = (name: string, title: string) => created(scim, '/Users', { ...person(name), ...(title && { title }) })
  await titled('e', '')
  const a = await titled('a', 'Title a')
  await titled('c', 'Title c')
  await titled('d', '')
  const b = await titled('b', 'Title b')
  const meanwhile = [
    async () => [await scim.send('DELETE', `/Users/${a}`)],
    async () => [
      await scim.send('PATCH', `/Users/${b}`, { body: patchOp({ op: 'replace', path: 'title', value: 'A title' }) }),
      await titled('x', 'Title a'),
      await titled('y', 'Title d'),
    ],
  ]
  const walk = async (sortOrder: string) => {
    const names: unknown[] = []
    for (let cursor = ''; ;) {
      const page = (await list(scim, { cursor, count: '1', sortBy: 'title', sortOrder })).json
      names.push(...page.Resources.map((user) => String(user['userName'])[0]))
      cursor = nextOf(page)
      if (cursor === '') return names.join('')
      await meanwhile.shift()?.()
    }
  }
  assert.equal(await walk('ascending'), 'abcyed')
  assert.equal(await walk('descending'), 'edycxb')
})

test('SCIM-167 SCIM-168 SCIM-169 a request without a cursor is answered by position, as is published', async (t) => {
  const scim = await openScim(t)
  await people(scim, 'abc')
  const page = (await list(scim, { count: '2' })).json
  assert.deepEqual([page['startIndex'], page['nextCursor']], [1, undefined])
  const { pagination } = (await scim.send('GET', '/ServiceProviderConfig')).json
  assert.deepEqual(pagination, {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: 100,
    maxPageSize: 1000,
    cursorTimeout: cursorLifetimeSeconds,
  })
})

test('SCIM-165 SCIM-166 SCIM-146 SCIM-171 a cursor is good for its walk alone, and its size stays', async (t) => {
  const scim = await openScim(t)
  await people(scim, 'abc')
  const cursor = nextOf((await list(scim, { cursor: '', count: '1', filter: 'userName pr' })).json)
  const walk = { cursor, count: '1', filter: 'userName pr' }
  assert.equal((await list(scim, walk)).status, 200)
  for (const parameters of [
    { ...walk, filter: 'title pr' },
    { ...walk, cursor: `${cursor}x` },
    { ...walk, cursor: `x${cursor}` },
    { ...walk, cursor: 'none' },
    { ...walk, sortBy: 'userName' },
  ])
    isError(await list(scim, parameters), 400, 'invalidCursor')
  isError(await scim.send('GET', `/Groups${query(walk)}`), 400, 'invalidCursor')
  const other = await scim.another()
  await created(other, '/Users', ada)
  isError(await list(other, walk), 400, 'invalidCursor')
  isError(await list(scim, { ...walk, count: '2' }), 400, 'invalidCount')
  isError(await list(scim, { cursor: '', count: '1001' }), 400, 'invalidCount')
  isError(await list(scim, { ...walk, count: 'x' }), 400, 'invalidValue')
  isError(await scim.send('GET', `/Users${query(walk)}`, { headers: { authorization: '' } }), 401)
})

test('SCIM-165 a cursor that is too old is refused as that', () => {
  const cursors = createCursors([new Uint8Array(32)])
  const made = new Date('2026-01-01T00:00:00Z')
  const after = (seconds: number) => new Date(made.getTime() + seconds * 1_000)
  const text = cursors.print({ next: 'x', count: 5 }, ['w'], made)
  assert.deepEqual(cursors.parse(text, ['w'], after(cursorLifetimeSeconds)), { next: 'x', count: 5 })
  assert.throws(
    () => cursors.parse(text, ['w'], after(cursorLifetimeSeconds + 1)),
    (error) => error instanceof DirectoryError && error.code === 'expiredCursor',
  )
})

test('SCIM-170 SCIM-172 a search in a body walks by cursor too, sorted where that is asked for', async (t) => {
  const scim = await openScim(t)
  await people(scim, 'bca')
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest']
  const names: unknown[] = []
  for (let cursor = '', pages = 0; pages < 3; pages++) {
    const body = { schemas, cursor, count: 1, sortBy: 'userName', sortOrder: 'descending' }
    const page = (await scim.send('POST', '/Users/.search', { body })).json
    names.push(...page.Resources.map((user) => user['userName']))
    cursor = nextOf(page)
    assert.equal(cursor === '', pages === 2)
  }
  assert.deepEqual(names, ['c@example.com', 'b@example.com', 'a@example.com'])
})
