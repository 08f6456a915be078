import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppliedConfiguration } from '../../../src/sync/configuration/configuration.ts'
import { useBench, type CreateDatabase } from './bench.ts'

export function configurationConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('what was applied of a file comes back as it was put, one for each organization, the last', async () => {
    const { opened, organization } = bench()
    const [{ organizationId }, { organizationId: other }] = [await organization(), await organization()]
    const policy = {
      roleMap: { Admin: 'Größe \ud83d\udd11' },
      deletion: { onLeave: 'suspend', holdDays: 3 },
      schedule: null,
    } as const
    const applied: AppliedConfiguration = {
      organizationId,
      file: 'rollcall.yaml',
      digest: 'ab'.repeat(32),
      appliedAt: new Date('2026-03-01T10:20:30.456Z'),
      appliedBy: 'system:file',
      configuration: { version: 1, connections: { desk: { vendor: 'bird', assign: { groups: ['A'] }, policy } } },
      connections: [
        { name: 'desk', vendor: 'bird', policy, assignments: [{ kind: 'group', groupId: 'g' }], sealedCredentials: 'v1.a.b.c' },
      ],
      webhooks: [{ name: 'ops', id: 'w', url: 'https://ops.example.com/', actions: ['plan.*'], enabled: false }],
      kept: [{ path: 'connections.desk.assign', note: 'because', named: { groups: ['A'] }, stands: 'everyone', kept: true }],
    }
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConfiguration({ ...applied, file: 'another.yaml' })
      await tx.putConfiguration(applied)
      assert.deepEqual(await tx.configuration(organizationId), applied)
    })
    await opened.ledger.read(async (reader) => {
      assert.deepEqual(await reader.configuration(organizationId), applied)
      assert.equal(await reader.configuration(other), undefined)
    })
  })
}
