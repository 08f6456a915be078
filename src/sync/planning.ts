import { isDeepStrictEqual } from 'node:util'
import { unchanged, type Call } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Approval, LedgerWriter, Plan, Step } from './ledger.ts'
import { putNewLinks } from './new-links.ts'
import { systemActor } from './parts.ts'
import { contentOf, digestOf, takesAway, uncovered, type StepDraft } from './plan.ts'
import { standingOf } from './standing.ts'
import { isInFlight, isUnfinished } from './step-state.ts'
import { countAccounts, type Survey } from './survey.ts'
import { commit, commitInParts, type Hand } from './work.ts'

/** Stores the links that matching made and the states that turned out as wanted, and takes away links of leavers whose account is gone. */
export async function putLinks(hand: Hand, seen: Survey): Promise<void> {
  const { newLinks, passedOn, lapsed, own, known } = seen
  const stale = known.snapshot.certificate.complete ? own.stale : []
  const { organizationId, id: connectionId } = hand.connection
  // The link of somebody who came back passes on in one transaction.
  const passing = new Set(passedOn.map(({ accountId }) => accountId))
  const returned = newLinks.filter(({ accountId }) => passing.has(accountId))
  const matched = newLinks.filter(({ accountId }) => !passing.has(accountId))
  if (passedOn.length + lapsed.length > 0)
    await commit(hand, async (tx) => {
      const [first, ...rest] = await putNewLinks(tx, { newLinks: returned, passedOn, lapsed })
      return first ? [undefined, first, ...rest] : unchanged(undefined)
    })
  await commitInParts(hand, matched, (tx, _call, part) => putNewLinks(tx, { newLinks: part, passedOn: [], lapsed: [] }))
  await commitInParts(hand, own.accepted, async (tx, _call, part) => {
    for (const link of part) await tx.putLink(link)
    return []
  })
  await commitInParts(hand, stale, async (tx, _call, part) => {
    for (const link of part) await tx.removeLink(organizationId, connectionId, link.membershipId)
    return part.map(({ accountId, membershipId }) => ({
      action: 'link.removed',
      subject: accountId,
      detail: { connectionId, membershipId, reason: 'the account is gone' },
    }))
  })
}

/** The steps that may be planned on what is known: what removes rests on a complete read alone, what adds on one complete read some time before. */
export function plannable({ known }: Survey, steps: readonly StepDraft[]): readonly StepDraft[] {
  if (known.snapshot.certificate.complete) return steps
  return known.usable ? steps.filter(({ kind }) => !takesAway(kind)) : []
}

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
    const contents = new Set(drafts.map(contentOf))
    const within = (plan: Plan) => restOf(plan).every((step) => contents.has(contentOf(step)))
    const whole = open.plans.filter((plan) => restOf(plan).length > 0 && within(plan))
    const replaced = whole.flatMap(restOf)
    const kept = new Set(
      open.plans
        .filter((plan) => !within(plan))
        .flatMap(restOf)
        .map(contentOf),
    )
    const fresh = drafts.filter((draft) => !kept.has(contentOf(draft)))
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

/** Closes the connection's plans of which nothing is left to do. */
export async function closeEnded(tx: LedgerWriter, { connection }: Pick<Hand, 'connection'>): Promise<void> {
  const open = await readOpen(tx, { connection })
  const left = new Set(open.steps.filter(isUnfinished).map(({ planId }) => planId))
  for (const plan of open.plans)
    if (!left.has(plan.id)) await tx.putPlan({ ...plan, state: plan.supersededBy ? 'superseded' : 'closed' })
}

