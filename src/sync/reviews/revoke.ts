import { unchanged, type Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { FactDraft } from '../../directory/fact.ts'
import { leftByToo } from '../leaver/lock.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { isProtected, takesAway } from '../plan.ts'
import { isUnfinished } from '../step-state.ts'
import { answering, planKnown, readToPlan } from '../plans.ts'
import { withConnection } from '../run.ts'
import type { Account } from '../vendor.ts'
import { commit, type Hand } from '../work.ts'
import type { Exclusion, Review, ReviewedRead, ReviewItem, ReviewOutcome, ReviewResult } from './review.ts'

const chunk = 500

interface Where {
  readonly review: Review
  readonly read: ReviewedRead
}

/**
 * What a review revoked at one connection: those people are excluded from it, so that nothing gives the access back, and a plan takes it away when it is
 * approved. Undefined where nothing was revoked. A vendor that cannot be read now is planned by its next complete read, since the exclusion stands.
 */
export async function revokeAt(parts: SyncParts, call: Call, where: Where): Promise<ReviewResult | undefined> {
  const { review, read } = where
  const { connectionId, name } = read
  const { revoke: revoked } = await parts.ledger.read((tx) =>
    tx.countReviewItems(call.organizationId, review.id, { connectionId }),
  )
  if (revoked === 0) return undefined
  const result = { connectionId, name, revoked, planId: undefined, problem: undefined }
  if (!(await parts.ledger.read((tx) => tx.connection(call.organizationId, connectionId))))
    return { ...result, problem: 'The connection was removed.' }
  return withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      try {
        return await answering(hand, async () => {
          const known = await readToPlan(hand)
          const accounts = await excludeAll(hand, review)
          const planId =
            accounts.size === 0
              ? undefined
              : await planKnown(hand, known, {
                  only: ({ kind, accountId }) => takesAway(kind) && accounts.has(accountId ?? ''),
                })
          const { complete, reasons } = known.snapshot.certificate
          const problem = complete ? undefined : `The vendor could not be read completely: ${reasons.join('; ')}`
          await noteOutcomes(hand, review, problem)
          return { ...result, planId, problem }
        })
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.refusal !== 'unavailable') throw error
        await excludeAll(hand, review)
        await noteOutcomes(hand, review, error.message)
        return { ...result, problem: error.message }
      }
    },
  })
}

/** Excludes whom the review revoked and who still is whom it was about; answers the ids of their accounts. */
async function excludeAll(hand: Hand, review: Review): Promise<ReadonlySet<string>> {
  const accounts = new Set<string>()
  await forEachRevoked(hand, review, async (tx, call, items) => {
    const facts: FactDraft[] = []
    const settled: ReviewItem[] = []
    for (const item of items) {
      const stands = await standingNow(tx, item)
      if ('outcome' in stands) settled.push({ ...item, outcome: stands.outcome })
      else {
        accounts.add(item.account.id)
        // Of a close that was cut off: what comes of it is told anew.
        if (item.outcome) settled.push({ ...item, outcome: undefined })
        facts.push(...(await exclude(tx, call, { review, item, ...stands })))
      }
    }
    await tx.putReviewItems(settled)
    return facts
  })
  return accounts
}

async function exclude(
  tx: LedgerWriter,
  { organizationId, now }: Call,
  { review, item, changed }: { readonly review: Review; readonly item: ReviewItem; readonly changed: string | undefined },
): Promise<readonly FactDraft[]> {
  const { connection, account, person, decision } = item
  if (!person || !decision) return []
  const link = await tx.linkOf(organizationId, connection.id, person.id)
  const left = link && leftByToo(link, decision.by)
  if (left && left !== link) await tx.putLink(left)
  const before = await tx.exclusion(organizationId, connection.id, person.id)
  if (before?.review.itemId === item.id) return []
  const exclusion: Exclusion = {
    organizationId,
    connectionId: connection.id,
    membershipId: person.id,
    subject: account.userName,
    review: { id: review.id, name: review.name, itemId: item.id },
    by: decision.by,
    at: now,
    reason: decision.reason ?? '',
    ...(changed !== undefined && { changed }),
  }
  await tx.putExclusion(exclusion)
  const detail = {
    connectionId: connection.id,
    accountId: account.id,
    reviewId: review.id,
    itemId: item.id,
    by: decision.by,
    reason: decision.reason,
    changed,
  }
  return [{ action: 'exclusion.made', subject: person.id, detail }]
}

