import type { Call, Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Membership } from '../directory/membership.ts'
import type { PlanView } from './engine.ts'
import type { Link } from './ledger.ts'
import { checkReason, refuseInFlight } from './link-in-hand.ts'
import type { SyncParts } from './parts.ts'
import { isProtected } from './plan.ts'
import { answering, planNow, viewPlan } from './plans.ts'
import { withConnection } from './run.ts'
import { memberOrNone } from './leavers.ts'
import type { Account } from './vendor.ts'
import { commit, type Hand } from './work.ts'

interface Merge {
  readonly connectionId: string
  readonly keepAccountId: string
  readonly removeAccountId: string
  readonly reason: string
}

/**
 * Keeps one of two accounts of a member and plans the removal of the other. Exactly one member may stand behind the two: whoever holds the other one has
 * left, or nobody holds it. Both are read at the vendor first; the mark that the other is surplus is durable, so that its removal is planned until it is gone.
 */
export async function mergeAccounts(parts: SyncParts, call: Call, input: Merge): Promise<PlanView> {
  const reason = checkReason(input.reason)
  const { connectionId, keepAccountId, removeAccountId } = input
  if (keepAccountId === removeAccountId)
    throw new DirectoryError('invalid', 'Name two accounts: one to keep and another to remove.', { field: 'removeAccountId' })
  await withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      const { vendor, connection } = hand
      const read = async (id: string, field: string): Promise<Account> => {
        const account = await answering(hand, () => vendor.reader.read(id))
        if (account) return account
        throw new DirectoryError('notFound', `${vendor.name} has no account ${id}.`, { field })
      }
      const kept = await read(keepAccountId, 'keepAccountId')
      const surplus = await read(removeAccountId, 'removeAccountId')
      if (isProtected(connection.policy, surplus))
        throw new DirectoryError('unsafe', `Account ${surplus.id} is protected: no plan removes it. Keep that one.`, {
          field: 'removeAccountId',
        })
      const { link, other } = await holdersOf(hand, { kept, surplus })
      await markSurplus(hand, { kept, surplus, link, other, reason })
    },
  })
  const id = await planNow(parts, call, {
    connectionId,
    only: ({ kind, accountId }) => kind === 'remove' && accountId === removeAccountId,
  })
  return parts.ledger.read((tx) => viewPlan(tx, call, id))
}

/** The link that remains, and the one that goes. */
async function holdersOf(
  { parts, connection }: Hand,
  { kept, surplus }: { readonly kept: Account; readonly surplus: Account },
): Promise<{ readonly link: Link; readonly other: Link | undefined }> {
  const { organizationId, id: connectionId } = connection
  const { link, other } = await parts.ledger.read(async (tx) => ({
    link: await tx.linkOfAccount(organizationId, connectionId, kept.id),
    other: await tx.linkOfAccount(organizationId, connectionId, surplus.id),
  }))
  const nameOf = async (one: Link | undefined): Promise<Membership | undefined> =>
    one && (await memberOrNone(parts, organizationId, one.membershipId))
  if (!link)
    throw new DirectoryError(
      'conflict',
      other
        ? `Nobody is linked to account ${kept.id}, and ${(await nameOf(other))?.userName ?? 'somebody who left'} is linked to ${surplus.id}. Unlink that one, and answer the question that follows with ${kept.id}: rollcall links unlink`
        : `Nobody is linked to account ${kept.id}. Link the person to it first: rollcall questions list, or rollcall findings adopt`,
      { field: 'keepAccountId' },
    )
  const holder = await nameOf(other)
  if (holder?.status === 'active')
    throw new DirectoryError(
      'conflict',
      `Account ${surplus.id} belongs to ${holder.userName}, an active member. Two members who are one human: remove or suspend one of them in the directory first.`,
      { field: 'removeAccountId' },
    )
  return { link, other }
}

const markSurplus = (
  hand: Hand,
  {
    kept,
    surplus,
    link,
    other,
    reason,
  }: {
    readonly kept: Account
    readonly surplus: Account
    readonly link: Link
    readonly other: Link | undefined
    readonly reason: string
  },
): Promise<void> =>
  commit(hand, async (tx, call): Promise<Outcome<undefined>> => {
    const { organizationId, id: connectionId } = hand.connection
    await refuseInFlight(tx, hand, surplus.id)
    const { membershipId } = link
    const facts: FactDraft[] = []
    if (other) {
      await tx.removeLink(organizationId, connectionId, other.membershipId)
      facts.push({
        action: 'link.removed',
        subject: surplus.id,
        detail: { connectionId, membershipId: other.membershipId, reason: `merged into ${kept.id}` },
      })
    }
    await tx.putMarking({
      organizationId,
      connectionId,
      accountId: surplus.id,
      subject: surplus.userName,
      kind: 'surplus',
      membershipId,
      keptAccountId: kept.id,
      by: call.actor,
      at: call.now,
      reason,
    })
    const detail = { connectionId, kind: 'surplus', membershipId, keptAccountId: kept.id, reason }
    return [undefined, { action: 'account.marked', subject: surplus.id, detail }, ...facts]
  })
