import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, Place, Placed } from '../../../src/directory/condition.ts'
import type { Resource } from '../../../src/directory/resource.ts'
import { DirectoryError } from '../../../src/directory/errors.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'

const refusedAs = (refusal: string) => (error: unknown) => error instanceof DirectoryError && error.refusal === refusal
const byText = (value: string) => [{ name: 'code', value }]

export function resourceConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('a resource is kept whole, among those of its kind and organization alone', async () => {
    const { directory, organization } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const content = { code: 'Ä1', list: [{ value: 'x' }], nested: { number: 1.5, flag: false } }
    const made = await directory.addResource(call, { kind: 'Car', content, keys: byText('ä1') })
    assert.deepEqual(await directory.getResource(call, { kind: 'Car', id: made.id }), made)
    assert.deepEqual(made.content, content)
    for (const [who, kind] of [
      [call, 'Bus'],
      [elsewhere, 'Car'],
    ] as const) {
      await assert.rejects(directory.getResource(who, { kind, id: made.id }), refusedAs('notFound'))
      assert.deepEqual(await directory.listResources(who, { kind, limit: 10 }), [])
      assert.equal(await directory.countResources(who, { kind }), 0)
      await directory.addResource(who, { kind, content, keys: byText('ä1') })
    }
    await directory.removeResource(call, { kind: 'Car', id: made.id })
    await assert.rejects(directory.getResource(call, { kind: 'Car', id: made.id }), refusedAs('notFound'))
  })

  test('of one key there is one resource, and a key that is let go is free', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const add = (code: string) => directory.addResource(call, { kind: 'Car', content: { code }, keys: byText(code) })
    const [one, two] = [await add('a'), await add('b')]
    await assert.rejects(add('a'), refusedAs('taken'))
    const change = (id: string, code: string) =>
      directory.changeResource(call, { kind: 'Car', id, change: () => ({ content: { code }, keys: byText(code) }) })
    await assert.rejects(change(two.id, 'a'), refusedAs('taken'))
    assert.equal((await change(one.id, 'a')).version, 1)
    assert.equal((await change(one.id, 'c')).version, 2)
    assert.equal((await change(two.id, 'a')).version, 2)
    await directory.removeResource(call, { kind: 'Car', id: two.id })
    await add('a')
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => add('race')))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('a change names the version that it was made for, and leaves a fact', async () => {
    const { directory, organization, opened } = bench()
    const call = await organization()
    const { id } = await directory.addResource(call, { kind: 'Car', content: { a: 1 }, keys: [] })
    const change = (ifVersion: number, a: number) =>
      directory.changeResource(call, { kind: 'Car', id, ifVersion, change: () => ({ content: { a }, keys: [] }) })
    await change(1, 2)
    await assert.rejects(change(1, 3), refusedAs('stale'))
    await assert.rejects(directory.removeResource(call, { kind: 'Car', id, ifVersion: 1 }), refusedAs('stale'))
    await directory.removeResource(call, { kind: 'Car', id, ifVersion: 2 })
    const facts = await opened.store.read((reader) => reader.facts(call.organizationId, { about: id, limit: 10 }))
    assert.deepEqual(
      facts.map(({ action }) => action),
      ['resource.created', 'resource.changed', 'resource.removed'],
    )
  })

  test('a list is narrowed by what its resources say', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    for (const number of [1, 2, 3]) await directory.addResource(call, { kind: 'Car', content: { number, id: 'x' }, keys: [] })
    const where = {
      kind: 'compare',
      attribute: { names: ['attributes', 'number'] },
      operator: 'ge',
      value: { type: 'number', value: 2 },
    } as const
    const found = await directory.listResources(call, { kind: 'Car', where, limit: 10 })
    assert.deepEqual(
      found.map(({ content }) => content['number']),
      [2, 3],
    )
    assert.equal(await directory.countResources(call, { kind: 'Car', where }), 2)
    const [, second] = found
    assert.deepEqual(await directory.listResources(call, { kind: 'Car', after: found[0]?.id, limit: 10 }), [second])
  })

  test('a list is in the order of any value, what has none last upwards and first downwards', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const contents = [
      { name: 'b', number: 10, list: [{ value: 'z' }, { value: 'a', primary: true }] },
      { name: 'C', number: 9, list: [{ value: 'b' }, { value: 'a' }] },
      { name: 'a', flag: true, at: '2026-01-01T00:00:00+02:00' },
      { number: -1, at: '2025-12-31T23:00:00Z', flag: false },
    ]
    for (const [index, content] of contents.entries())
      await directory.addResource(call, { kind: 'Car', content: { ...content, index }, keys: [] })
    const inOrder = async (order: Order) => {
      const indexOf = ({ item }: Placed<Resource>) => item.content['index']
      const whole = (await directory.listResourcesInOrder(call, { kind: 'Car', order, limit: 10 })).map(indexOf)
      const walked: unknown[] = []
      for (let behind: Place | undefined; ;) {
        const [next] = await directory.listResourcesInOrder(call, { kind: 'Car', order, behind, limit: 1 })
        if (!next) break
        walked.push(indexOf(next))
        behind = next.place
      }
      assert.deepEqual(walked, whole)
      return whole
    }
    const by = (name: string, kind: Order['by'], direction: Order['direction'] = 'up'): Order => ({
      attribute: { names: ['attributes', name] },
      by: kind,
      direction,
    })
    const list = { names: ['attributes', 'list', 'value'], listAt: 1 }
    assert.deepEqual(await inOrder(by('name', 'folded')), [2, 0, 1, 3])
    assert.deepEqual(await inOrder(by('name', 'text')), [1, 2, 0, 3])
    assert.deepEqual(await inOrder(by('name', 'folded', 'down')), [3, 1, 0, 2])
    assert.deepEqual(await inOrder(by('number', 'number')), [3, 1, 0, 2])
    assert.deepEqual(await inOrder(by('at', 'dateTime', 'down')), [0, 1, 3, 2])
    assert.deepEqual(await inOrder(by('flag', 'boolean')), [3, 2, 0, 1])
    assert.deepEqual(await inOrder({ attribute: list, by: 'folded', direction: 'up' }), [0, 1, 2, 3])
    assert.deepEqual(await inOrder({ attribute: list, by: 'folded', direction: 'down' }), [2, 3, 1, 0])
    assert.deepEqual(await inOrder({ attribute: { names: ['createdAt'] }, by: 'dateTime', direction: 'up' }), [0, 1, 2, 3])
  })

  test('people and groups are in the order of a column, by position too', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    for (const name of ['c', 'A', 'b']) await addMember(bench(), call, `${name}@example.com`)
    for (const displayName of ['c', 'A', 'b'])
      await directory.addGroup(call, { displayName, externalId: undefined, roleIds: [], attributes: {}, membershipIds: [] })
    const order = (name: string, direction: Order['direction']): Order => ({
      attribute: { names: [name] },
      by: 'folded',
      direction,
    })
    const people = await directory.listMembersInOrder(call, { order: order('userName', 'up'), offset: 1, limit: 5 })
    assert.deepEqual(
      people.map(({ item, place }) => [item.userName, place.value]),
      [
        ['b@example.com', 'b@example.com'],
        ['c@example.com', 'c@example.com'],
      ],
    )
    const groups = await directory.listGroupsInOrder(call, { order: order('displayName', 'down'), offset: 0, limit: 2 })
    assert.deepEqual(
      groups.map(({ item }) => item.displayName),
      ['c', 'b'],
    )
    const active = { attribute: { names: ['active'] }, by: 'boolean', direction: 'down' } as const
    const [first] = await directory.listMembersInOrder(call, { order: active, limit: 1 })
    const where = { kind: 'not', of: { kind: 'never' } } as const
    assert.equal((await directory.listMembersInOrder(call, { order: active, where, behind: first?.place, limit: 5 })).length, 2)
    const members = { attribute: { names: ['members', 'value'], listAt: 0 }, by: 'text', direction: 'up' } as const
    const [unsorted] = await directory.listGroupsInOrder(call, { order: members, limit: 1 })
    assert.equal((await directory.listGroupsInOrder(call, { order: members, behind: unsorted?.place, limit: 5 })).length, 2)
  })
}
