import type { Call } from '../../directory/call.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { Connection } from '../connection.ts'
import { noteVisits } from '../leaver/note-visits.ts'
import type { LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { unknownHealth, type Health, type Quarantine } from './health.ts'
import { isRelapse, probeTime } from './judge.ts'

/** Puts the connection into quarantine; from then on no process writes to its vendor. Answers the fact. */
export async function enter(
  tx: LedgerWriter,
  connection: Connection,
  { cause, reason, by, now }: Pick<Quarantine, 'cause' | 'reason' | 'by'> & { readonly now: Date },
): Promise<FactDraft> {
  const { health = unknownHealth, id, name, vendor, policy, organizationId } = connection
  const relapses = isRelapse(health, now) ? health.relapses + 1 : 0
  const probeAt = cause === 'person' ? undefined : probeTime(policy, { now, failed: 0, relapses })
  const quarantine: Quarantine = {
    cause,
    since: now,
    reason,
    probes: 0,
    successes: 0,
    failed: 0,
    ...(by !== undefined && { by }),
    ...(probeAt && { probeAt }),
  }
  await tx.putConnection({ ...connection, health: { ...health, relapses, quarantine } })
  await tx.schedule({ organizationId, kind: 'reconcile', subject: id, dueAt: probeAt ?? now })
  return {
    action: 'connection.quarantined',
    subject: id,
    detail: { name, vendor, cause, reason, ...(probeAt && { probeAt: probeAt.toISOString() }) },
  }
}

/** Lets the connection go on where it stopped: what failed meanwhile is due again. Answers the facts. */
export async function leave(
  tx: LedgerWriter,
  call: Call,
  {
    connection,
    how,
    reason,
    parts,
  }: {
    readonly connection: Connection
    readonly how: 'probes' | 'person'
    readonly reason: string
    readonly parts: Pick<SyncParts, 'newId' | 'signer'>
  },
): Promise<readonly FactDraft[]> {
  const { organizationId, now } = call
  const { id, name, vendor } = connection
  const { quarantine, cameBackAt: _, reads, writes, ...health } = connection.health ?? unknownHealth
  const untroubled = { failures: 0, recent: '' }
  const next: Health = {
    ...health,
    reads: untroubled,
    writes: untroubled,
    ...(how === 'probes' && { cameBackAt: now }),
  }
  await tx.putConnection({ ...connection, health: next })
  const again = await retryFailed(tx, call, { connectionId: id, parts })
  await tx.schedule({ organizationId, kind: 'reconcile', subject: id, dueAt: now })
  await tx.schedule({ organizationId, kind: 'rotate', subject: id, dueAt: now })
  return [
    {
      action: 'connection.released',
      subject: id,
      detail: { name, vendor, how, reason, cause: quarantine?.cause, since: quarantine?.since.toISOString() },
    },
    ...again,
  ]
}

/** What failed may have failed for what was just mended: steps that were tried, and lock-outs. */
async function retryFailed(
  tx: LedgerWriter,
  call: Call,
  { connectionId, parts }: { readonly connectionId: string; readonly parts: Pick<SyncParts, 'newId' | 'signer'> },
): Promise<readonly FactDraft[]> {
  const { organizationId, now } = call
  for (const step of await tx.openSteps(organizationId, connectionId))
    if (step.state === 'failed' && step.attempts > 0) await tx.putStep({ ...step, retryAt: now, updatedAt: now })
  const failed = (await tx.openVisits(organizationId, connectionId)).filter(({ lock }) => lock.state === 'failed')
  return noteVisits(tx, call, { visits: failed.map((visit) => ({ ...visit, lock: { ...visit.lock, retryAt: now } })), parts })
}
