import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import { ConfigError, DirectoryError } from '../../../src/directory/errors.ts'
import { emptyChain } from '../../../src/directory/fact.ts'
import { addMember, stateOf, useBench, type CreateDatabase } from './bench.ts'

export function factConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const withKey = (call: Call, key: string, fingerprint = 'f'): Call => ({ ...call, idempotency: { key, fingerprint } })

  test('an empty chain has sequence 0 and a hash of zeros', async () => {
    const { opened } = bench()
    assert.deepEqual(await opened.store.read((reader) => reader.chainHead('nobody')), emptyChain)
  })

  test('facts come back as they were appended, in order, and page by sequence', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const detail = { b: 1, a: { nested: ['ä', null, 1.5, true] }, empty: {} }
    for (const sequence of [2, 3])
      await opened.store.write(call.organizationId, async (tx) => {
        const { hash } = await tx.chainHead(call.organizationId)
        const fact = {
          organizationId: call.organizationId,
          sequence,
          at: call.now,
          actor: 'a',
          via: 'v',
          requestId: 'r',
          action: 'role.created',
          subject: 's',
          detail,
        } as const
        await tx.appendFacts([{ ...fact, previousHash: hash, hash: `hash ${sequence}` }])
      })
    const facts = await directory.listFacts(call, { limit: 10 })
    assert.deepEqual(
      facts.map(({ sequence }) => sequence),
      [1, 2, 3],
    )
    assert.deepEqual(facts[1]?.detail, detail)
    assert.equal(facts[2]?.previousHash, 'hash 2')
    assert.deepEqual(facts[1]?.at, call.now)
    assert.deepEqual(
      (await directory.listFacts(call, { after: 1, limit: 1 })).map(({ sequence }) => sequence),
      [2],
    )
    assert.deepEqual(await directory.chainHead(call, undefined), { sequence: 3, hash: 'hash 3' })
  })

  test('a fact that was changed, removed or cut off in the database is named', async () => {
    const { directory, database, organization } = bench()
    const call = await organization()
    for (const name of ['a', 'b', 'c', 'd']) await addMember(bench(), call, name)
    const owned = `organization_id = '${call.organizationId}'`
    assert.deepEqual(await directory.verifyFacts(call, undefined), {
      intact: true,
      head: await directory.chainHead(call, undefined),
    })
    await database.execute(`delete from facts where ${owned} and sequence = 5`)
    assert.equal(badFact(await directory.verifyFacts(call, undefined)), 5)
    await database.execute(`delete from facts where ${owned} and sequence = 4`)
    await database.execute(`update facts set actor = 'somebody else' where ${owned} and sequence = 3`)
    assert.equal(badFact(await directory.verifyFacts(call, undefined)), 3)
    await database.execute(`delete from facts where ${owned} and sequence = 2`)
    assert.equal(badFact(await directory.verifyFacts(call, undefined)), 2)
  })

  test('checkpoints come back in order, none is written twice, and each stays with its organization', async () => {
    const { opened, organization } = bench()
    const [{ organizationId }, foreign] = [await organization(), await organization()]
    const { ledger } = opened
    const checkpoints = [1, 2, 3].map((number) => ({ organizationId, number, sequence: number * 5, text: `text ${number}` }))
    for (const checkpoint of checkpoints) await ledger.write(organizationId, (tx) => tx.addCheckpoint(checkpoint))
    assert.deepEqual(await ledger.read((tx) => tx.checkpoints(organizationId, { after: 1, limit: 1 })), [checkpoints[1]])
    assert.deepEqual(await ledger.read((tx) => tx.checkpoints(organizationId, { after: 0, limit: 10 })), checkpoints)
    assert.deepEqual(await ledger.read((tx) => tx.latestCheckpoint(organizationId)), checkpoints[2])
    assert.equal(await ledger.read((tx) => tx.latestCheckpoint(foreign.organizationId)), undefined)
    await assert.rejects(ledger.write(organizationId, (tx) => tx.addCheckpoint({ ...checkpoints[0]!, text: 'another' })))
  })

  test('a sequence cannot be written twice', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const [fact] = await directory.listFacts(call, { limit: 1 })
    assert.ok(fact)
    await assert.rejects(opened.store.write(call.organizationId, (tx) => tx.appendFacts([{ ...fact, actor: 'forger' }])))
    assert.deepEqual(await directory.listFacts(call, { limit: 10 }), [fact])
  })

  test('a repetition under an idempotency key answers what was answered first, dates and all, and adds nothing', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = withKey(await organization(), 'k')
    const input = {
      state: stateOf('ada', { attributes: { $date: 5, $object: { $date: 'x' }, none: null } }),
      as: 'active',
    } as const
    const first = await directory.addMember(call, input)
    const second = await otherDirectory.addMember(call, input)
    assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(first)))
    assert.ok(second.member.createdAt instanceof Date)
    assert.deepEqual(second.member.createdAt, first.member.createdAt)
    assert.equal(await directory.countMembers(call, {}), 1)
  })

  test('ten requests under one idempotency key at once are one', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = withKey(await organization(), 'k')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? directory : otherDirectory).createWorkspace(call, { name: 'Support' }),
      ),
    )
    assert.equal(new Set(answers.map(({ id }) => id)).size, 1)
    assert.equal((await directory.listWorkspaces(call, undefined)).length, 1)
  })

  test('a key belongs to its actor, its organization and its request', async () => {
    const { directory, organization } = bench()
    const [call, elsewhere] = [withKey(await organization(), 'k'), withKey(await organization(), 'k')]
    const one = await directory.createWorkspace(call, { name: 'One' })
    const others = [
      await directory.createWorkspace({ ...call, actor: 'other' }, { name: 'One' }),
      await directory.createWorkspace(elsewhere, { name: 'One' }),
    ]
    assert.equal(new Set([one, ...others].map(({ id }) => id)).size, 3)
    await assert.rejects(
      directory.createWorkspace(withKey(call, 'k', 'another request'), { name: 'Two' }),
      (error) => error instanceof DirectoryError && error.refusal === 'keyReused',
    )
  })

  test('an answer is kept for 24 hours and then taken away', async () => {
    const { directory, database, organization } = bench()
    const call = withKey(await organization(), 'k'.repeat(10_000))
    const first = await directory.createWorkspace(call, { name: 'One' })
    const later = (hours: number): Call => ({ ...call, now: new Date(call.now.getTime() + hours * 3_600_000) })
    assert.equal((await directory.createWorkspace(later(23.9), { name: 'One' })).id, first.id)
    assert.notEqual((await directory.createWorkspace(later(24.1), { name: 'One' })).id, first.id)
    await directory.createWorkspace(withKey(later(60), 'other'), { name: 'Two' })
    const rows = await database.execute(`select 1 from saved_results where organization_id = '${call.organizationId}'`)
    assert.equal(rows.length, 1)
  })

  test('a saved answer opens only where it was saved', async () => {
    const { directory, database, organization } = bench()
    const call = withKey(await organization(), 'k')
    await directory.createWorkspace(call, { name: 'One' })
    await database.execute(`update saved_results set actor = 'thief' where organization_id = '${call.organizationId}'`)
    await assert.rejects(directory.createWorkspace({ ...call, actor: 'thief' }, { name: 'One' }), ConfigError)
  })

  test('a secret in a saved answer is not readable in the database', async () => {
    const { directory, database, organization } = bench()
    const call = withKey(await organization(), 'k')
    const issued = await directory.createCredential(call, { kind: 'native', name: 'Key', scopes: ['read'] })
    assert.equal(
      (await directory.createCredential(call, { kind: 'native', name: 'Key', scopes: ['read'] })).secret,
      issued.secret,
    )
    for (const table of ['saved_results', 'credentials', 'facts']) {
      const rows = await database.execute(`select * from ${table}`)
      assert.ok(rows.length > 0)
      assert.ok(!JSON.stringify(rows).includes(issued.secret), table)
    }
  })
}

function badFact(verdict: { readonly intact: true } | { readonly intact: false; readonly sequence: number }): number | undefined {
  return verdict.intact ? undefined : verdict.sequence
}
