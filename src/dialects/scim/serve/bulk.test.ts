import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ada, base, created, isError, openScim, patchOp, person, type Scim } from '../../../../tests/scim.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'

interface Result {
  readonly method: string
  readonly bulkId?: string
  readonly version?: string
  readonly location?: string
  readonly status: string
  readonly response?: Readonly<Record<string, unknown>>
}

const request = (operations: readonly object[], rest: object = {}) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  ...rest,
  Operations: operations,
})
const user = (bulkId: string, over: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { ...person(bulkId), ...over },
})
const group = (bulkId: string, members: readonly string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { displayName: bulkId, members: members.map((value) => ({ value })) },
})

async function bulk(scim: Pick<Scim, 'send'>, operations: readonly object[], rest: object = {}): Promise<readonly Result[]> {
  const reply = await scim.send('POST', '/Bulk', { body: request(operations, rest) })
  assert.equal(reply.status, 200, reply.text)
  assert.deepEqual(reply.json.schemas, ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'])
  return reply.json['Operations'] as readonly Result[]
}
const idOf = (result: Result | undefined) => result?.location?.split('/').at(-1) ?? ''
const statuses = (results: readonly Result[]) => results.map(({ status }) => status)

test('SCIM-136 SCIM-137 SCIM-142 every operation is done by itself and answered with its status', async (t) => {
  const scim = await openScim(t)
  const [a, b] = [await created(scim, '/Users', ada), await created(scim, '/Users', person('b'))]
  const results = await bulk(scim, [
    user('new'),
    { method: 'put', path: `/Users/${a}`, version: 'W/"1"', data: { ...ada, title: 'Countess' } },
    { method: 'PATCH', path: `Users/${b}`, data: patchOp({ op: 'replace', path: 'title', value: 'Duke' }) },
    { method: 'DELETE', path: `/Users/${b}`, version: 'W/"1"' },
    { method: 'DELETE', path: `/Users/${b}` },
    user('again', { userName: ada.userName }),
    { method: 'POST', path: '/Cars', bulkId: 'car', data: {} },
  ])
  assert.deepEqual(statuses(results), ['201', '200', '200', '412', '204', '409', '404'])
  const [first, second, third, fourth, , sixth] = results
  assert.deepEqual(first, {
    method: 'POST',
    bulkId: 'new',
    version: 'W/"1"',
    location: `${base}/Users/${idOf(first)}`,
    status: '201',
  })
  assert.deepEqual([second?.version, third?.version, third?.location], ['W/"2"', 'W/"2"', `${base}/Users/${b}`])
  assert.deepEqual([fourth?.location, fourth?.response?.['status']], [`${base}/Users/${b}`, '412'])
  assert.deepEqual([sixth?.location, sixth?.response?.['scimType']], [undefined, 'uniqueness'])
  assert.equal((await scim.send('GET', `/Users/${a}`)).json['title'], 'Countess')
  assert.equal((await scim.send('GET', `/Users/${b}`)).status, 404)
})

test('SCIM-137 SCIM-138 creations that follow each other are done together, and one that is refused is refused alone', async (t) => {
  const scim = await openScim(t)
  const many = Array.from({ length: 250 }, (_, index) => user(`n${index}`))
  const operations = many.with(120, user('second', { userName: person('n30').userName })).with(130, user('none', { emails: 1 }))
  const results = await bulk(scim, [...operations, group('team', ['bulkId:n7', 'bulkId:n249'])])
  const refused = results.flatMap(({ status, bulkId }) => (status === '201' ? [] : [[bulkId, status]]))
  assert.deepEqual(refused, [
    ['second', '409'],
    ['none', '400'],
  ])
  assert.deepEqual(
    results.map(({ bulkId }) => bulkId),
    [...operations.map(({ bulkId }) => bulkId), 'team'],
  )
  const byName = await scim.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${person('n30').userName}"`)}`)
  assert.deepEqual(
    byName.json.Resources.map(({ id }) => id),
    [idOf(results[30])],
  )
  assert.equal((await scim.send('GET', '/Users?count=0')).json.totalResults, 248)
  const { members } = (await scim.send('GET', `/Groups/${idOf(results.at(-1))}`)).json
  assert.deepEqual(members.map(({ value }) => value).toSorted(), [idOf(results[7]), idOf(results[249])].toSorted())
  const again = await bulk(scim, many.slice(0, 20), { failOnErrors: 3 })
  assert.deepEqual(statuses(again), ['409', '409', '409'])
})

test('SCIM-138 errors end a bulk only where that is asked for, and what was not reached is not answered', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  const same = (bulkId: string) => user(bulkId, { userName: ada.userName })
  assert.deepEqual(statuses(await bulk(scim, [same('x'), same('y'), user('a')])), ['409', '409', '201'])
  assert.deepEqual(statuses(await bulk(scim, [same('x'), user('b'), same('y'), user('c')], { failOnErrors: 2 })), [
    '409',
    '201',
    '409',
  ])
  assert.equal((await scim.send('GET', '/Users?filter=userName%20sw%20%22c%40%22')).json.totalResults, 0)
})