/** An open plan that holds all of the drafts: one that holds nothing else, before one that does. */
function planThatHolds(
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

interface Open {
  plans: readonly Plan[]
  steps: readonly Step[]
}

/** In the place of plans that can be approved no more come new ones of the same steps and authors, to be decided on anew. */
async function renewExpired(
  tx: LedgerWriter,
  call: Call,
  hand: Hand,
  { open, seen }: { readonly open: Open; readonly seen: Survey },
): Promise<FactDraft[]> {
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

/** Every step that may stand in a plan, whoever asked for it. */
const neededBy = (seen: Survey): readonly StepDraft[] => [...seen.own.alternatives, ...seen.full.steps, ...seen.own.steps]

async function readOpen(tx: LedgerWriter, { connection }: Pick<Hand, 'connection'>): Promise<Open> {
  const { organizationId, id: connectionId } = connection
  return {
    plans: await tx.plans(organizationId, { connectionId, state: 'open', limit: 10_000 }),
    steps: await tx.openSteps(organizationId, connectionId),
  }
}

/** What is being sent is not planned a second time: what came of it decides what is left. */
function notInFlight(steps: readonly Step[], drafts: readonly StepDraft[]): readonly StepDraft[] {
  const flying = steps.filter(isInFlight)
  return drafts.filter(
    (draft) =>
      !flying.some(
        (step) =>
          step.membershipId === draft.membershipId || (step.accountId !== undefined && step.accountId === draft.accountId),
      ),
  )
}

/** Brings the open steps in line with the difference: those that are not part of it any more end here, and what stood in the way of one that nobody tried may be gone, or new. */
async function refreshSteps(
  tx: LedgerWriter,
  call: Call,
  { open, seen }: { readonly open: Open; readonly seen: Survey },
): Promise<FactDraft[]> {
  if (!seen.known.usable) return []
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

async function supersede(
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

async function addAuthor(
  tx: LedgerWriter,
  plan: Plan,
  { actor, approvals }: { readonly actor: string; readonly approvals: readonly Approval[] },
): Promise<void> {
  // Who has approved the plan already does not take the approval back by looking at it again: somebody else asked for it first.
  if (plan.authors.includes(actor) || approvals.some((approval) => approval.actor === actor && approval.digest === plan.digest))
    return
  const joint: Plan = { ...plan, authors: [...plan.authors, actor] }
  await tx.putPlan(joint)
  await noteLeaving(tx, joint, await tx.steps(plan.organizationId, plan.id))
}

async function putPlan(
  tx: LedgerWriter,
  call: Call,
  { parts, connection }: Hand,
  input: {
    readonly seen: Survey
    readonly drafts: readonly StepDraft[]
    readonly replaced: readonly Step[]
    readonly authors: readonly string[]
    readonly reason: string
    readonly origin?: Plan['origin']
  },
): Promise<{ readonly plan: Plan; readonly fact: FactDraft }> {
  const { seen, drafts, authors, reason, origin } = input
  const { organizationId, id: connectionId } = connection
  const plan: Plan = {
    id: parts.newId(),
    organizationId,
    connectionId,
    snapshotId: seen.known.snapshot.id,
    digest: digestOf(connectionId, drafts),
    authors,
    reason,
    ...(origin && { origin }),
    accounts: countAccounts(seen),
    removals: drafts.filter(({ kind }) => takesAway(kind)).length,
    state: drafts.length > 0 ? 'open' : 'closed',
    supersededBy: undefined,
    createdAt: call.now,
  }
  await tx.putPlan(plan)
  await noteLeaving(tx, plan, drafts)
  const tried = new Map(input.replaced.filter(({ state }) => state === 'failed').map((step) => [contentOf(step), step]))
  for (const [position, draft] of drafts.entries()) {
    const before = tried.get(contentOf(draft))
    const step: Step = {
      ...draft,
      id: parts.newId(),
      organizationId,
      connectionId,
      planId: plan.id,
      position,
      attempts: 0,
      retryAt: undefined,
      updatedAt: call.now,
      ...(before && { state: before.state, reason: before.reason, attempts: before.attempts, retryAt: before.retryAt }),
    }
    await tx.putStep(step)
  }
  const { digest, removals } = plan
  return {
    plan,
    fact: {
      action: 'plan.created',
      subject: plan.id,
      detail: { connectionId, digest, steps: drafts.length, removals, authors, reason },
    },
  }
}

/** Whose doing the steps are, and why, in words. Who made somebody leave remains an author of every later plan that takes their account away. */
function originOf(
  drafts: readonly StepDraft[],
  { causes, links }: Survey,
): { readonly authors: readonly string[]; readonly reason: string; readonly origin: NonNullable<Plan['origin']> } {
  const concerned = new Set(drafts.map(({ membershipId }) => membershipId))
  const leaving = new Set(drafts.filter(({ kind }) => takesAway(kind)).map(({ membershipId }) => membershipId))
  const before = links.flatMap(({ membershipId, leftBy = [] }) => (leaving.has(membershipId) ? leftBy : []))
  const relevant = causes.filter(({ membershipIds }) => !membershipIds || membershipIds.some((id) => concerned.has(id)))
  const authors = [...new Set([...relevant.map(({ actor }) => actor), ...before])].toSorted()
  if (relevant.length === 0)
    return {
      authors: authors.length > 0 ? authors : [systemActor],
      reason: 'found by comparing the directory with the vendor',
      origin: 'schedule',
    }
  const actions = [...new Set(relevant.map(({ action }) => action))].toSorted()
  return { authors, reason: `raised by ${actions.join(', ')}`, origin: 'fact' }
}

/** Notes on the links of leavers who had a hand in it. */
async function noteLeaving(
  tx: LedgerWriter,
  { authors, organizationId, connectionId }: Plan,
  drafts: readonly Pick<Step, 'kind' | 'membershipId' | 'accountId'>[],
): Promise<void> {
  const by = authors.filter((actor) => actor !== systemActor)
  if (by.length === 0) return
  for (const { kind, membershipId, accountId } of drafts) {
    if (!takesAway(kind) || membershipId === undefined) continue
    const link = await tx.linkOf(organizationId, connectionId, membershipId)
    if (link && link.accountId === accountId)
      await tx.putLink({ ...link, leftBy: [...new Set([...(link.leftBy ?? []), ...by])].toSorted() })
  }
}

function shortfall({ known, full }: Survey): string {
  const { complete, reasons } = known.snapshot.certificate
  if (complete) return ''
  const withheld = full.steps.filter(({ kind }) => takesAway(kind)).length
  const held = known.usable ? `${withheld} removals are held back` : 'nothing is planned'
  return `; ${held} until the vendor can be read completely: ${reasons.join('; ')}`
}
