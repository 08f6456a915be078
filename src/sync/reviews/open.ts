import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { canonicalJson } from '../../directory/json.ts'
import { importNow } from '../accounts.ts'
import type { Connection } from '../connection.ts'
import type { LedgerWriter } from '../ledger.ts'
import { requireOperator, type SyncParts } from '../parts.ts'
import { checkReview } from './check.ts'
import type { CreateReview, ReviewView } from './engine.ts'
import { freeze, stillPreparing } from './freeze.ts'
import type { Review, ReviewedRead } from './review.ts'
import { viewReview } from './view.ts'

/** Reads the vendors, freezes what is there, and opens the review. */
export async function openReview(parts: SyncParts, call: Call, input: CreateReview): Promise<ReviewView> {
  const { ledger, clock } = parts
  await requireOperator(parts, call)
  const view = (review: Review) => ledger.read((tx) => viewReview(tx, review, clock()))
  const before = await ledger.read((tx) => tx.reviewByName(call.organizationId, input.name.trim()))
  if (before && isRepeated(before, call, input) && before.state !== 'preparing') return view(before)
  if (before && !isRepeated(before, call, input)) throw taken()
  const connections = await checkReview(parts, call, input)
  const reads: ReviewedRead[] = []
  for (const connection of connections) reads.push(await readAnew(parts, call, connection))
  const own = () => ({ ...call, now: clock(), idempotency: undefined })
  const review = await begin(parts)(own(), { ...input, reads })
  await freeze(parts, own, { review, connections })
  return view(await finish(parts)(own(), review))
}

/** Reads a vendor and matches its people. One that cannot be read now is reviewed as it was read last. */
async function readAnew(parts: SyncParts, call: Call, { id, organizationId, name, vendor }: Connection): Promise<ReviewedRead> {
  let problem: string | undefined
  try {
    await importNow(parts, { ...call, idempotency: undefined }, id)
  } catch (error) {
    if (!(error instanceof DirectoryError) || (error.refusal !== 'unavailable' && error.refusal !== 'conflict')) throw error
    problem = error.message
  }
  const [snapshot, accounts] = await parts.ledger.read(async (tx) => [
    await tx.latestSnapshot(organizationId, id),
    await tx.countAccounts(organizationId, id),
  ])
  if (!snapshot || (!snapshot.certificate.complete && accounts === 0))
    throw new DirectoryError(
      'unavailable',
      `${name} was never read completely, so nothing of it can be reviewed${problem === undefined ? '' : `: ${problem}`}. Leave it out, or try again.`,
    )
  const { complete, reasons } = snapshot.certificate
  const why = problem ?? (complete ? undefined : reasons.join('; '))
  return { connectionId: id, name, vendor, snapshotId: snapshot.id, at: snapshot.finishedAt, complete, problem: why }
}

const begin = ({ ledger, newId }: SyncParts) =>
  command(
    ledger,
    'operate',
    async (
      tx: LedgerWriter,
      call: Call,
      { reads, ...input }: CreateReview & { readonly reads: readonly ReviewedRead[] },
    ): Promise<Outcome<Review>> => {
      const before = await tx.reviewByName(call.organizationId, input.name.trim())
      if (before) {
        if (!isRepeated(before, call, input) || before.state !== 'preparing') throw taken()
        const again: Review = { ...before, reads, preparation: newId() }
        await tx.removeReviewItems(call.organizationId, before.id)
        await tx.putReview(again)
        return unchanged(again)
      }
      const review: Review = {
        ...definitionOf(input),
        id: newId(),
        organizationId: call.organizationId,
        name: input.name.trim(),
        state: 'preparing',
        preparation: newId(),
        createdBy: call.actor,
        createdAt: call.now,
        reads,
        closed: undefined,
        results: [],
      }
      await tx.putReview(review)
      const { name, scope, reviewers, dueAt, undecided } = review
      const detail = {
        name,
        scope: { ...scope },
        reviewers: reviewers.map((reviewer) => ({ ...reviewer })),
        dueAt: dueAt.toISOString(),
        undecided,
      }
      return [review, { action: 'review.created', subject: review.id, detail }]
    },
  )

const finish = ({ ledger }: SyncParts) =>
  command(ledger, 'operate', async (tx: LedgerWriter, call: Call, frozen: Review): Promise<Outcome<Review>> => {
    const review: Review = { ...(await stillPreparing(tx, frozen)), state: 'open' }
    await tx.putReview(review)
    await tx.schedule({ organizationId: review.organizationId, kind: 'review', subject: review.id, dueAt: review.dueAt })
    const { undecided: items } = await tx.countReviewItems(call.organizationId, review.id, {})
    const detail = { name: review.name, items, dueAt: review.dueAt.toISOString() }
    return [review, { action: 'review.opened', subject: review.id, detail }]
  })

const definitionOf = ({ scope, reviewers, dueAt, undecided = 'leave' }: CreateReview) => ({ scope, reviewers, dueAt, undecided })

const isRepeated = (review: Review, { actor }: Call, input: CreateReview): boolean =>
  review.createdBy === actor && canonicalJson(definitionOf(review)) === canonicalJson(definitionOf(input))

const taken = () =>
  new DirectoryError('taken', 'Another review has this name. Give this one a name of its own.', { field: 'name' })
