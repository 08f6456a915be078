import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { HeldAccount, HeldPosition } from '../access/ledger.ts'
import { reasonsOf } from '../access/row.ts'
import { fold } from '../../directory/fold.ts'
import { powerOf } from '../blast-radius.ts'
import type { Assignment, Connection } from '../connection.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import type { Review, ReviewedRead, ReviewItem, ReviewScope } from './review.ts'

/** How many accounts go into one transaction. */
const chunk = 500

/** Writes an item for each account that the review is about, in the order of connection and account. */
export async function freeze(
  parts: SyncParts,
  call: () => Call,
  { review, connections }: { readonly review: Review; readonly connections: readonly Connection[] },
): Promise<void> {
  for (const connection of connections) {
    const read = review.reads.find(({ connectionId }) => connectionId === connection.id)
    if (!read) continue
    const of = { review, connection, read }
    for (let after: HeldPosition | undefined; ;) {
      const last: HeldPosition | undefined = await freezePart(parts)(call(), { ...of, after })
      if (!last) break
      after = last
    }
  }
}

/** The review, as long as these are the items that it gets. */
export async function stillPreparing(tx: LedgerReader, { organizationId, id, preparation }: Review): Promise<Review> {
  const review = await tx.review(organizationId, id)
  if (review?.state !== 'preparing' || review.preparation !== preparation)
    throw new DirectoryError('conflict', 'The review is being prepared by another request. Look at it: rollcall review list')
  return review
}

const freezePart = ({ ledger, newId }: SyncParts) =>
  command(
    ledger,
    'operate',
    async (
      tx: LedgerWriter,
      _call: Call,
      {
        review,
        connection,
        read,
        after,
      }: {
        readonly review: Review
        readonly connection: Connection
        readonly read: ReviewedRead
        readonly after: HeldPosition | undefined
      },
    ): Promise<Outcome<HeldPosition | undefined>> => {
      await stillPreparing(tx, review)
      const { organizationId, id } = connection
      const { membershipIds } = review.scope
      const held = membershipIds
        ? await heldByMembers(tx, connection, membershipIds)
        : await tx.heldAccounts(organizationId, id, { after, limit: chunk })
      const assignments = await tx.assignments(organizationId, id)
      const items = held
        .filter((account) => isAsked(account, review.scope))
        .map((account) => itemOf(account, { id: newId(), review, connection, read, assignments }))
      await tx.putReviewItems(items)
      const last = held.at(-1)
      const isMore = !membershipIds && held.length === chunk
      return unchanged(isMore && last ? { accountId: last.account.id, membershipId: last.person?.id ?? '' } : undefined)
    },
  )

async function heldByMembers(
  tx: LedgerReader,
  { organizationId, id }: Connection,
  membershipIds: readonly string[],
): Promise<readonly HeldAccount[]> {
  const held: HeldAccount[] = []
  for (const membershipId of new Set(membershipIds)) {
    const account = await tx.accountHeldBy(organizationId, id, membershipId)
    if (account) held.push(account)
  }
  return held
}

const isAsked = ({ account }: HeldAccount, { roles }: ReviewScope): boolean =>
  roles === undefined || account.roles.some(({ id, name }) => roles.some((role) => role === id || fold(role) === fold(name)))

function itemOf(
  { account, link, person, groups, excluded }: HeldAccount,
  {
    id,
    review,
    connection,
    read,
    assignments,
  }: {
    readonly id: string
    readonly review: Review
    readonly connection: Connection
    readonly read: ReviewedRead
    readonly assignments: readonly Assignment[]
  },
): ReviewItem {
  const { userName, email, status, roles } = account
  return {
    id,
    organizationId: review.organizationId,
    reviewId: review.id,
    connection: { id: connection.id, name: connection.name, vendor: connection.vendor },
    account: { id: account.id, userName, email, status, roles: roles.map((role) => ({ id: role.id, name: role.name })) },
    person,
    why: reasonsOf(assignments, person, { groups, excluded }),
    linkedBy: link?.rule,
    since: link?.madeAt,
    privileged: roles.map(({ name }) => name).filter((name) => powerOf(name, connection.policy) !== undefined),
    activity: { openSessions: account.activeSessions, changedAt: account.changedAt },
    read: { snapshotId: read.snapshotId, at: read.at, complete: read.complete },
    decision: undefined,
    outcome: undefined,
  }
}
