import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { ada, created, isError, openScim, person, query } from '../../../../tests/scim.ts'

test('SCIM-072 SCIM-094 a search over all types shows each, and what a type does not have has no value there', async (t) => {
  const scim = await openScim(t)
  const a = await created(scim, '/Users', ada)
  const b = await created(scim, '/Users', person('b'))
  const group = await created(scim, '/Groups', { displayName: 'Ada and others', members: [{ value: a }] })
  const search = async (parameters: Readonly<Record<string, string>>) => {
    const { json, status } = await scim.send('GET', `/${query(parameters)}`)
    assert.equal(status, 200)
    return [json.totalResults, json.Resources.map(({ id }) => id)]
  }
  assert.deepEqual(await search({}), [3, [a, b, group]])
  assert.deepEqual(await search({ filter: 'id pr' }), [3, [a, b, group]])
  assert.deepEqual(await search({ filter: 'displayName sw "Ada"' }), [3, [a, b, group]])
  assert.deepEqual(await search({ filter: 'userName eq "b@example.com" or members.value eq "x"' }), [1, [b]])
  assert.deepEqual(await search({ filter: 'not (userName pr)' }), [1, [group]])
  assert.deepEqual(await search({ filter: 'userName ne "b@example.com"' }), [2, [a, group]])
  assert.deepEqual(await search({ filter: 'members eq null and userName eq null' }), [0, []])
  assert.deepEqual(await search({ filter: 'emails[type eq "work"]' }), [2, [a, b]])
  assert.deepEqual(await search({ filter: 'meta.resourceType eq "Group"' }), [1, [group]])
  assert.deepEqual(await search({ startIndex: '2', count: '2' }), [3, [b, group]])
  assert.deepEqual(await search({ startIndex: '3', count: '5' }), [3, [group]])
  assert.deepEqual(await search({ startIndex: '9' }), [3, []])
  assert.deepEqual(await search({ count: '0' }), [3, []])
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: 'displayName co "others"',
    attributes: ['displayName'],
  }
  const posted = (await scim.send('POST', '/.search', { body })).json
  assert.deepEqual(
    posted.Resources.map(({ id, displayName }) => [id, displayName]),
    [[group, 'Ada and others']],
  )
  assert.deepEqual(Object.keys(posted.Resources[0] ?? {}).toSorted(), ['displayName', 'id', 'schemas'])
  isError(await scim.send('GET', `/${query({ filter: 'userName' })}`), 400, 'invalidFilter')
  isError(await scim.send('POST', '/.search', { body: {} }), 400, 'invalidSyntax')
  isError(await scim.send('GET', '/', { headers: { authorization: '' } }), 401)
})

test('SCIM-099 SCIM-101 a search over all types is in the order that is asked for, across them', async (t) => {
  const scim = await openScim(t)
  const add = (path: string, displayName: string) =>
    created(scim, path, path === '/Users' ? { ...person(displayName), displayName } : { displayName })
  await add('/Groups', 'b')
  await add('/Users', 'C')
  await add('/Groups', '\u{1F600}')
  await add('/Users', 'a')
  await add('/Users', '\uFF5E')
  await created(scim, '/Users', { ...person('none'), displayName: undefined })
  const search = async (parameters: Readonly<Record<string, string>>) => {
    const { json, status, text } = await scim.send('GET', `/${query(parameters)}`)
    assert.equal(status, 200, text)
    return [
      json.totalResults,
      json.Resources.map(({ displayName }) => (typeof displayName === 'string' ? displayName : '-')).join(' '),
    ]
  }
  assert.deepEqual(await search({ sortBy: 'displayName' }), [6, 'a b C \uFF5E \u{1F600} -'])
  assert.deepEqual(await search({ sortBy: 'displayName', sortOrder: 'descending' }), [6, '- \u{1F600} \uFF5E C b a'])
  assert.deepEqual(await search({ sortBy: 'displayName', startIndex: '2', count: '2' }), [6, 'b C'])
  assert.deepEqual(await search({ sortBy: 'displayName', startIndex: '5', count: '5' }), [6, '\u{1F600} -'])
  assert.deepEqual(await search({ sortBy: 'displayName', startIndex: '9', count: '5' }), [6, ''])
  assert.deepEqual(await search({ sortBy: 'meta.created', count: '3' }), [6, 'b C \u{1F600}'])
  assert.deepEqual(await search({ sortBy: 'userName', count: '3' }), [6, 'a C -'])
  assert.deepEqual(await search({ sortBy: 'userName', sortOrder: 'descending', count: '3' }), [6, 'b \u{1F600} \uFF5E'])
  assert.deepEqual(await search({ sortBy: `${enterpriseUserSchema.id}:department`, filter: 'displayName sw "a"' }), [1, 'a'])
  isError(await scim.send('GET', `/${query({ sortBy: 'name' })}`), 400, 'invalidValue')
})

test('SCIM-073 a sorted search over all types that reaches too far is refused as tooMany', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  const search = (parameters: Readonly<Record<string, string>>) =>
    scim.send('GET', `/${query({ sortBy: 'displayName', ...parameters })}`)
  assert.equal((await search({ startIndex: '901', count: '100' })).status, 200)
  isError(await search({ startIndex: '902', count: '100' }), 400, 'tooMany')
  assert.deepEqual((await search({ startIndex: '2000', count: '0' })).json.totalResults, 1)
  assert.equal((await scim.send('GET', `/${query({ startIndex: '902', count: '100' })}`)).status, 200)
})
