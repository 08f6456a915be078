import { command, unchanged, type Call, type Outcome } from '../directory/call.ts'
import type { Fact } from '../directory/fact.ts'
import { assignWaiting, mayHaveArrived } from './configuration/assign-waiting.ts'
import { raiseLeavers } from './leaver/open.ts'
import type { LedgerWriter } from './ledger.ts'
import { systemActor, systemCall, type SyncParts } from './parts.ts'

/** Something that may have raised a step: who did it, and to whom. */
export interface Cause {
  readonly actor: string
  readonly action: string
  /** Undefined when it may concern everybody. */
  readonly membershipIds: readonly string[] | undefined
}

/** What a fact may raise at a connection; undefined when it raises nothing. */
export function causeOf(fact: Fact, connectionId: string): Cause | undefined {
  if (fact.actor === systemActor) return undefined
  const cause = { actor: fact.actor, action: fact.action }
  switch (fact.action) {
    case 'member.added':
    case 'member.changed':
    case 'member.suspended':
    case 'member.resumed':
    case 'member.accepted':
    case 'member.removed':
      return { ...cause, membershipIds: [fact.subject] }
    case 'group.membersAdded':
    case 'group.membersRemoved': {
      const ids = fact.detail['membershipIds']
      return { ...cause, membershipIds: Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined }
    }
    case 'group.created':
    case 'group.changed':
    case 'group.removed':
    case 'role.created':
    case 'role.removed':
      return { ...cause, membershipIds: undefined }
    case 'exclusion.made':
    case 'exclusion.lifted': {
      // Who is given access back may have been removed and added again since.
      const { membershipId } = fact.detail
      return fact.detail['connectionId'] === connectionId
        ? { ...cause, membershipIds: [fact.subject, ...(typeof membershipId === 'string' ? [membershipId] : [])] }
        : undefined
    }
    case 'question.answered': {
      const id = fact.detail['membershipId']
      return fact.detail['connectionId'] === connectionId && typeof id === 'string'
        ? { ...cause, membershipIds: [id] }
        : undefined
    }
    case 'connection.created':
    case 'connection.changed':
      return fact.subject === connectionId ? { ...cause, membershipIds: undefined } : undefined
    default:
      return undefined
  }
}

/**
 * Makes the connections due that the organization's new facts concern, opens what leavers need, and moves the cursor, in one transaction: nothing is lost in between. Whom a
 * file waited for is assigned before.
 */
export async function raise(parts: SyncParts, organizationId: string): Promise<void> {
  const limit = 1000
  const run = (waiting: 'looked for' | 'unknown') =>
    command(parts.ledger, 'operate', async (tx: LedgerWriter, call: Call): Promise<Outcome<'more' | 'done' | 'assign'>> => {
      const facts = await tx.newFacts(call.organizationId, limit)
      const last = facts.at(-1)
      if (!last) return unchanged('done')
      if (waiting === 'unknown' && (await mayHaveArrived(tx, call.organizationId, facts))) return unchanged('assign')
      for (const { id } of await tx.connections(call.organizationId))
        if (facts.some((fact) => causeOf(fact, id)))
          await tx.schedule({ organizationId: call.organizationId, kind: 'reconcile', subject: id, dueAt: call.now })
      const [first, ...rest] = await raiseLeavers(tx, call, { facts, parts })
      await tx.moveCursor(call.organizationId, last.sequence)
      const next = facts.length === limit ? 'more' : 'done'
      return first ? [next, first, ...rest] : unchanged(next)
    })(systemCall(parts, organizationId), undefined)
  for (;;) {
    let next = await run('unknown')
    if (next === 'assign') {
      await assignWaiting(parts, organizationId)
      next = await run('looked for')
    }
    if (next === 'done') return
  }
}

/** The causes among the facts after a sequence, in order. */
export async function causesAfter(
  parts: SyncParts,
  call: Call,
  input: { readonly connectionId: string; readonly after: number },
): Promise<readonly Cause[]> {
  const limit = 1000
  const causes: Cause[] = []
  for (let after = input.after; ;) {
    const facts = await parts.directory.listFacts(call, { after, limit })
    for (const fact of facts) {
      const cause = causeOf(fact, input.connectionId)
      if (cause) causes.push(cause)
      after = fact.sequence
    }
    if (facts.length < limit) return causes
  }
}
