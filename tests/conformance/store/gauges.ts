import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Health } from '../../../src/sync/quarantine/health.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const at = new Date('2026-03-01T10:20:30.456Z')
const after = (ms: number): Date => new Date(at.getTime() + ms)

const quarantined: Health = {
  lastSuccessAt: at,
  lastReadAt: at,
  lastFailure: { at, side: 'writes', status: 403, message: 'no plan' },
  reads: { failures: 0, recent: '0111' },
  writes: { failures: 3, since: at, recent: '000' },
  relapses: 1,
  cameBackAt: at,
  silentSince: after(1),
  quarantine: { cause: 'planGate', since: after(2), reason: 'no plan', probeAt: after(3), probes: 4, successes: 1, failed: 0 },
}

export function gaugeConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('what one process writes of a connection’s health another one reads, in its place and over all organizations', async () => {
    const { opened, other, organization } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const sick = connectionOf(bench(), call, { health: quarantined, writesEnabled: true })
    const fresh = connectionOf(bench(), elsewhere)
    for (const connection of [sick, fresh])
      await opened.ledger.write(connection.organizationId, (tx) => tx.putConnection(connection))
    await other.ledger.read(async (reader) => {
      assert.deepEqual((await reader.connection(call.organizationId, sick.id))?.health, quarantined)
      assert.equal((await reader.connection(elsewhere.organizationId, fresh.id))?.health, undefined)
    })
    const { connections } = await other.gauges.read(at)
    assert.deepEqual(
      connections.find(({ name }) => name === sick.name),
      {
        organizationId: call.organizationId,
        name: sick.name,
        vendor: sick.vendor,
        writesEnabled: true,
        lastSuccessAt: at,
        lastReadAt: at,
        failedReads: 0,
        failedWrites: 3,
        quarantinedAt: after(2),
        silentSince: after(1),
      },
    )
    const untold = connections.find(({ name }) => name === fresh.name)
    assert.deepEqual([untold?.lastSuccessAt, untold?.failedReads, untold?.quarantinedAt], [undefined, 0, undefined])
  })

  test('work is counted as due, as in hand, and as due again when a lease ran out', async () => {
    const { opened, newId } = bench()
    const organizationId = newId()
    const works = [newId(), newId(), newId()].map((subject) => ({ organizationId, kind: 'reconcile', subject }) as const)
    for (const [index, work] of works.entries())
      await opened.ledger.write(organizationId, (tx) => tx.schedule({ ...work, dueAt: after(index * 100) }))
    assert.deepEqual((await opened.gauges.read(after(-1))).work, { due: { count: 0, since: undefined }, inHand: 0 })
    assert.deepEqual((await opened.gauges.read(after(150))).work, { due: { count: 2, since: at }, inHand: 0 })
    await opened.queue.claim({ holder: 'one', now: after(150), leaseMs: 1_000, only: works[0] })
    assert.deepEqual((await opened.gauges.read(after(150))).work, { due: { count: 1, since: after(100) }, inHand: 1 })
    assert.equal((await opened.gauges.read(after(5_000))).work.due.count, 3)
  })

  test('webhooks are behind by the facts after their position that they want, the disabled ones by none', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const url = 'https://receiver.example/hook'
    const { webhook } = await directory.addWebhook(call, { url, actions: undefined })
    const { behind } = (await opened.gauges.read(at)).deliveries
    await directory.changeOrganization(call, { name: 'Renamed' })
    assert.equal((await opened.gauges.read(at)).deliveries.behind, behind + 1)
    const { webhook: other } = await directory.addWebhook(call, { url: `${url}/2`, actions: ['member.*'] })
    const before = (await opened.gauges.read(at)).deliveries.behind
    await directory.changeOrganization(call, { name: 'Renamed again' })
    assert.equal((await opened.gauges.read(at)).deliveries.behind, before + 1, 'the second one does not want it')
    await addMember(bench(), call, 'ada')
    assert.equal((await opened.gauges.read(at)).deliveries.behind, before + 3)
    for (const { id } of [webhook, other]) await directory.changeWebhook(call, { id, enabled: false })
    assert.equal((await opened.gauges.read(at)).deliveries.behind, 0)
  })

  test('mails that have somewhere to go are counted until they are sent', async () => {
    const { opened, organization, newId } = bench()
    const { organizationId } = await organization()
    const before = (await opened.gauges.read(at)).mails.count
    const mail = { organizationId, invitationId: newId(), token: 'secret', createdAt: at }
    await opened.store.write(organizationId, async (tx) => {
      await tx.putMail({ ...mail, id: newId(), to: 'ada@example.com' })
      await tx.putMail({ ...mail, id: newId(), to: undefined })
    })
    const { mails, deliveries } = await opened.gauges.read(at)
    assert.deepEqual([mails.count - before, mails.since], [1, at])
    assert.deepEqual(deliveries, { count: 0, dead: 0, behind: 0, since: undefined })
    const claimed = await opened.outbox.claim({ holder: 'one', now: at, leaseMs: 1_000 })
    assert.ok(claimed)
    await opened.outbox.settle(claimed, { kind: 'sent', at })
    assert.equal((await opened.gauges.read(at)).mails.count, before)
  })
}
