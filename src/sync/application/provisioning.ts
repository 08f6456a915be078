import type { Call } from '../../directory/call.ts'
import type { Membership } from '../../directory/membership.ts'
import type { Connection } from '../connection.ts'
import { isApproved, needsApproval } from '../guard.ts'
import type { Approval, LedgerReader, Link, Plan, Snapshot, Step } from '../ledger.ts'
import { isUnfinished } from '../step-state.ts'
import type { Provisioning } from './engine.ts'

/** What the ledger knows of one member at one connection. */
export interface Position {
  readonly connection: Connection
  readonly member: Pick<Membership, 'id' | 'userName' | 'status'>
  /** Assigned to the connection, whatever the status. */
  readonly assigned: boolean
  readonly link: Link | undefined
  /** The newest step of theirs that has not ended well. */
  readonly open: { readonly step: Step; readonly plan: Plan; readonly approvals: readonly Approval[] } | undefined
  readonly snapshot: Snapshot | undefined
  /** Something of theirs changed that no plan shows yet. */
  readonly changedSince: boolean
  readonly now: Date
}

/** How it stands with somebody's account. Pure. */
export function provisioningOf(position: Position): Provisioning {
  const { member, assigned, link, open, changedSince } = position
  if (open) return provisioningOfStep(open, position)
  const wanted = assigned && member.status === 'active'
  if (assigned && !wanted) {
    const detail =
      member.status === 'invited' ? 'is invited in the directory and has not accepted yet' : 'is suspended in the directory'
    return { state: 'pending', detail }
  }
  if (!wanted && !link) return { state: 'done', detail: undefined }
  if (wanted && link && !changedSince) return { state: 'done', detail: undefined }
  return { state: 'pending', detail: whyUnplanned(position) }
}

/** The member's own step that is still to end, among those of the connection's open plans. */
export async function findOpen(
  tx: LedgerReader,
  { organizationId }: Pick<Call, 'organizationId'>,
  steps: readonly Step[],
  membershipId: string,
): Promise<Position['open']> {
  const step = steps.findLast((candidate) => candidate.membershipId === membershipId && isUnfinished(candidate))
  const plan = step && (await tx.plan(organizationId, step.planId))
  return plan && { step, plan, approvals: await tx.approvals(organizationId, plan.id) }
}

function provisioningOfStep(
  { step, plan, approvals }: NonNullable<Position['open']>,
  { connection, now }: Pick<Position, 'connection' | 'now'>,
): Provisioning {
  const { policy } = connection
  const { state, reason, retryAt, refusedWith } = step
  if (state === 'unsupported') return { state: 'waitingForPerson', detail: reason }
  if (state === 'failed') {
    // What fails before it is ever sent, fails by a rule that only a person can settle.
    const status = refusedWith ?? (step.attempts === 0 && retryAt === undefined ? 409 : retryAt && 503)
    const detail = retryAt ? `${reason}; it is tried again at ${retryAt.toISOString()}` : reason
    return { state: retryAt ? 'pending' : 'failed', detail, ...(status !== undefined && { refused: { status, retryAt } }) }
  }
  if (state === 'planned' && needsApproval(step, policy) && !isApproved(plan, approvals, { step, policy, now }))
    return {
      state: 'waitingForApproval',
      detail: `${step.kind}: waits for an approval by somebody who did not ask for it: rollcall approve ${plan.id}`,
    }
  if (state !== 'sending' && state !== 'unknown' && !connection.writesEnabled)
    return { state: 'pending', detail: writesOff(connection) }
  return { state: 'pending', detail: state === 'unknown' ? `${step.kind}: ${reason}` : `${step.kind}: is being carried out` }
}

function whyUnplanned({ connection, snapshot }: Position): string {
  const { certificate } = snapshot ?? {}
  if (certificate && !certificate.complete)
    return `waits until ${connection.vendor} can be read completely: ${certificate.reasons.join('; ')}`
  return connection.writesEnabled ? 'is about to be planned' : writesOff(connection)
}

const writesOff = ({ name }: Connection): string =>
  `the connection only reads; it waits for writes to be enabled: rollcall connection enable-writes ${name}`
