import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { findPlan } from '../approve.ts'
import { isApproved, needsApproval } from '../guard.ts'
import type { LedgerWriter, Step } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { isUnfinished } from '../step-state.ts'
import { quarantineNote } from '../quarantine/health.ts'

/** What became of letting somebody's steps go. */
export interface Released {
  /** Steps that are on their way now. */
  readonly going: readonly string[]
  /** Why the others are not, in words. */
  readonly waiting: readonly string[]
}

/** Lets go, of a plan, what concerns one member and needs no decision any more; the plan's other steps stay as they are. */
export const releaseFor = (parts: SyncParts) =>
  command(
    parts.ledger,
    'operate',
    async (
      tx: LedgerWriter,
      call: Call,
      { planId, membershipId }: { readonly planId: string; readonly membershipId: string },
    ): Promise<Outcome<Released>> => {
      const { organizationId, now } = call
      const plan = await findPlan(tx, call, planId)
      const connection = await tx.connection(organizationId, plan.connectionId)
      const own = (await tx.steps(organizationId, planId)).filter(
        (step) => step.membershipId === membershipId && isUnfinished(step),
      )
      if (!connection || plan.state !== 'open' || own.length === 0) return unchanged({ going: [], waiting: [] })
      const approvals = await tx.approvals(organizationId, planId)
      const { policy } = connection
      const going: Step[] = []
      const waiting: string[] = []
      for (const step of own) {
        if (step.state === 'unsupported' || isDecidedUpon(step)) waiting.push(`${step.kind}: ${step.reason}`)
        else if (!connection.writesEnabled)
          waiting.push(`${step.kind} waits for writes to be enabled: rollcall connection enable-writes ${connection.name}`)
        else if (connection.health?.quarantine)
          waiting.push(`${step.kind} waits: ${quarantineNote(connection.name, connection.health.quarantine)}`)
        else if (needsApproval(step, policy) && !isApproved(plan, approvals, { step, policy, now }))
          waiting.push(
            `${step.kind} waits for an approval by somebody who did not ask for it: rollcall approve ${planId} --digest ${plan.digest} --reason TEXT`,
          )
        else going.push(step)
      }
      for (const step of going) {
        if (step.state === 'planned') await tx.putStep({ ...step, state: 'approved', updatedAt: now })
        if (step.state === 'failed') await tx.putStep({ ...step, retryAt: now, updatedAt: now })
      }
      const released = { going: going.map(({ id }) => id), waiting }
      if (going.length === 0) return unchanged(released)
      await tx.schedule({ organizationId, kind: 'reconcile', subject: connection.id, dueAt: now })
      const detail = { connectionId: connection.id, steps: going.length, membershipId }
      return [released, { action: 'plan.applied', subject: planId, detail }]
    },
  )

/** Failed before it was ever sent: only a person can say what should happen. */
const isDecidedUpon = ({ state, attempts, retryAt }: Step): boolean =>
  state === 'failed' && attempts === 0 && retryAt === undefined
