import assert from 'node:assert/strict'
import { test } from 'node:test'
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
