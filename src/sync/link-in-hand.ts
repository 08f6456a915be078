import type { Call, Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import { accountDetail } from './access/recorded.ts'
import { stateOfAccount } from './account-state.ts'
import { compareIdentity } from './evidence.ts'
import type { LedgerReader, LedgerWriter } from './ledger.ts'
import { isInFlight } from './step-state.ts'
import { answering } from './plans.ts'
import { memberOrNone } from './leavers.ts'
import { commit, type Hand } from './work.ts'

/**
 * Links a member to an account because a person says so; an account that belongs to another active member stays theirs. `also` runs in the same
 * transaction and may refuse the whole.
 */
export async function linkInHand<O>(
  hand: Hand,
  input: { readonly connectionId: string; readonly membershipId: string; readonly accountId: string },
  also: (tx: LedgerWriter, call: Call) => Promise<readonly [O, ...FactDraft[]]>,
): Promise<O> {
  const { parts, connection } = hand
  const { organizationId } = connection
  const { connectionId, membershipId, accountId } = input
  const member = await memberOrNone(parts, organizationId, membershipId)
  if (!member) throw new DirectoryError('notFound', 'There is no such member in this organization.', { field: 'membershipId' })
  const account = await answering(hand, () => hand.vendor.reader.read(accountId))
  if (!account) throw new DirectoryError('notFound', `${hand.vendor.name} has no account ${accountId}.`, { field: 'accountId' })
  const holder = await parts.ledger.read((tx) => tx.linkOfAccount(organizationId, connectionId, accountId))
  const other = holder && holder.membershipId !== membershipId ? holder : undefined
  if (other && (await memberOrNone(parts, organizationId, other.membershipId))?.status === 'active')
    throw new DirectoryError('taken', 'The account is linked to another active member.', { field: 'accountId' })
  return commit(hand, async (tx, call): Promise<Outcome<O>> => {
    await refuseInFlight(tx, hand, accountId)
    const [answer, ...facts] = await also(tx, call)
    const before = await tx.linkOf(organizationId, connectionId, membershipId)
    if (before && before.accountId !== accountId) {
      await refuseInFlight(tx, hand, before.accountId)
      const reason = `account ${accountId} is theirs`
      facts.push({ action: 'link.removed', subject: before.accountId, detail: { connectionId, membershipId, reason } })
    }
    if (other) await tx.removeLink(organizationId, connectionId, other.membershipId)
    if (await tx.marking(organizationId, connectionId, accountId)) {
      await tx.removeMarking(organizationId, connectionId, accountId)
      facts.push({ action: 'account.unmarked', subject: accountId, detail: { connectionId, reason: 'linked' } })
    }
    await tx.putAccount(organizationId, connectionId, account)
    await tx.putLink({
      organizationId,
      connectionId,
      membershipId,
      accountId,
      rule: 'manual',
      compared: compareIdentity(member, account),
      madeBy: call.actor,
      madeAt: call.now,
      written: stateOfAccount(account),
    })
    const detail = { connectionId, membershipId, rule: 'manual', before: other?.membershipId, account: accountDetail(account) }
    return [answer, { action: 'link.made', subject: accountId, detail }, ...facts]
  })
}

/** What is being sent to an account is sent for whoever holds it: that ends first. */
export async function refuseInFlight(tx: LedgerReader, { connection }: Hand, accountId: string): Promise<void> {
  const steps = await tx.openSteps(connection.organizationId, connection.id)
  if (steps.some((step) => step.accountId === accountId && isInFlight(step)))
    throw new DirectoryError(
      'conflict',
      `A step on account ${accountId} is under way and its outcome is not known yet. Repeat this once it is: rollcall plan --connection ${connection.name}`,
    )
}

export function checkReason(reason: string): string {
  const trimmed = reason.trim()
  if (!trimmed) throw new DirectoryError('invalid', 'Give a reason; it stays on record.', { field: 'reason' })
  return trimmed
}
