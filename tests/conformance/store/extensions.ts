import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttributeInput } from '../../../src/directory/extension-attribute.ts'
import type { ExtensionInput } from '../../../src/directory/extension.ts'
import { DirectoryError } from '../../../src/directory/errors.ts'
import type { Call } from '../../../src/directory/call.ts'
import type { JsonObject } from '../../../src/directory/json.ts'
import { stateOf as changeable } from '../../../src/directory/membership.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'

const urn = 'urn:example:params:scim:schemas:extension:desk:2.0:User'
const desk = (attributes: readonly AttributeInput[], over: Partial<ExtensionInput> = {}): ExtensionInput => ({
  urn,
  name: 'Desk',
  attributes,
  ...over,
})
const badge: AttributeInput = { name: 'badge', uniqueness: 'server' }
const floor: AttributeInput = { name: 'floor', type: 'integer' }

const refusedAs =
  (refusal: string, message = /./) =>
  (error: unknown) =>
    error instanceof DirectoryError && error.refusal === refusal && message.test(error.message)

export function extensionConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const holding = (call: Call, userName: string, value: JsonObject) =>
    addMember(bench(), call, userName, { attributes: { [urn]: value } })
  const setTo = (call: Call, id: string, value: JsonObject | undefined) =>
    bench().directory.changeMember(call, {
      id,
      sessions: 'keep',
      change: (current) => ({ ...changeable(current), attributes: { ...current.attributes, [urn]: value } }),
    })

  test('an extension is kept whole, of its organization alone, and each change is counted there and leaves a fact', async () => {
    const { directory, organization, opened, otherDirectory } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const made = await directory.addExtension(call, desk([badge, { name: 'cars', type: 'complex', subAttributes: [floor] }]))
    assert.deepEqual(await otherDirectory.listExtensions(call, undefined), [made])
    assert.deepEqual(await directory.getExtension(call, { id: made.id }), made)
    assert.deepEqual(await directory.listExtensions(elsewhere, undefined), [])
    await assert.rejects(directory.getExtension(elsewhere, { id: made.id }), refusedAs('notFound'))
    await assert.rejects(directory.addExtension(call, desk([floor], { urn: urn.replace('desk', 'DESK') })), refusedAs('taken'))
    const changed = await directory.changeExtension(call, { id: made.id, ifVersion: 1, input: desk([badge, floor]) })
    assert.equal(changed.version, 2)
    await assert.rejects(directory.changeExtension(call, { id: made.id, ifVersion: 1, input: desk([floor]) }), refusedAs('stale'))
    assert.deepEqual(await directory.changeExtension(call, { id: made.id, input: desk([badge, floor]) }), changed)
    await directory.changeOrganization(call, { name: 'Renamed' })
    assert.equal((await directory.getOrganization(call, undefined)).extensionsRevision, 2)
    await directory.removeExtension(call, { id: made.id, values: 'refuse' })
    assert.equal((await directory.getOrganization(call, undefined)).extensionsRevision, 3)
    assert.equal((await directory.getOrganization(elsewhere, undefined)).extensionsRevision, undefined)
    const facts = await opened.store.read((reader) => reader.facts(call.organizationId, { about: made.id, limit: 10 }))
    assert.deepEqual(
      facts.map(({ action }) => action),
      ['extension.created', 'extension.changed', 'extension.removed'],
    )
  })

  test('who looks up a credential learns the revision of its organization with it', async () => {
    const { directory, organization, opened, otherDirectory } = bench()
    const call = await organization()
    const { credential } = await directory.createCredential(call, { kind: 'test', name: 'test', scopes: ['read'] })
    const look = async () =>
      (await opened.store.read((reader) => reader.credentialByIdentifier(credential.identifier)))?.extensionsRevision
    assert.equal(await look(), undefined)
    const { id } = await directory.addExtension(call, desk([badge]))
    assert.equal(await look(), 1)
    await otherDirectory.removeExtension(call, { id, values: 'refuse' })
    // With SQLite one process has the file, and looks again when it wrote something.
    await addMember(bench(), call, 'ada')
    assert.equal(await look(), 2)
  })

  test('a value that does not fit is refused whoever writes it, and so is one that somebody else has', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    await directory.addExtension(call, desk([badge, floor]))
    await holding(call, 'ada', { badge: 'B1', floor: 3 })
    await assert.rejects(holding(call, 'bob', { floor: '3' }), refusedAs('invalid', /:floor must be a whole number/))
    await assert.rejects(holding(call, 'bob', { flor: 3 }), refusedAs('invalid', /:flor is not defined/))
    await assert.rejects(holding(call, 'bob', {}), refusedAs('invalid'))
    await assert.rejects(
      addMember(bench(), call, 'bob', { attributes: { [urn.toUpperCase()]: { floor: 3 } } }),
      refusedAs('invalid', /Spell/),
    )
    await assert.rejects(holding(call, 'bob', { badge: 'b1' }), refusedAs('taken', /:badge/))
    const bob = await holding(call, 'bob', { badge: 'B2' })
    await assert.rejects(setTo(call, bob.id, { badge: 'B1' }), refusedAs('taken'))
    await setTo(call, bob.id, { badge: 'b2', floor: 1 })
    const [ada] = await directory.listMembers(call, { limit: 1 })
    assert.ok(ada)
    await directory.suspendMember(call, { id: ada.id, sessions: 'keep' })
    await setTo(call, ada.id, undefined)
    await setTo(call, bob.id, { badge: 'B1' })
    await directory.removeMember(call, { id: bob.id })
    await setTo(call, ada.id, { badge: 'B1' })
  })

  test('who has a unique text is found by it, in the form in which it is compared', async () => {
    const { directory, organization } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const cars: AttributeInput = {
      name: 'cars',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'plate', uniqueness: 'server', caseExact: true }],
    }
    for (const who of [call, elsewhere]) await directory.addExtension(who, desk([badge, floor, cars]))
    const ada = await holding(call, 'ada', { badge: 'Ä1', cars: [{ plate: 'X' }, { plate: 'Y' }] })
    const find = (attribute: string, value: string, who = call) => directory.findExtensionHolder(who, { urn, attribute, value })
    assert.equal(await find('badge', 'a\u0308\u0031'), ada.id)
    assert.equal(await find('cars.plate', 'Y'), ada.id)
    for (const [attribute, value] of [
      ['badge', 'Ä'],
      ['cars.plate', 'y'],
      ['floor', '1'],
      ['nothing', 'Ä1'],
    ] as const)
      assert.equal(await find(attribute, value), undefined, attribute)
    assert.equal(await find('badge', 'Ä1', elsewhere), undefined)
  })

  test('of ten at once that want one unique value, one has it', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    await directory.addExtension(call, desk([badge]))
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, number) => holding(call, `person${number}`, { badge: 'one' })),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('a definition fits the values that are there: what does not is refused, and says whose', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const early = await holding(call, 'early', { badge: 7 })
    await assert.rejects(directory.addExtension(call, desk([badge])), refusedAs('conflict', /early.*badge must be text/))
    assert.deepEqual(await directory.listExtensions(call, undefined), [])
    const odd = await addMember(bench(), call, 'odd', { attributes: { [urn.toUpperCase()]: 'nothing of ours' } })
    await setTo(call, early.id, { badge: '7', floor: 2 })
    const { id } = await directory.addExtension(call, desk([badge, floor]))
    await assert.rejects(holding(call, 'late', { badge: '7' }), refusedAs('taken'))
    await directory.suspendMember(call, { id: odd.id, sessions: 'keep' })
    const change = (attributes: readonly AttributeInput[]) => directory.changeExtension(call, { id, input: desk(attributes) })
    await assert.rejects(change([badge]), refusedAs('conflict', /floor is not defined/))
    await assert.rejects(change([badge, { name: 'floor' }]), refusedAs('conflict', /floor must be text/))
    await assert.rejects(change([badge, { ...floor, multiValued: true }]), refusedAs('conflict', /list/))
    assert.equal((await directory.getExtension(call, { id })).version, 1)
    await change([badge, { name: 'floor', type: 'decimal' }, { name: 'team' }])
    await holding(call, 'same', { badge: '8', team: 'Voice' })
    const late = await holding(call, 'late', { badge: '9', team: 'voice' })
    const unique: AttributeInput = { name: 'team', uniqueness: 'server' }
    await assert.rejects(change([badge, { name: 'floor', type: 'decimal' }, unique]), refusedAs('conflict', /late.*team/))
    await setTo(call, late.id, { badge: '9', team: 'Messaging' })
    await change([badge, { name: 'floor', type: 'decimal' }, unique])
    await assert.rejects(setTo(call, late.id, { badge: '9', team: 'voice' }), refusedAs('taken'))
    for (const input of [desk([badge], { urn: `${urn}s` }), desk([badge], { resourceType: 'Group' })])
      await assert.rejects(directory.changeExtension(call, { id, input }), refusedAs('readOnly'))
  })

  test('an extension with values goes only when asked for by name; they stay, and it can come back', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const { id } = await directory.addExtension(call, desk([badge]))
    const ada = await holding(call, 'ada', { badge: 'B1' })
    await assert.rejects(directory.removeExtension(call, { id, values: 'refuse' }), refusedAs('conflict', /ada/))
    await directory.removeExtension(call, { id, values: 'keep' })
    await setTo(call, ada.id, { badge: 'B1', anything: true })
    await assert.rejects(directory.addExtension(call, desk([badge])), refusedAs('conflict', /anything/))
    await setTo(call, ada.id, { badge: 'B1' })
    await directory.addExtension(call, desk([badge]))
    await assert.rejects(holding(call, 'bob', { badge: 'B1' }), refusedAs('taken'))
  })

  test('groups have extensions of their own', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const of = urn.replace('User', 'Group')
    const { id } = await directory.addExtension(call, desk([badge], { urn: of, resourceType: 'Group' }))
    const add = (displayName: string, value: JsonObject) =>
      directory.addGroup(call, {
        displayName,
        externalId: undefined,
        roleIds: [],
        attributes: { [of]: value },
        membershipIds: [],
      })
    const group = await add('One', { badge: 'B1' })
    await assert.rejects(add('Two', { badge: 'b1' }), refusedAs('taken', /Group/))
    await assert.rejects(add('Two', { badge: 1 }), refusedAs('invalid'))
    await assert.rejects(directory.removeExtension(call, { id, values: 'refuse' }), refusedAs('conflict', /One/))
    const two = await add('Two', { badge: 'B2' })
    await directory.removeGroup(call, { id: group.id })
    await directory.changeGroup(call, {
      id: two.id,
      changes: [{ kind: 'set', change: { attributes: { [of]: { badge: 'B1' } } } }],
    })
    await holding(call, 'ada', { badge: 1 })
  })
}
