import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created, openScim, patchOp, query, type Reply } from '../../../../tests/scim.ts'
import type { Json } from '../../../directory/json.ts'
import { plainIds } from '../ids.ts'
import { everything } from '../project.ts'
import { nestedGroupType } from '../schema/resource-type.ts'
import { bindGroups } from './groups.ts'
import { metaOf } from '../resource-text.ts'

const size = 1_100

/** A group of more people than one portion takes, and of two groups, over a connection of its own. */
async function openLarge(t: Parameters<typeof openScim>[0]) {
  const scim = await openScim(t)
  const members = []
  for (let index = 0; index < size; index++)
    members.push(
      scim.directory.addMember(scim.call(), {
        state: {
          userName: `p${index}`,
          externalId: undefined,
          displayName: `Person ${index}`,
          name: {},
          emails: [],
          roleIds: [],
          suspended: false,
          attributes: {},
        },
        as: 'active',
      }),
    )
  const people = (await Promise.all(members)).map(({ member }) => member.id).toSorted()
  const groups = [await created(scim, '/Groups', { displayName: 'A' }), await created(scim, '/Groups', { displayName: 'B' })]
  const id = await created(scim, '/Groups', { displayName: 'All', members: [...people, ...groups].map((value) => ({ value })) })
  const url = `${await scim.app.listen({ port: 0, host: '127.0.0.1' })}/scim/v2/Groups/${id}`
  const get = (search = '', headers: Readonly<Record<string, string>> = {}) =>
    fetch(url + search, { headers: { authorization: `Bearer ${scim.token}`, ...headers } })
  return { scim, id, get, people, groups }
}

const idsIn = (json: unknown) => (json as Reply['json']).members.map(({ value }) => value).toSorted()

test('a large group', async (t) => {
  const { scim, id, get, people, groups } = await openLarge(t)

  await t.test('is answered in portions, and says what a small one says', async () => {
    const response = await get()
    assert.equal(response.headers.get('transfer-encoding'), 'chunked')
    assert.equal(response.headers.get('etag'), 'W/"1"')
    assert.equal(response.headers.get('content-type'), 'application/scim+json')
    const group = await response.json()
    assert.deepEqual(idsIn(group), [...people, ...groups].toSorted())
    // A list is made at once.
    const listed = (await scim.send('GET', `/Groups${query({ filter: 'displayName eq "All"' })}`)).json.Resources[0]
    assert.deepEqual(JSON.parse(JSON.stringify(group).replaceAll(/"http:\/\/[^"]*\/scim\/v2/g, '"x')), {
      ...JSON.parse(JSON.stringify(listed).replaceAll(/"http:\/\/[^"]*\/scim\/v2/g, '"x')),
    })
    const named = (await (await get('?attributes=members.display')).json()) as Reply['json']
    assert.deepEqual(
      named.members.map((member) => Object.values(member).join()).toSorted(),
      [...people.map((_, index) => `Person ${index}`), 'A', 'B'].toSorted(),
    )
    const small = await get('?excludedAttributes=members')
    assert.equal(small.headers.get('transfer-encoding'), null)
    assert.equal(((await small.json()) as Reply['json']).members, undefined)
    assert.equal((await get('', { 'if-none-match': 'W/"1"' })).status, 304)
    assert.equal((await scim.send('GET', `/Groups/${id}?attributes=displayName`)).text.includes('members'), false)
  })

  await t.test('is that of one moment, however it changes while it is sent', async () => {
    const binding = bindGroups(scim.directory, {
      ids: plainIds,
      type: nestedGroupType,
      madeUp: 'refused',
      holding: 'peopleAndGroups',
    })
    const read = await binding.readLarge?.({ call: scim.call(), base: '', projection: everything }, id)
    assert.ok(read?.portions)
    const portions = read.portions[Symbol.asyncIterator]()
    const shown: Json[] = [...(await portions.next()).value]
    const [first = '', ...rest] = people
    const body = patchOp({ op: 'remove', path: 'members', value: rest.map((value) => ({ value })) })
    assert.equal((await scim.send('PATCH', `/Groups/${id}`, { body })).status, 204)
    for (let next = await portions.next(); !next.done; next = await portions.next()) shown.push(...next.value)
    assert.deepEqual(idsIn({ members: shown }), [...people, ...groups].toSorted())
    assert.equal(metaOf(read.resource, 'version'), 'W/"1"')
    const after = await get()
    assert.deepEqual([after.headers.get('etag'), after.headers.get('transfer-encoding')], ['W/"2"', null])
    assert.deepEqual(idsIn(await after.json()), [first, ...groups].toSorted())
  })
})
