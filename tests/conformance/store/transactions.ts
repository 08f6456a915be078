import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DirectoryError } from '../../../src/directory/errors.ts'
import type { Writer } from '../../../src/directory/store.ts'
import { verifyChain } from '../../../src/directory/fact.ts'
import { addMember, stateOf, useBench, type CreateDatabase } from './bench.ts'

const refusal = (name: string, field?: string) => (error: unknown) =>
  error instanceof DirectoryError && error.refusal === name && (field === undefined || error.field === field)

export function transactionConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('of ten creations of one userName at once, through two processes and in every case, one wins', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = await organization()
    const attempts = Array.from({ length: 10 }, (_, index) =>
      (index % 2 ? directory : otherDirectory).addMember(call, {
        state: stateOf(index % 3 ? 'Zoë@Example.com' : 'zoë@example.COM'),
        as: 'active',
      }),
    )
    const settled = await Promise.allSettled(attempts)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of settled)
      if (outcome.status === 'rejected') assert.ok(refusal('taken', 'userName')(outcome.reason), String(outcome.reason))
    assert.equal(await directory.countMembers(call, {}), 1)
  })

  test('of twenty additions to a group at once, through two processes, all are kept', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = await organization()
    const members = await Promise.all(Array.from({ length: 20 }, (_, index) => addMember(bench(), call, `member${index}`)))
    const group = await directory.addGroup(call, {
      displayName: 'All',
      externalId: undefined,
      roleIds: [],
      attributes: {},
      membershipIds: [],
    })
    await Promise.all(
      members.map(({ id }, index) =>
        (index % 2 ? directory : otherDirectory).changeGroup(call, {
          id: group.id,
          changes: [{ kind: 'addMembers', membershipIds: [id] }],
        }),
      ),
    )
    const kept = await directory.listGroupMembers(call, { id: group.id, limit: 100 })
    assert.deepEqual(
      kept.map(({ membershipId }) => membershipId),
      members.map(({ id }) => id).toSorted(),
    )
    assert.equal((await directory.getGroup(call, { id: group.id })).version, 21)
  })

  test('facts of forty commands at once, through two processes, make one chain without a gap', async () => {
    const { opened, directory, otherDirectory, organization } = bench()
    const call = await organization()
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? directory : otherDirectory).addMember(call, { state: stateOf(`m${index}`), as: 'active' }),
      ),
    )
    const head = await directory.chainHead(call, undefined)
    assert.equal(head.sequence, 41)
    const facts = await opened.store.read((reader) => reader.facts(call.organizationId, { limit: 100 }))
    assert.deepEqual(await verifyChain(facts, head), { intact: true, head })
  })

  test('a work that throws leaves nothing behind', async () => {
    const { opened, directory, organization, newId } = bench()
    const call = await organization()
    const member = await addMember(bench(), call, 'ada')
    const before = await directory.chainHead(call, undefined)
    const failed = opened.store.write(call.organizationId, async (tx) => {
      await tx.putMembership({ ...member, id: newId(), userName: 'gone' })
      await tx.removeMembership(member, call.now)
      await tx.saveResult(call.organizationId, 'test', 'key', { fingerprint: 'f', result: 1, at: call.now })
      throw new Error('stop')
    })
    await assert.rejects(failed, /^Error: stop$/)
    assert.equal((await directory.getMember(call, { id: member.id })).userName, 'ada')
    assert.equal(await directory.countMembers(call, {}), 1)
    assert.deepEqual(await directory.chainHead(call, undefined), before)
    assert.equal(
      await opened.store.write(call.organizationId, (tx) => tx.savedResult(call.organizationId, 'test', 'key', call.now)),
      undefined,
    )
  })

  test('a work that throws takes nothing of its neighbours along', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const works = Array.from({ length: 12 }, (_, index) =>
      index % 3 === 0
        ? opened.store.write(call.organizationId, async (tx) => {
            await tx.putPerson({ id: `p${index}`, createdAt: call.now })
            throw new Error('stop')
          })
        : directory.addMember(call, { state: stateOf(`kept${index}`), as: 'active' }),
    )
    const settled = await Promise.allSettled(works)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 8)
    assert.equal(await directory.countMembers(call, {}), 8)
  })

  test('a work that swallows a failed statement fails, and leaves nothing behind', async () => {
    const { opened, directory, organization, newId } = bench()
    const call = await organization()
    const member = await addMember(bench(), call, 'ada')
    const swallowed = opened.store.write(call.organizationId, async (tx) => {
      await tx.putMembership({ ...member, id: newId(), userName: 'grace' })
      await tx.putMembership({ ...member, id: newId(), userName: 'ADA' }).catch(() => {})
    })
    await assert.rejects(swallowed, refusal('taken', 'userName'))
    assert.equal(await directory.countMembers(call, {}), 1)
  })

  test('what was not committed is seen inside the work alone, and a reader is not held up', async () => {
    const { opened, other, organization, newId } = bench()
    const call = await organization()
    const member = await addMember(bench(), call, 'ada')
    const id = newId()
    await opened.store.write(call.organizationId, async (tx) => {
      await tx.putMembership({ ...member, id, userName: 'grace' })
      assert.equal((await tx.membership(call.organizationId, id))?.userName, 'grace')
      for (const { store } of [opened, other])
        assert.equal(await store.read((reader) => reader.membership(call.organizationId, id)), undefined)
    })
    // The other one stands for another process, which reads in a turn of its own.
    await nextTurn()
    for (const { store } of [opened, other])
      assert.equal((await store.read((reader) => reader.membership(call.organizationId, id)))?.userName, 'grace')
  })

  test('what a work read still stands when it writes', async () => {
    const { opened, other, organization } = bench()
    const call = await organization()
    const member = await addMember(bench(), call, 'ada')
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? opened : other).store.write(call.organizationId, async (tx) => {
          const current = await tx.membership(call.organizationId, member.id)
          assert.ok(current)
          await tx.putMembership({ ...current, version: current.version + 1 })
        }),
      ),
    )
    assert.equal((await opened.store.read((reader) => reader.membership(call.organizationId, member.id)))?.version, 21)
  })

  test('a transaction that is used after its end throws', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    let kept: Writer | undefined
    await opened.store.write(call.organizationId, async (tx) => void (kept = tx))
    await assert.rejects(async () => kept?.putPerson({ id: 'late', createdAt: call.now }), TypeError)
  })

  test('listeners hear of an organization once per commit that appended facts, and of no other', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const heard: string[] = []
    opened.onFacts((id) => heard.push(id))
    const member = await addMember(bench(), call, 'ada')
    assert.deepEqual(heard, [call.organizationId])
    await directory.resumeMember(call, { id: member.id })
    await assert.rejects(addMember(bench(), call, 'ADA'))
    assert.deepEqual(heard, [call.organizationId])
    await directory.suspendMember(call, { id: member.id, sessions: 'end' })
    assert.deepEqual(heard, [call.organizationId, call.organizationId])
  })

  test('text that one of the databases could not keep is refused', async () => {
    const { organization, directory } = bench()
    const call = await organization()
    for (const text of ['nul\0', 'half\ud800']) {
      await assert.rejects(addMember(bench(), call, text), refusal('invalid'))
      await assert.rejects(addMember(bench(), call, 'ada', { attributes: { nested: [{ title: text }] } }), refusal('invalid'))
      await assert.rejects(addMember(bench(), call, 'ada', { attributes: { [text]: 1 } }), refusal('invalid'))
      await assert.rejects(directory.getMember(call, { id: text }), refusal('invalid'))
    }
    assert.equal(await directory.countMembers(call, {}), 0)
  })

  test('a closed store refuses as unavailable', async () => {
    const database = await create()
    const { openStore } = await import('../../../src/store/open.ts')
    const opened = await openStore({ database: database.location, sealer: { seal: (text) => text, open: (text) => text } })
    await opened.check()
    await opened.close()
    await opened.close()
    await assert.rejects(
      opened.store.read((reader) => reader.organization('x')),
      refusal('unavailable'),
    )
    await assert.rejects(
      opened.store.write('x', (tx) => tx.organization('x')),
      refusal('unavailable'),
    )
    await assert.rejects(opened.check(), refusal('unavailable'))
    await database.drop()
  })
}
