import { unchanged, type Call } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { LedgerWriter, Plan } from './ledger.ts'
import {
  closeEnded,
  neededBy,
  notInFlight,
  planThatHolds,
  plannable,
  readOpen,
  refreshSteps,
  supersede,
  type Open,
} from './open-plans.ts'
import { systemActor } from './parts.ts'
import { contentOf, takesAway, uncovered, type StepDraft } from './plan.ts'
import { addAuthor, originOf, putPlan } from './put-plan.ts'
import { standingOf } from './standing.ts'
import { isInFlight, isUnfinished } from './step-state.ts'
import type { Survey } from './survey.ts'
import { commit, type Hand } from './work.ts'

/** Plans what nothing planned yet covers: what adds and changes apart from what removes, so that a joiner does not disturb a removal that waits. */
export async function planNews(hand: Hand, seen: Survey): Promise<void> {
  const { organizationId, id: connectionId } = hand.connection
  await commit(hand, async (tx, call) => {
    const open = await readOpen(tx, hand)
    const facts = await refreshSteps(tx, call, { open, seen })
    facts.push(...(await renewExpired(tx, call, hand, { open, seen })))
    const landed = notInFlight(open.steps, plannable(seen, seen.own.steps))
    const fresh = uncovered(landed, open.steps.filter(isUnfinished))
    for (const drafts of [fresh.filter(({ kind }) => !takesAway(kind)), fresh.filter(({ kind }) => takesAway(kind))]) {
      if (drafts.length === 0) continue
      facts.push((await putPlan(tx, call, hand, { seen, drafts, replaced: [], ...originOf(drafts, seen) })).fact)
    }
    await closeEnded(tx, hand)
    // The authors of what is held back must still be found when it is planned.
    if (seen.known.snapshot.certificate.complete && landed.length === seen.own.steps.length)
      await tx.setPlannedUpTo(organizationId, connectionId, seen.sequence)
    const [first, ...rest] = facts
    return first ? [undefined, first, ...rest] : unchanged(undefined)
  })
}

/**
 * Plans for a person: the same difference as an open plan is that plan, with the person among its authors; another one is a new plan, which
 * takes over the steps of the open plans that it covers, with what became of them so far.
 */
export async function planFor(hand: Hand, seen: Survey, only: (draft: StepDraft) => boolean): Promise<string> {
  return commit(hand, async (tx, call) => {
    const open = await readOpen(tx, hand)
    const facts = await refreshSteps(tx, call, { open, seen })
    facts.push(...(await renewExpired(tx, call, hand, { open, seen })))
    const drafts = notInFlight(open.steps, plannable(seen, seen.full.steps)).filter(only)
    const restOf = (plan: Plan) => open.steps.filter((step) => step.planId === plan.id && isUnfinished(step) && !isInFlight(step))
    const covering = planThatHolds(drafts, open.plans, restOf)
    if (covering) {
      await addAuthor(tx, covering, { actor: call.actor, approvals: await tx.approvals(covering.organizationId, covering.id) })
      const [first, ...others] = facts
      return first ? [covering.id, first, ...others] : unchanged(covering.id)
    }
    const contents = new Set(open.plans.length > 0 ? drafts.map(contentOf) : [])
    const within = (plan: Plan) => restOf(plan).every((step) => contents.has(contentOf(step)))
    const whole = open.plans.filter((plan) => restOf(plan).length > 0 && within(plan))
    const replaced = whole.flatMap(restOf)
    const kept = new Set(
      open.plans
        .filter((plan) => !within(plan))
        .flatMap(restOf)
        .map(contentOf),
    )
    const fresh = kept.size > 0 ? drafts.filter((draft) => !kept.has(contentOf(draft))) : drafts
    const authors = new Set([call.actor, ...originOf(fresh, seen).authors, ...whole.flatMap((plan) => plan.authors)])
    authors.delete(systemActor)
    const made = await putPlan(tx, call, hand, {
      seen,
      drafts: fresh,
      replaced,
      authors: [...authors],
      reason: `asked for by ${call.actor}${shortfall(seen)}`,
      origin: 'person',
    })
    facts.push(...(await supersede(tx, call, { replaced, by: made.plan.id })))
    await closeEnded(tx, hand)
    return [made.plan.id, made.fact, ...facts]
  })
}

/**
 * Plans what the schedule asks for: whatever of the whole difference no open plan holds, which is what was changed at the vendor. Nothing of it is carried out
 * before a person applies it, unless the policy says so.
 */
export async function planScheduled(hand: Hand, seen: Survey): Promise<void> {
  const { organizationId, id: connectionId, policy } = hand.connection
  await commit(hand, async (tx, call) => {
    const connection = await tx.connection(organizationId, connectionId)
    if (connection) await tx.putConnection({ ...connection, plannedAt: call.now })
    const open = await readOpen(tx, hand)
    const drafts = uncovered(notInFlight(open.steps, plannable(seen, seen.full.steps)), open.steps.filter(isUnfinished))
    if (drafts.length === 0) return unchanged(undefined)
    const { authors } = originOf(drafts, seen)
    const reason = `by schedule, every ${policy.schedule?.everyHours} hours`
    const { fact } = await putPlan(tx, call, hand, { seen, drafts, replaced: [], authors, reason, origin: 'schedule' })
    return [undefined, fact]
  })
}

/** In the place of plans that can be approved no more come new ones of the same steps and authors, to be decided on anew. */
async function renewExpired(
  tx: LedgerWriter,
  call: Call,
  hand: Hand,
  { open, seen }: { readonly open: Open; readonly seen: Survey },
): Promise<FactDraft[]> {
  if (open.plans.length === 0) return []
  const { policy } = hand.connection
  const planned = new Map(seen.known.usable ? plannable(seen, neededBy(seen)).map((draft) => [contentOf(draft), draft]) : [])
  const facts: FactDraft[] = []
  for (const plan of open.plans) {
    const left = open.steps.filter((step) => step.planId === plan.id && isUnfinished(step))
    const drafts = left.flatMap((step) => planned.get(contentOf(step)) ?? [])
    const approvals = await tx.approvals(plan.organizationId, plan.id)
    const { decision } = standingOf({ plan, steps: left, approvals }, policy, call.now)
    // What is being sent, and what a read that is not complete does not show, keeps its plan.
    if (decision !== 'expired' || drafts.length < left.length || left.some(isInFlight)) continue
    const { authors, origin, reason } = plan
    const made = await putPlan(tx, call, hand, { seen, drafts, replaced: left, authors, reason, ...(origin && { origin }) })
    facts.push(made.fact, ...(await supersede(tx, call, { replaced: left, by: made.plan.id })))
  }
  if (facts.length > 0) Object.assign(open, await readOpen(tx, hand))
  return facts
}

function shortfall({ known, full }: Survey): string {
  const { complete, reasons } = known.snapshot.certificate
  if (complete) return ''
  const withheld = full.steps.filter(({ kind }) => takesAway(kind)).length
  const held = known.usable ? `${withheld} removals are held back` : 'nothing is planned'
  return `; ${held} until the vendor can be read completely: ${reasons.join('; ')}`
}
