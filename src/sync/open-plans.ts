import { isDeepStrictEqual } from 'node:util'
import type { Call } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { LedgerWriter, Plan, Step } from './ledger.ts'
import { contentOf, takesAway, type StepDraft } from './plan.ts'
import { isInFlight, isUnfinished } from './step-state.ts'
import type { Survey } from './survey.ts'
import type { Hand } from './work.ts'

/** The plans of a connection that are open, with their steps. */
export interface Open {
  plans: readonly Plan[]
  steps: readonly Step[]
}

export async function readOpen(tx: LedgerWriter, { connection }: Pick<Hand, 'connection'>): Promise<Open> {
  const { organizationId, id: connectionId } = connection
  return {
    plans: await tx.plans(organizationId, { connectionId, state: 'open', limit: 10_000 }),
    steps: await tx.openSteps(organizationId, connectionId),
  }
}

/** Closes the connection's plans of which nothing is left to do. */
export async function closeEnded(tx: LedgerWriter, { connection }: Pick<Hand, 'connection'>): Promise<void> {
  const open = await readOpen(tx, { connection })
  const left = new Set(open.steps.filter(isUnfinished).map(({ planId }) => planId))
  for (const plan of open.plans)
    if (!left.has(plan.id)) await tx.putPlan({ ...plan, state: plan.supersededBy ? 'superseded' : 'closed' })
}

/** Brings the open steps in line with the difference: those that are not part of it any more end here, and what stood in the way of one that nobody tried may be gone, or new. */
export async function refreshSteps(
  tx: LedgerWriter,
  call: Call,
  { open, seen }: { readonly open: Open; readonly seen: Survey },
): Promise<FactDraft[]> {
  if (!seen.known.usable || open.steps.length === 0) return []
  const needed = new Map(neededBy(seen).map((draft) => [contentOf(draft), draft]))
  const refreshed = new Map<string, Step>()
  const dropped: Step[] = []
  for (const step of open.steps) {
    if (!isUnfinished(step) || isInFlight(step)) continue
    const draft = needed.get(contentOf(step))
    if (!draft) {
      const reason = `${step.reason}; no longer needed so: the directory or the account has changed since`
      dropped.push({ ...step, state: 'superseded', reason, retryAt: undefined, updatedAt: call.now })
      continue
    }
    const retold = isUntried(step) && (step.state !== draft.state || step.reason !== draft.reason)
    if (!retold && isDeepStrictEqual(step.risks ?? [], draft.risks ?? [])) continue
    const { risks: _, ...rest } = step
    refreshed.set(step.id, {
      ...rest,
      ...(draft.risks && { risks: draft.risks }),
      ...(retold && { state: draft.state, reason: draft.reason, updatedAt: call.now }),
    })
  }
  for (const step of dropped) refreshed.set(step.id, step)
  for (const step of refreshed.values()) await tx.putStep(step)
  open.steps = open.steps.map((step) => refreshed.get(step.id) ?? step)
  const plans = [...new Set(dropped.map(({ planId }) => planId))]
  return plans.map((subject) => ({
    action: 'plan.superseded',
    subject,
    detail: { steps: dropped.filter(({ planId }) => planId === subject).length, reason: 'no longer needed' },
  }))
}

const isUntried = ({ state, attempts, retryAt }: Step): boolean => attempts === 0 && retryAt === undefined && state !== 'approved'

export async function supersede(
  tx: LedgerWriter,
  call: Call,
  { replaced, by }: { readonly replaced: readonly Step[]; readonly by: string },
): Promise<FactDraft[]> {
  for (const step of replaced) await tx.putStep({ ...step, state: 'superseded', retryAt: undefined, updatedAt: call.now })
  const facts: FactDraft[] = []
  for (const id of new Set(replaced.map(({ planId }) => planId))) {
    const plan = await tx.plan(call.organizationId, id)
    if (!plan) continue
    await tx.putPlan({ ...plan, supersededBy: by })
    facts.push({ action: 'plan.superseded', subject: id, detail: { by } })
  }
  return facts
}

/** The steps that may be planned on what is known: what removes rests on a complete read alone, what adds on one complete read some time before. */
export function plannable({ known }: Survey, steps: readonly StepDraft[]): readonly StepDraft[] {
  if (known.snapshot.certificate.complete) return steps
  return known.usable ? steps.filter(({ kind }) => !takesAway(kind)) : []
}

/** Every step that may stand in a plan, whoever asked for it. */
export const neededBy = (seen: Survey): readonly StepDraft[] => [...seen.own.alternatives, ...seen.full.steps, ...seen.own.steps]

/** What is being sent is not planned a second time: what came of it decides what is left. */
export function notInFlight(steps: readonly Step[], drafts: readonly StepDraft[]): readonly StepDraft[] {
  const flying = steps.filter(isInFlight)
  if (flying.length === 0) return drafts
  return drafts.filter(
    (draft) =>
      !flying.some(
        (step) =>
          step.membershipId === draft.membershipId || (step.accountId !== undefined && step.accountId === draft.accountId),
      ),
  )
}

/** An open plan that holds all of the drafts: one that holds nothing else, before one that does. */
export function planThatHolds(
  drafts: readonly StepDraft[],
  plans: readonly Plan[],
  restOf: (plan: Plan) => readonly Step[],
): Plan | undefined {
  if (drafts.length === 0) return undefined
  const holding = plans.filter((plan) => {
    const rest = new Set(restOf(plan).map(contentOf))
    return drafts.every((draft) => rest.has(contentOf(draft)))
  })
  return holding.find((plan) => restOf(plan).length === drafts.length) ?? holding[0]
}
