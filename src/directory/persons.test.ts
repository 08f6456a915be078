import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld } from '../../tests/world.ts'
import { emailOf, type MemberState } from './membership.ts'

const ada: MemberState = {
  userName: 'ada',
  externalId: 'x',
  displayName: 'Ada King',
  name: { givenName: 'Ada' },
  emails: [{ value: 'private@example.com' }, { value: 'ada@example.com', primary: true }],
  roleIds: [],
  suspended: false,
  attributes: { title: 'Countess' },
}

test('a person who accepted elsewhere is added with their name and address, and nothing else of that organization', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const there = world.call({ organizationId: (await world.another())['organization']?.['id'] ?? '' })
  const { member } = await directory.addMember(there, { state: ada, as: 'active' })
  const added = await directory.addPerson(world.call(), { personId: member.personId, change: (known) => known })
  assert.deepEqual([added.personId, added.status, added.organizationId], [member.personId, 'active', world.organizationId])
  assert.notEqual(added.id, member.id)
  assert.deepEqual(
    [added.displayName, added.name, emailOf(added), added.emails.length],
    ['Ada King', ada.name, 'ada@example.com', 1],
  )
  assert.deepEqual([added.externalId, added.attributes], [undefined, {}])
  assert.deepEqual(await directory.findMemberByPerson(world.call(), { personId: member.personId }), added)
  const facts = await directory.listFacts(world.call(), { limit: 100 })
  assert.deepEqual([facts.at(-1)?.action, facts.at(-1)?.subject], ['member.added', added.id])
  await assert.rejects(directory.addPerson(world.call(), { personId: member.personId, change: (known) => known }), {
    refusal: 'taken',
  })
})

test('nobody is added who is unknown, who never accepted, or whose address a member has', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const there = world.call({ organizationId: (await world.another())['organization']?.['id'] ?? '' })
  const { member: invited } = await directory.addMember(there, { state: { ...ada, userName: 'i', emails: [] }, as: 'invited' })
  const { member } = await directory.addMember(there, { state: ada, as: 'active' })
  await directory.addMember(world.call(), { state: { ...ada, userName: 'other' }, as: 'active' })
  const add = (personId: string) => directory.addPerson(world.call(), { personId, change: (known) => known })
  await assert.rejects(add('00000000-0000-4000-8000-000000000000'), { refusal: 'notFound' })
  await assert.rejects(add(invited.personId), { refusal: 'notFound' })
  await assert.rejects(add(member.personId), { refusal: 'taken', field: 'emails' })
})

test('who was a member here before is known by their user name', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await directory.addMember(world.call(), { state: { ...ada, userName: 'ada@example.com' }, as: 'active' })
  await directory.removeMember(world.call(), { id: member.id })
  const added = await directory.addPerson(world.call(), { personId: member.personId, change: (known) => known })
  assert.deepEqual([added.userName, emailOf(added), added.externalId], ['ada@example.com', 'ada@example.com', undefined])
})
