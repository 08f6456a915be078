import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { birdOf, inviteUser, jane, openBird, walk, type BirdFace, type ShownMembership } from '../../../tests/bird.ts'

/** A face with members u1, u2, … in the order of their creation. */
async function populated(t: TestContext, count: number): Promise<{ face: BirdFace; ids: string[] }> {
  const face = await openBird(t)
  const ids: string[] = []
  for (let number = 1; number <= count; number++)
    ids.push(await inviteUser(face, { name: `User ${number}`, email: `u${number}@example.com` }))
  return { face, ids }
}
const idsOf = (results: readonly ShownMembership[]): string[] => results.map((membership) => membership.user.id)
const get = async (face: BirdFace, query = '') => (await face.send('GET', `${face.users}${query}`)).json

test('BIRD-01 the routes live under /organizations without a /v1, at the root of api.bird.com too', async (t) => {
  const { face } = await populated(t, 1)
  assert.equal((await face.send('GET', face.users)).status, 200)
  assert.equal((await face.send('GET', face.users.replace('/bird/', '/bird/v1/'))).status, 404)
  const atHost = await face.send('GET', face.users.replace('/bird', ''), { headers: { host: 'api.bird.com' } })
  assert.equal(atHost.json.results.length, 1)
})

test('BIRD-03 BIRD-07 an organization without members lists no results and an empty page token', async (t) => {
  assert.deepEqual(await get(await openBird(t)), { results: [], nextPageToken: '' })
})

test('BIRD-04 a list without limit has ten', async (t) => {
  const { face } = await populated(t, 11)
  const { results, nextPageToken } = await get(face)
  assert.equal(results.length, 10)
  assert.notEqual(nextPageToken, '')
})

test('BIRD-05 BIRD-Q03 limit is 1 to 100, and 422 with details beyond', async (t) => {
  const { face } = await populated(t, 2)
  assert.equal((await get(face, '?limit=1')).results.length, 1)
  assert.equal((await get(face, '?limit=100')).results.length, 2)
  for (const wrong of ['0', '101', '-1', 'ten', '1.5', '', '0x10']) {
    const { status, json } = await face.send('GET', `${face.users}?limit=${wrong}`)
    assert.equal(status, 422, wrong)
    assert.ok(Array.isArray(json.details.limit))
  }
})

test('BIRD-06 BIRD-63 BIRD-Q05 walking all pages shows each membership once, oldest first, without a total', async (t) => {
  const { face, ids } = await populated(t, 5)
  assert.deepEqual(idsOf(await walk(face)), ids)
  assert.deepEqual(Object.keys(await get(face)).toSorted(), ['nextPageToken', 'results'])
})

test('BIRD-06 who joins or leaves during a walk moves nobody else', async (t) => {
  const { face, ids } = await populated(t, 4)
  const first = await get(face, '?limit=2')
  await face.send('DELETE', `${face.users}/${ids[0]}`)
  await inviteUser(face, { name: 'Late', email: 'late@example.com' })
  const second = await get(face, `?limit=2&pageToken=${first.nextPageToken}`)
  assert.deepEqual(idsOf(second.results), ids.slice(2))
})

test('BIRD-08 reverse is false by default, and true reverses the whole walk exactly', async (t) => {
  const { face, ids } = await populated(t, 5)
  assert.deepEqual(idsOf(await walk(face, 'limit=2&reverse=false')), ids)
  assert.deepEqual(idsOf(await walk(face, 'limit=2&reverse=true')), ids.toReversed())
  assert.equal((await face.send('GET', `${face.users}?reverse=yes`)).status, 422)
})

test('BIRD-09 BIRD-10 preview shows previews without contact records, everything else whole users', async (t) => {
  const { face } = await populated(t, 1)
  const contact = ['emails', 'phoneNumbers', 'phoneNumber', 'identities', 'userFraudInformation']
  const [preview] = (await get(face, '?preview=true')).results
  assert.deepEqual(
    contact.filter((name) => name in preview.user),
    [],
  )
  assert.equal(preview.user.defaultEmail, 'u1@example.com')
  for (const query of ['', '?preview=false']) assert.ok('emails' in (await get(face, query)).results[0].user)
})

