import type { Call } from '../../directory/call.ts'
import type { Membership } from '../../directory/membership.ts'
import type { Connection } from '../connection.ts'
import { isApproved, needsApproval } from '../guard.ts'
import type { Approval, LedgerReader, Link, Plan, Snapshot, Step } from '../ledger.ts'
import { isUnfinished } from '../step-state.ts'
import { quarantineNote } from '../quarantine/health.ts'
import type { Exclusion } from '../reviews/review.ts'
import { whyExcluded } from '../reviews/why-excluded.ts'
import type { Provisioning } from './engine.ts'

/** What the ledger knows of one member at one connection. */
export interface Position {
  readonly connection: Connection
  readonly member: Pick<Membership, 'id' | 'userName' | 'status'>
  /** Assigned to the connection, whatever the status. */
  readonly assigned: boolean
  readonly link: Link | undefined
  /** A review denied them the connection. */
  readonly exclusion: Exclusion | undefined
  /** The newest step of theirs that has not ended well. */
  readonly open: { readonly step: Step; readonly plan: Plan; readonly approvals: readonly Approval[] } | undefined
  readonly snapshot: Snapshot | undefined
  /** Something of theirs changed that no plan shows yet. */
  readonly changedSince: boolean
  readonly now: Date
}

/** How it stands with somebody's account. Pure. */
export function provisioningOf(position: Position): Provisioning {
  const { member, assigned, link, exclusion, open, changedSince } = position
  if (open) return provisioningOfStep(open, position)
  if (assigned && exclusion && !link)
    return {
      state: 'waitingForPerson',
      detail: `${whyExcluded(exclusion)}. To give access back: rollcall review lift ${member.userName} --connection ${position.connection.name}`,
    }
  const wanted = assigned && !exclusion && member.status === 'active'
  if (assigned && !wanted && !exclusion) {
    const detail =
      member.status === 'invited' ? 'is invited in the directory and has not accepted yet' : 'is suspended in the directory'
    return { state: 'pending', detail }
  }
  if (!wanted && !link) return { state: 'done', detail: undefined }
  if (wanted && link && !changedSince) return { state: 'done', detail: undefined }
  return quarantined(position) ?? { state: 'pending', detail: whyUnplanned(position) }
}

/** So long after a refusal an identity provider may ask again where nobody probes the vendor. */
const askAgainMs = 5 * 60_000

/** What waits for the connection to leave quarantine: whoever asks for it is told to come again. */
function quarantined({ connection, now }: Pick<Position, 'connection' | 'now'>): Provisioning | undefined {
  const { quarantine } = connection.health ?? {}
  if (!quarantine) return undefined
  const { probeAt } = quarantine
  const retryAt = probeAt && probeAt > now ? probeAt : new Date(now.getTime() + askAgainMs)
  return { state: 'pending', detail: quarantineNote(connection.name, quarantine), refused: { status: 503, retryAt } }
}

/** Refusals of the connection and not of the account: such a step is tried again when the quarantine is over. */
const ofTheConnection: ReadonlySet<number> = new Set([401, 402, 403, 404])

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
  const waits = quarantined({ connection, now })
  if (state === 'failed') {
    if (waits && (retryAt || (refusedWith !== undefined && ofTheConnection.has(refusedWith)))) return waits
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
  if (waits && state !== 'sending' && state !== 'unknown') return waits
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
