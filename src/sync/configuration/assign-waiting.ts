import { isDeepStrictEqual } from 'node:util'
import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import type { Fact } from '../../directory/fact.ts'
import { connectionCommands } from '../connections.ts'
import type { Assignment } from '../connection.ts'
import { distinct } from '../distinct-assignments.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import type { AppliedConfiguration } from './configuration.ts'
import { findAssigned } from './resolve.ts'

type Applied = AppliedConfiguration['connections'][number]

/** What may bring somebody whom a file names. */
const arrivals: ReadonlySet<string> = new Set(['group.created', 'group.changed', 'member.added', 'member.changed'])

/** Whether the facts may have brought somebody whom the file that was applied last waits for. */
export const mayHaveArrived = async (tx: LedgerReader, organizationId: string, facts: readonly Fact[]): Promise<boolean> =>
  facts.some(({ action }) => arrivals.has(action)) &&
  ((await tx.configuration(organizationId))?.connections.some(({ waitsFrom }) => waitsFrom) ?? false)

/**
 * Assigns as the file says wherever everybody whom it names is here by now, in the name of whoever applied it, so that they have a hand in what comes of it. Assignments
 * that were changed by other means since then stand until the file is applied again.
 */
export async function assignWaiting(parts: SyncParts, organizationId: string): Promise<void> {
  const applied = await parts.ledger.read((tx) => tx.configuration(organizationId))
  for (const { name, assign, waitsFrom } of applied?.connections ?? []) {
    if (!applied || !assign || !waitsFrom) continue
    const { ids, missing } = await findAssigned(parts, organizationId, assign)
    if (missing.length > 0) continue
    const call = { ...systemCall(parts, organizationId), actor: applied.appliedBy, via: 'configuration.assign' }
    await assignNow(parts)(call, { name, appliedAt: applied.appliedAt, assignments: distinct(ids) })
  }
}

const assignNow = (parts: SyncParts) =>
  command(
    parts.ledger,
    'operate',
    async (
      tx: LedgerWriter,
      call: Call,
      {
        name,
        appliedAt,
        assignments,
      }: Pick<Applied, 'name'> & { readonly appliedAt: Date; readonly assignments: readonly Assignment[] },
    ): Promise<Outcome<undefined>> => {
      const { organizationId } = call
      const applied = await tx.configuration(organizationId)
      const named = applied?.connections.find((each) => each.name === name)
      const connection = await tx.connectionByName(organizationId, name)
      if (!applied || applied.appliedAt.getTime() !== appliedAt.getTime() || !named?.waitsFrom || !connection)
        return unchanged(undefined)
      if (!isDeepStrictEqual(distinct(await tx.assignments(organizationId, connection.id)), distinct(named.waitsFrom)))
        return unchanged(undefined)
      const [, first, ...rest] = await connectionCommands(parts).alter(tx, call, { id: connection.id, assignments })
      const { waitsFrom: _, ...settled } = { ...named, assignments }
      await tx.putConfiguration({
        ...applied,
        connections: applied.connections.map((each) => (each.name === name ? settled : each)),
        kept: applied.kept.filter(({ path }) => path !== `connections.${name}.assign`),
      })
      return typeof first === 'symbol' ? unchanged(undefined) : [undefined, first, ...rest]
    },
  )
