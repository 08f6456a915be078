import type { Call } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Approval, LedgerWriter, Plan, Step } from './ledger.ts'
import { systemActor } from './parts.ts'
import { contentOf, digestOf, takesAway, type StepDraft } from './plan.ts'
import { countAccounts, type Survey } from './survey.ts'
import type { Hand } from './work.ts'

export async function putPlan(
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
  const steps = drafts.map((draft, position): Step => {
    const before = tried.size > 0 ? tried.get(contentOf(draft)) : undefined
    return {
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
  })
  await tx.addSteps(steps)
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

export async function addAuthor(
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

/** Whose doing the steps are, and why, in words. Who made somebody leave remains an author of every later plan that takes their account away. */
export function originOf(
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
