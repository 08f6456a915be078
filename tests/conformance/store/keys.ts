import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rotation } from '../../../src/sync/keys/rotation.ts'
import { useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const at = new Date('2026-03-01T10:20:30.456Z')

export function keyConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('rotations come back as they were put, the open one by its connection, and go with it', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const [connection, other] = [connectionOf(bench(), call), connectionOf(bench(), call)]
    const rotationOf = (connectionId: string, state: Rotation['state']): Rotation => ({
      id: newId(),
      organizationId,
      connectionId,
      state,
      version: 3,
      oldKeyId: 'old',
      oldKeyName: 'Old \ud83d\udd11',
      newKeyName: 'new',
      newKeyId: 'n',
      sealedSecret: 'v1.a.b.c',
      replacesOwn: true,
      ownSecret: { before: 'v1.b', after: 'v1.a' },
      handOut: { name: 'crm', kind: 'file' },
      handedOutAt: at,
      acknowledged: false,
      proof: { kind: 'person', at, actor: 'ada' },
      quietMs: 60_000,
      quietSince: at,
      oldKeyUsedAt: at,
      reason: 'because',
      attempts: 2,
      retryAt: at,
      startedBy: 'ada',
      startedAt: at,
      updatedAt: at,
    })
    const [ended, current] = [rotationOf(connection.id, 'done'), rotationOf(connection.id, 'quiet')]
    const elsewhere = rotationOf(other.id, 'failed')
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      await tx.putConnection(other)
      for (const one of [ended, current, elsewhere]) await tx.putRotation({ ...one, state: 'started' })
      for (const one of [ended, current, elsewhere]) await tx.putRotation(one)
      await tx.schedule({ organizationId, kind: 'rotate', subject: connection.id, dueAt: at })
      await tx.schedule({ organizationId, kind: 'reconcile', subject: connection.id, dueAt: at })
    })
    await opened.ledger.read(async (reader) => {
      const ids = (list: readonly Rotation[]) => list.map(({ id }) => id)
      assert.deepEqual(await reader.rotation(organizationId, current.id), current)
      assert.equal(await reader.rotation('elsewhere', current.id), undefined)
      assert.deepEqual(await reader.openRotation(organizationId, connection.id), current)
      assert.equal(await reader.openRotation(organizationId, other.id), undefined)
      assert.deepEqual(ids(await reader.rotations(organizationId, { limit: 5 })), [elsewhere.id, current.id, ended.id])
      const own = { connectionId: connection.id, limit: 1 }
      assert.deepEqual(ids(await reader.rotations(organizationId, own)), [current.id])
      assert.deepEqual(ids(await reader.rotations(organizationId, { ...own, before: current.id })), [ended.id])
    })
    const work = { organizationId, kind: 'rotate', subject: connection.id } as const
    const claim = await opened.queue.claim({ holder: 'one', now: at, leaseMs: 1_000, only: work })
    assert.equal(claim?.kind, 'rotate')
    const beside = await opened.queue.claim({ holder: 'two', now: at, leaseMs: 1_000, only: { ...work, kind: 'reconcile' } })
    assert.equal(beside?.kind, 'reconcile', 'the kinds of work on a connection are held apart')
    await opened.ledger.write(organizationId, (tx) => tx.removeConnection(organizationId, connection.id))
    await opened.ledger.read(async (reader) => {
      assert.equal(await reader.rotation(organizationId, current.id), undefined)
      assert.deepEqual(await reader.rotation(organizationId, elsewhere.id), elsewhere)
    })
    assert.equal(await opened.ledger.write(organizationId, (tx) => tx.holds(claim)), false)
  })
}
