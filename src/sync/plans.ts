import { command, unchanged, type Call, type Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import { findPlan, refuseEnded } from './approve.ts'
import type { Connection } from './connection.ts'
import type { PlanView } from './engine.ts'
import { exceedsLimit, expiryMessage, isApproved, isExpired, limitMessage, needsApproval } from './guard.ts'
import { describeChanges } from './account-state.ts'
import type { Approval, LedgerReader, LedgerWriter, Plan, Step } from './ledger.ts'
import { systemCall, type SyncParts } from './parts.ts'
import { planFor } from './planning.ts'
import { putLinks } from './put-links.ts'
import { isInFlight, isUnfinished } from './step-state.ts'
import { openSteps, read, resolveByReading } from './reconcile.ts'
import { quarantineNote } from './quarantine/health.ts'
import { approveCommand } from './render.ts'
import { standingOf } from './standing.ts'
import { withRisks } from './surroundings.ts'
import type { Known } from './read-vendor.ts'
import { workOnce, withConnection } from './run.ts'
import { putSurveyFindings } from './findings.ts'
import type { StepDraft } from './plan.ts'
import { survey } from './survey.ts'
import type { Membership } from '../directory/membership.ts'
import { isRemoteFailure } from './vendor.ts'
import type { Hand } from './work.ts'

/** How long applying a plan may take while somebody waits for it. */
const patienceMs = 600_000

/** Reads the vendor and plans: everything, or what is asked for. Answers the plan's id. */
export async function planNow(
  parts: SyncParts,
  call: Call,
  { connectionId, ...what }: { readonly connectionId: string; readonly only?: (draft: StepDraft) => boolean },
): Promise<string> {
  return withConnection(parts, call, { connectionId, work: (hand) => planInHand(hand, what) })
}

/** The same, for a leaver too whom nobody wants an account for any more, on a connection in hand. */
export const planInHand = (
  hand: Hand,
  { only = () => true, leaver }: { readonly only?: (draft: StepDraft) => boolean; readonly leaver?: Membership },
): Promise<string> => answering(hand, async () => planKnown(hand, await readToPlan(hand), { only, leaver }))

/** Settles what was lost, and reads the vendor as a person's plan wants it. */
export async function readToPlan(hand: Hand): Promise<Known> {
  const lost = await openSteps(hand, isInFlight)
  if (lost.length > 0) await resolveByReading(hand, lost)
  return read(hand, 'person')
}

/** Plans on a read of just now what is asked for. */
export async function planKnown(
  hand: Hand,
  known: Known,
  { only, leaver }: { readonly only: (draft: StepDraft) => boolean; readonly leaver?: Membership | undefined },
): Promise<string> {
  const seen = await withRisks(hand, await survey(hand, known, leaver))
  await putLinks(hand, seen)
  await putSurveyFindings(hand, seen)
  return planFor(hand, seen, only)
}

/** What the vendor refuses is told to whoever asked. */
export async function answering<T>({ vendor }: Pick<Hand, 'vendor'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isRemoteFailure(cause))
      throw new DirectoryError('unavailable', `${vendor.name} could not be read: ${cause.message}`, { cause })
    throw cause
  }
}

/** A plan with its steps; each waiting step says what it waits for. */
export async function viewPlan(tx: LedgerReader, call: Call, id: string): Promise<PlanView> {
  const plan = await findPlan(tx, call, id)
  const connection = await tx.connection(call.organizationId, plan.connectionId)
  const approvals = await tx.approvals(call.organizationId, id)
  const steps = await tx.steps(call.organizationId, id)
  return {
    plan,
    standing: connection && standingOf({ plan, steps, approvals }, connection.policy, call.now),
    steps: steps.map((step) => {
      const waits = waitingFor(step, { plan, approvals, connection, now: call.now })
      return waits ? withReason(step, `${step.reason}; ${waits}`) : step
    }),
    approvals,
  }
}

const withReason = (step: Step, reason: string): Step => ({ ...step, reason })