test('BIRD-11 BIRD-Q06 searchTerm finds part of a name or address, whatever its case', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const invited = await inviteUser(face, jane)
  await directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'aking',
      externalId: undefined,
      displayName: undefined,
      name: { givenName: 'Ada', familyName: 'King' },
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const [, ada] = idsOf((await get(face)).results)
  const found = async (term: string) => idsOf((await get(face, `?searchTerm=${encodeURIComponent(term)}`)).results)
  assert.deepEqual(await found('NE do'), [invited])
  assert.deepEqual(await found('jane@EX'), [invited])
  assert.deepEqual(await found('ada ki'), [ada])
  assert.deepEqual(await found('nobody'), [])
  assert.deepEqual(await found('%'), [])
})

test('BIRD-12 BIRD-Q03 userIds is repeated and finds those members alone; what is no UUID is 422', async (t) => {
  const { face, ids } = await populated(t, 3)
  const [a, , c] = ids
  assert.deepEqual(idsOf((await get(face, `?userIds=${a}&userIds=${c!.toUpperCase()}`)).results), [a, c])
  assert.deepEqual(idsOf((await get(face, `?userIds=${c}`)).results), [c])
  assert.deepEqual((await get(face, '?userIds=00000000-0000-4000-8000-000000000000')).results, [])
  for (const wrong of [`?userIds=${a},${c}`, '?userIds=x', '?userIds='])
    assert.ok((await face.send('GET', `${face.users}${wrong}`)).json.details.userIds)
  const many = Array.from({ length: 101 }, () => `userIds=${a}`).join('&')
  assert.equal((await face.send('GET', `${face.users}?${many}`)).status, 422)
})

test('BIRD-13 BIRD-Q07 email matches one registered address whole, whatever its case', async (t) => {
  const { face, ids } = await populated(t, 2)
  assert.deepEqual(idsOf((await get(face, '?email=U2%40Example.com')).results), [ids[1]])
  assert.deepEqual(await get(face, '?email=2%40example.com'), { results: [], nextPageToken: '' })
  assert.ok((await face.send('GET', `${face.users}?email=nothing`)).json.details.email)
})

test('BIRD-14 filters combine with each other and with paging, and a token remembers them', async (t) => {
  const { face, ids } = await populated(t, 5)
  const some = ids
    .slice(0, 4)
    .map((id) => `userIds=${id}`)
    .join('&')
  const query = `limit=1&reverse=true&preview=true&searchTerm=user&${some}`
  const walked = await walk(face, query)
  assert.deepEqual(idsOf(walked), ids.slice(0, 4).toReversed())
  assert.ok(walked.every((membership) => !('emails' in membership.user)))
  assert.deepEqual((await get(face, `?email=u5%40example.com&${some}`)).results, [])
  const { nextPageToken } = await get(face, '?limit=1&reverse=true')
  assert.equal((await face.send('GET', `${face.users}?pageToken=${nextPageToken}&reverse=true`)).status, 200)
  assert.equal((await face.send('GET', `${face.users}?pageToken=${nextPageToken}&reverse=false`)).status, 422)
})

test('BIRD-15 BIRD-52 an organization that is unknown, or another one, is 404 with code and message as texts', async (t) => {
  const face = await openBird(t)
  const other = birdOf(face.world, await face.world.another())
  for (const id of ['00000000-0000-4000-8000-000000000000', other.organizationId, 'x']) {
    const { status, json } = await face.send('GET', `/bird/organizations/${id}/users`)
    assert.equal(status, 404)
    assert.deepEqual(Object.keys(json), ['code', 'message'])
    assert.deepEqual([typeof json.code, typeof json.message], ['string', 'string'])
  }
})

test('BIRD-Q04 a page token that is changed, made up or another organization’s is 422', async (t) => {
  const { face } = await populated(t, 2)
  const other = birdOf(face.world, await face.world.another())
  const { nextPageToken } = await get(face, '?limit=1')
  const token = JSON.parse(Buffer.from(nextPageToken, 'base64url').toString())
  const altered = Buffer.from(JSON.stringify([token[0], { ...token[1], reverse: true }])).toString('base64url')
  for (const wrong of ['x', altered, Buffer.from('[1]').toString('base64url')])
    assert.ok((await face.send('GET', `${face.users}?pageToken=${wrong}`)).json.details.pageToken)
  assert.equal((await other.send('GET', `${other.users}?pageToken=${nextPageToken}`)).status, 422)
})

test('BIRD-P01 a page token is base64 of a JSON array', async (t) => {
  const { face } = await populated(t, 2)
  const { nextPageToken } = await get(face, '?limit=1')
  assert.ok(Array.isArray(JSON.parse(Buffer.from(nextPageToken, 'base64url').toString())))
})