test('SCIM-139 SCIM-141 a bulkId stands for the id of what another operation creates, earlier or later, in whatever it says', async (t) => {
  const scim = await openScim(t)
  const results = await bulk(scim, [
    group('team', ['bulkId:ann', 'bulkId:bob']),
    user('ann', { [enterpriseUserSchema.id]: { manager: { value: 'bulkId:bob' } } }),
    user('bob'),
    { method: 'PATCH', path: '/Groups/bulkId:team', data: patchOp({ op: 'remove', path: 'members[value eq "bulkId:bob"]' }) },
  ])
  const made = new Map(results.map((result) => [result.bulkId, idOf(result)]))
  assert.deepEqual(statuses(results).toSorted(), ['200', '201', '201', '201'])
  const members = (await scim.send('GET', `/Groups/${made.get('team')}`)).json.members
  assert.deepEqual(
    members.map(({ value }) => value),
    [made.get('ann')],
  )
  const ann = (await scim.send('GET', `/Users/${made.get('ann')}`)).json
  assert.deepEqual(ann[enterpriseUserSchema.id], { manager: { value: made.get('bob') } })
})

test('SCIM-140 those that name each other are created and then completed', async (t) => {
  const scim = await openScim(t)
  const manager = (value: string) => ({ [enterpriseUserSchema.id]: { department: 'D', manager: { value } } })
  const results = await bulk(scim, [user('ann', manager('bulkId:bob')), user('bob', manager('bulkId:ann'))])
  assert.deepEqual(statuses(results), ['201', '201'])
  const [ann, bob] = results.map(idOf)
  const managerOf = async (id: string | undefined) =>
    Object((await scim.send('GET', `/Users/${id}`)).json[enterpriseUserSchema.id])
  assert.deepEqual(await managerOf(ann), { department: 'D', manager: { value: bob } })
  assert.deepEqual(await managerOf(bob), { department: 'D', manager: { value: ann } })
})

test('SCIM-140 a reference that nothing resolves is a conflict, and leaves nothing behind', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  const results = await bulk(scim, [
    group('team', ['bulkId:nobody']),
    user('ann', { [enterpriseUserSchema.id]: { manager: { value: 'bulkId:bob' } } }),
    user('bob', { userName: ada.userName, [enterpriseUserSchema.id]: { manager: { value: 'bulkId:ann' } } }),
  ])
  assert.deepEqual(statuses(results), ['409', '409', '409'])
  assert.equal((await scim.send('GET', '/Users')).json.totalResults, 1)
  assert.equal((await scim.send('GET', '/Groups')).json.totalResults, 0)
})

test('SCIM-143 more than is published is refused with the bound', async (t) => {
  const scim = await openScim(t)
  const { bulk: limits } = (await scim.send('GET', '/ServiceProviderConfig')).json
  assert.deepEqual(limits, { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 })
  const many = Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' }))
  const tooMany = await scim.send('POST', '/Bulk', { body: request(many) })
  isError(tooMany, 413)
  assert.match(String(tooMany.json['detail']), /1000/)
  isError(await scim.send('POST', '/Bulk', { body: request([user('a', { title: 'x'.repeat(1_048_576) })]) }), 413)
})

test('SCIM-136 what is no BulkRequest is refused as a whole', async (t) => {
  const scim = await openScim(t)
  for (const body of [
    {},
    { ...request([]), schemas: ['urn:x'] },
    request([{ method: 'GET', path: '/Users' }]),
    request([{ method: 'POST', path: '/Users', data: {} }]),
    request([{ method: 'POST', bulkId: 'x', data: {} }]),
    request([{ method: 'PUT', path: '/Users/x' }]),
    request(['x' as unknown as object]),
  ])
    isError(await scim.send('POST', '/Bulk', { body }), 400, 'invalidSyntax')
  isError(await scim.send('POST', '/Bulk', { body: request([], { failOnErrors: 0 }) }), 400, 'invalidValue')
  assert.deepEqual(await bulk(scim, []), [])
  isError(await scim.send('POST', '/Bulk', { body: request([]), headers: { authorization: '' } }), 401)
})

test('data however deep, and operations however many, end in an answer', async (t) => {
  const scim = await openScim(t)
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const body = JSON.stringify(request([{ method: 'PUT', path: '/Users/x', data: 'deep' }])).replace('"deep"', deep)
  const reply = await scim.send('POST', '/Bulk', { body })
  assert.ok(reply.status === 400 || reply.status === 200, reply.text)
  const chain = Array.from({ length: 1000 }, (_, index) => group(`g${index}`, [`bulkId:g${(index + 1) % 1000}`]))
  assert.ok(statuses(await bulk(scim, chain)).every((status) => status === '201' || status === '400' || status === '409'))
})