function waitingFor(
  step: Step,
  {
    plan,
    approvals,
    connection,
    now,
  }: {
    readonly plan: Plan
    readonly approvals: readonly Approval[]
    readonly connection: Connection | undefined
    readonly now: Date
  },
): string {
  if (!connection || (step.state !== 'planned' && step.state !== 'approved')) return ''
  const waits: string[] = []
  const { policy } = connection
  if (needsApproval(step, policy) && !isApproved(plan, approvals, { step, policy, now }))
    waits.push(
      isExpired(plan, policy, now)
        ? 'a new plan, since this one expired'
        : (policy.quorum ?? 1) > 1
          ? `approvals by ${policy.quorum} people who did not ask for it`
          : 'an approval by somebody who did not ask for it',
    )
  if (!connection.writesEnabled) waits.push(`writes to be enabled: rollcall connection enable-writes ${connection.name}`)
  const { quarantine } = connection.health ?? {}
  if (quarantine) waits.push(`the end of a quarantine: ${quarantineNote(connection.name, quarantine)}`)
  return waits.length > 0 ? `waits for ${waits.join(' and for ')}` : ''
}

/** Carries a plan out and answers when each step that may be carried out has ended. Works itself when no runner does, beside one when there is one. */
export async function applyNow(
  parts: SyncParts,
  call: Call,
  { id, digest }: { readonly id: string; readonly digest?: string | undefined },
): Promise<PlanView> {
  const startedAt = parts.clock()
  const plan = await release(parts)({ ...call, idempotency: undefined }, { id, digest })
  const only = { organizationId: call.organizationId, kind: 'reconcile', subject: plan.connectionId } as const
  const deadline = startedAt.getTime() + patienceMs
  for (;;) {
    const now = parts.clock()
    const { view, waiting, connection } = await parts.ledger.read(async (tx) => ({
      view: await viewPlan(tx, { ...call, now }, id),
      waiting: await isUnderWay(tx, call, { id, now }),
      connection: await tx.connection(call.organizationId, plan.connectionId),
    }))
    if (!waiting || now.getTime() >= deadline) return refuseStale(view, startedAt, connection?.name ?? plan.connectionId)
    if (!(await workOnce(parts, only))) {
      await parts.sleep(parts.pollMs)
      await keepDue(parts, call, plan.connectionId)
    }
  }
}

/** The plan as it stands now, unless nothing of it was done because what it would have touched had changed. */
function refuseStale(view: PlanView, since: Date, connection: string): PlanView {
  const ended = view.steps.filter(({ updatedAt }) => updatedAt >= since)
  const stale = ended.filter((step) => step.stale)
  if (stale.length === 0 || ended.some(({ state }) => state === 'done')) return view
  const told = stale.slice(0, 10).map(({ subject, stale: found }) => {
    const by = `${found?.changedAt ? `, at ${found.changedAt.toISOString()}` : ''}${found?.changedBy ? `, by ${found.changedBy}` : ''}`
    return `${subject}: ${describeChanges(found?.changes ?? [])}${by}`
  })
  throw new DirectoryError(
    'stale',
    `Nothing was done: ${stale.length} of ${view.steps.length} steps were changed at the vendor since the plan was made. ${told.join('; ')}. Plan anew: rollcall plan --connection ${connection}`,
  )
}

const keepDue = (parts: SyncParts, { organizationId }: Call, connectionId: string): Promise<void> =>
  command(parts.ledger, 'operate', async (tx: LedgerWriter, { now }: Call) => {
    if (await tx.connection(organizationId, connectionId))
      await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
    return unchanged(undefined)
  })(systemCall(parts, organizationId), undefined)

interface Asked {
  readonly id: string
  readonly digest: string | undefined
}

