import { unchanged } from '../directory/call.ts'
import { applySteps, resolveSteps } from './apply.ts'
import { retryTime } from './backoff.ts'
import { collect } from './collect.ts'
import { putFailedRead, putReadFinding, putSurveyFindings } from './findings.ts'
import { assessVisits } from './leaver/assess.ts'
import { lockLeavers } from './leaver/lock.ts'
import { leaversDue, recheckVisits } from './leaver/recheck.ts'
import { isApproved as isStepApproved, needsApproval } from './guard.ts'
import type { Step } from './ledger.ts'
import { takesAway, uncovered } from './plan.ts'
import { closeEnded, plannable } from './open-plans.ts'
import { planNews, planScheduled } from './planning.ts'
import { putLinks } from './put-links.ts'
import { isInFlight, isUnfinished } from './step-state.ts'
import { scheduledAt } from './policy.ts'
import { readVendor, recallAccounts, type Known } from './read-vendor.ts'
import { withRisks } from './surroundings.ts'
import { survey, type Survey } from './survey.ts'
import { isRemoteFailure } from './vendor.ts'
import { commit, type Hand } from './work.ts'

/** How often a connection is read without any reason. */
const periodMs = 15 * 60_000
/** How soon a read that was not complete, or failed, is repeated. */
const rereadMs = 30_000

/**
 * One turn of work on a connection: locks out whoever left, finds out what became of steps whose answer was lost, compares, plans what is new,
 * carries out what may be, and answers when the next turn is due.
 */
export async function reconcile(hand: Hand): Promise<Date> {
  const { parts } = hand
  const after = (ms: number) => new Date(parts.clock().getTime() + ms)
  try {
    // Before anything is listed: whoever left loses access also while the vendor cannot be read completely.
    await lockLeavers(hand)
    const scheduled = scheduledAt(hand.connection)
    const isScheduled = scheduled !== undefined && scheduled <= parts.clock()
    const seen = await withRisks(hand, await look(hand, isScheduled ? 'anew' : 'asNeeded'))
    await putLinks(hand, seen)
    await putSurveyFindings(hand, seen)
    await planNews(hand, seen)
    if (isScheduled && seen.known.usable) await planScheduled(hand, seen)
    const left = await applySteps(hand, seen)
    const unknown = await openSteps(hand, ({ state }) => state === 'unknown')
    if (unknown.length > 0) await resolveByReading(hand, unknown)
    await commit(hand, async (tx) => {
      await closeEnded(tx, hand)
      return unchanged(undefined)
    })
    await assessVisits(hand)
    await recheckVisits(hand)
    if (left === 'more') return parts.clock()
    return earliest([
      after(periodMs),
      ...(seen.known.snapshot.certificate.complete ? [] : [after(rereadMs)]),
      ...(scheduled && !isScheduled ? [scheduled] : []),
      ...(await retries(hand)),
      ...(await leaversDue(hand)),
    ])
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    await putFailedRead(hand, error.message)
    return after(rereadMs)
  }
}

/** Compares on what is known already where that is enough; removals that no plan holds yet, and steps whose fate is unknown, want a read of now. */
async function look(hand: Hand, how: 'anew' | 'asNeeded'): Promise<Survey> {
  const lost = await openSteps(hand, isInFlight)
  if (lost.length > 0) return survey(hand, await resolveByReading(hand, lost))
  const recalled = how === 'asNeeded' ? await recallAccounts(hand) : undefined
  if (!recalled) return survey(hand, await read(hand, 'schedule'))
  const seen = await survey(hand, recalled)
  return (await hasNewRemovals(hand, seen)) ? survey(hand, await read(hand, 'schedule')) : seen
}

/** Reads the vendor and says so where the read is not complete. */
export async function read(hand: Hand, askedBy: 'person' | 'schedule'): Promise<Known> {
  const known = await readVendor(hand, askedBy)
  await putReadFinding(hand, known)
  return known
}

/** Settles the steps whose answer was lost; the vendor is always read anew for it. Answers that read. */
export async function resolveByReading(hand: Hand, steps: readonly Step[]): Promise<Known> {
  const { organizationId, id } = hand.connection
  const known = await read(hand, 'schedule')
  const links = await hand.parts.ledger.read((tx) =>
    collect(
      (page) => tx.links(organizationId, id, page),
      ({ membershipId }) => membershipId,
    ),
  )
  await resolveSteps(hand, steps, { known, links })
  // Settling removed and added accounts.
  return (await recallAccounts(hand)) ?? known
}

/** The steps of the connection's open plans that answer the description. */
export async function openSteps({ parts, connection }: Hand, which: (step: Step) => boolean): Promise<readonly Step[]> {
  return (await parts.ledger.read((tx) => tx.openSteps(connection.organizationId, connection.id))).filter(which)
}

/** Removals that no plan holds yet: they are planned on nothing but a read of now. */
async function hasNewRemovals(hand: Hand, seen: Survey): Promise<boolean> {
  const leaving = plannable(seen, seen.own.steps).filter(({ kind }) => takesAway(kind))
  return uncovered(leaving, await openSteps(hand, isUnfinished)).length > 0
}

/** When steps that failed, or whose fate is not known, want another turn. */
async function retries(hand: Hand): Promise<readonly Date[]> {
  const { parts, connection } = hand
  const waiting = await openSteps(
    hand,
    ({ state, retryAt }) => state === 'unknown' || state === 'sending' || (state === 'failed' && retryAt !== undefined),
  )
  const times: Date[] = []
  for (const step of waiting) {
    if (step.state !== 'failed') times.push(retryTime(parts.clock(), step.attempts))
    else if (
      step.retryAt &&
      connection.writesEnabled &&
      (!needsApproval(step, connection.policy) || (await isApproved(hand, step)))
    )
      times.push(step.retryAt)
  }
  return times
}

const isApproved = ({ parts, connection }: Hand, step: Step): Promise<boolean> =>
  parts.ledger.read(async (tx) => {
    const plan = await tx.plan(step.organizationId, step.planId)
    return (
      plan !== undefined &&
      isStepApproved(plan, await tx.approvals(step.organizationId, step.planId), {
        step,
        policy: connection.policy,
        now: parts.clock(),
      })
    )
  })

const earliest = (times: readonly Date[]): Date => times.reduce((first, time) => (time < first ? time : first))