/** How an item's account stands now: what ends its revocation here, or how it differs from what was reviewed. */
async function standingNow(
  tx: LedgerReader,
  item: ReviewItem,
): Promise<{ readonly outcome: ReviewOutcome } | { readonly changed: string | undefined }> {
  const { organizationId, connection, person } = item
  const account = await tx.account(organizationId, connection.id, item.account.id)
  const holder = await tx.linkOfAccount(organizationId, connection.id, item.account.id)
  const left = (kind: ReviewOutcome['kind'], message: string) => ({ outcome: { kind, message } })
  if (!person) {
    if (!account) return left('gone', 'the account is gone')
    if (holder) return left('changed', 'the account belonged to nobody and was linked to somebody since: review it again')
    return left('byHand', 'the account belongs to nobody, and no plan removes such: remove it in the vendor’s console')
  }
  const link = await tx.linkOf(organizationId, connection.id, person.id)
  if (link && link.accountId !== item.account.id)
    return left('changed', `they have another account by now, ${link.accountId}, which nobody reviewed`)
  if (account && !link)
    return left(
      'changed',
      `the account is ${holder ? 'linked to somebody else' : 'not linked to them any more'}: review it again`,
    )
  return { changed: account && changeOf(item, account) }
}

function changeOf({ account: before }: ReviewItem, now: Account): string | undefined {
  const named = (roles: Account['roles']) =>
    roles
      .map(({ name }) => name)
      .toSorted()
      .join(', ') || '(none)'
  const changes = [
    ...(named(before.roles) === named(now.roles) ? [] : [`its roles changed: ${named(before.roles)} → ${named(now.roles)}`]),
    ...(before.status === now.status ? [] : [`its status changed: ${before.status} → ${now.status}`]),
  ]
  return changes.length > 0 ? changes.join(' and ') : undefined
}

/** Writes down what became of each revocation, after the plan is made. */
async function noteOutcomes(hand: Hand, review: Review, problem: string | undefined): Promise<void> {
  const { organizationId, id: connectionId, policy } = hand.connection
  const open = await hand.parts.ledger.read((tx) => tx.openSteps(organizationId, connectionId))
  const steps = new Map(open.filter((step) => takesAway(step.kind) && isUnfinished(step)).map((step) => [step.accountId, step]))
  const outcomeOf = async (tx: LedgerReader, item: ReviewItem): Promise<ReviewOutcome> => {
    const account = await tx.account(organizationId, connectionId, item.account.id)
    if (!account) return { kind: 'gone', message: 'the account is gone' }
    const change = changeOf(item, account)
    const told = (message: string) => (change === undefined ? message : `${message}; since it was reviewed, ${change}`)
    if (isProtected(policy, account))
      return { kind: 'protected', message: told('the account is protected: no plan takes it away') }
    const step = steps.get(account.id)
    if (step?.state === 'unsupported') return { kind: 'byHand', message: told(step.reason), planId: step.planId }
    if (step) return { kind: 'planned', message: told(`${step.kind}: waits for the approval of its plan`), planId: step.planId }
    if (problem !== undefined) return { kind: 'waiting', message: told(`is planned by the next complete read. ${problem}`) }
    return { kind: 'kept', message: told(`the account is ${account.status}, and the policy of the connection leaves it so`) }
  }
  await forEachRevoked(hand, review, async (tx, _call, items) => {
    const noted: ReviewItem[] = []
    for (const item of items) if (!item.outcome) noted.push({ ...item, outcome: await outcomeOf(tx, item) })
    await tx.putReviewItems(noted)
    return []
  })
}

/** Walks what the review revoked at the connection, some at a time, each time in a transaction of its own. */
async function forEachRevoked(
  hand: Hand,
  { organizationId, id }: Review,
  run: (tx: LedgerWriter, call: Call, items: readonly ReviewItem[]) => Promise<readonly FactDraft[]>,
): Promise<void> {
  const filter = { connectionId: hand.connection.id, state: 'revoke', limit: chunk } as const
  for (let after: string | undefined; ;) {
    const last: string | undefined = await commit(hand, async (tx, call) => {
      const items = await tx.reviewItems(organizationId, id, { ...filter, after })
      const [first, ...rest] = await run(tx, call, items)
      const next = items.length === chunk ? items.at(-1)?.id : undefined
      return first ? [next, first, ...rest] : unchanged(next)
    })
    if (last === undefined) return
    after = last
  }
}