/** Lets go what may go: what needs no approval because somebody asks for it, what failed because somebody wants it tried again. */
const release = (parts: SyncParts) =>
  command(parts.ledger, 'operate', async (tx: LedgerWriter, call: Call, asked: Asked): Promise<Outcome<Plan>> => {
    const { organizationId, now } = call
    const { id, digest } = asked
    const plan = await findPlan(tx, call, id)
    if (digest !== undefined && digest !== plan.digest)
      throw new DirectoryError(
        'stale',
        `This is not the digest of plan ${id}, which is ${plan.digest}. Look at the plan again before it is carried out.`,
        { field: 'digest' },
      )
    const steps = await tx.steps(organizationId, id)
    if (steps.every((step) => step.state === 'done')) return unchanged(plan)
    refuseEnded(plan)
    const connection = await tx.connection(organizationId, plan.connectionId)
    if (!connection) throw new DirectoryError('notFound', 'The connection of this plan was removed.')
    if (!connection.writesEnabled)
      throw new DirectoryError(
        'conflict',
        `Connection ${connection.name} only reads. Let it write with: rollcall connection enable-writes ${connection.name}`,
      )
    const { quarantine } = connection.health ?? {}
    if (quarantine)
      throw new DirectoryError(
        'conflict',
        `The plan waits: ${quarantineNote(connection.name, quarantine)}. To let it write before it does so by itself: rollcall connection release ${connection.name} --reason TEXT`,
      )
    const approvals = await tx.approvals(organizationId, id)
    const { policy } = connection
    const left = steps.filter((step) => isUnfinished(step) && step.state !== 'unsupported' && !isDecidedUpon(step))
    const free = left.filter((step) => !needsApproval(step, policy) || isApproved(plan, approvals, { step, policy, now }))
    if (left.length > 0 && free.length === 0) throw refusalWithout(plan, { approvals, connection, steps: left, now })
    for (const step of free) {
      if (step.state === 'planned') await tx.putStep({ ...step, state: 'approved', updatedAt: now })
      if (step.state === 'failed') await tx.putStep({ ...step, retryAt: now, updatedAt: now })
    }
    await tx.schedule({ organizationId, kind: 'reconcile', subject: connection.id, dueAt: now })
    if (free.length === 0) return unchanged(plan)
    return [plan, { action: 'plan.applied', subject: id, detail: { connectionId: connection.id, steps: free.length } }]
  })

/** Failed before it was ever sent, since only a person can say what should happen. */
const isDecidedUpon = ({ state, attempts, retryAt }: Step): boolean =>
  state === 'failed' && attempts === 0 && retryAt === undefined

function refusalWithout(
  plan: Plan,
  input: {
    readonly approvals: readonly Approval[]
    readonly connection: Connection
    readonly steps: readonly Step[]
    readonly now: Date
  },
): DirectoryError {
  const { connection, now } = input
  const { policy, name } = connection
  if (isExpired(plan, policy, now)) return new DirectoryError('stale', expiryMessage(plan, policy, name))
  const given = input.approvals.filter(({ actor }) => !plan.authors.includes(actor))
  if (exceedsLimit(plan, policy) && given.length > 0 && !given.some(({ removals }) => removals === plan.removals))
    return new DirectoryError('unsafe', limitMessage(plan, policy))
  const quorum = policy.quorum ?? 1
  const who = quorum > 1 ? `${quorum} people who did not ask for this plan have` : 'Somebody who did not ask for this plan has'
  const command = approveCommand(plan, standingOf({ plan, steps: input.steps, approvals: input.approvals }, policy, now))
  return new DirectoryError('needsApproval', `${who} to approve it first: ${command}`)
}

/** Whether a step of the plan is being sent or may be sent at once. */
async function isUnderWay(
  tx: LedgerReader,
  call: Call,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<boolean> {
  const plan = await findPlan(tx, call, id)
  const connection = await tx.connection(call.organizationId, plan.connectionId)
  if (!connection?.writesEnabled || connection.health?.quarantine) return false
  const steps = await tx.steps(call.organizationId, id)
  return steps.some(
    ({ state, retryAt }) =>
      state === 'sending' ||
      (plan.state === 'open' && (state === 'approved' || (state === 'failed' && retryAt !== undefined && retryAt <= now))),
  )
}
