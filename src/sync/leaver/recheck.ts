import { retryTime } from '../backoff.ts'
import { accountsChanged } from '../access/recorded.ts'
import { stateOfAccount } from '../account-state.ts'
import { collect } from '../collect.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { LedgerWriter, Link } from '../ledger.ts'
import type { Account } from '../vendor.ts'
import type { Hand } from '../work.ts'
import { isLike, readOf } from './assess.ts'
import { goneFrom } from './gone.ts'
import { commitVisits } from './note-visits.ts'
import type { Recheck, VerifyingRead, Visit } from './offboarding.ts'
import { untried } from './open.ts'

/** Reads again, an hour and a day after an account was verified as gone or suspended, whether it stayed so. Who is back is found, and offboarded again. */
export async function recheckVisits(hand: Hand): Promise<void> {
  const { organizationId, id } = hand.connection
  const now = hand.parts.clock()
  for (const visit of await hand.parts.ledger.read((tx) => tx.openVisits(organizationId, id))) {
    if (hand.halting()) return
    if (visit.state !== 'gone' && visit.state !== 'suspended') continue
    const due = visit.rechecks.filter(({ dueAt, doneAt }) => !doneAt && dueAt <= now)
    if (due.length > 0) await recheck(hand, visit, due)
  }
}

/** When the connection's visits want their next turn by themselves. */
export async function leaversDue({ parts, connection }: Hand): Promise<readonly Date[]> {
  const visits = await parts.ledger.read((tx) => tx.openVisits(connection.organizationId, connection.id))
  const now = parts.clock()
  return visits.flatMap(({ lock, rechecks, link, state }) => [
    ...(lock.state === 'failed' && lock.retryAt ? [lock.retryAt] : []),
    ...(state === 'toVisit' && link && lock.state === 'todo' ? [now] : []),
    // What could not be read when it was due is tried again soon, not at once.
    ...rechecks.flatMap(({ dueAt, doneAt }) => (doneAt ? [] : [dueAt > now ? dueAt : retryTime(now, 4)])),
  ])
}

async function recheck(hand: Hand, visit: Visit, due: readonly Recheck[]): Promise<void> {
  const { account, link } = visit
  const last = due.at(-1)
  if (!account || !last) return
  const found = await readOf(hand, account.id)
  if (found === 'unread') return
  const { others, isTaken } = await lookAround(hand, visit, account.id)
  await commitVisits(hand, async (tx, { now }) => {
    const read: VerifyingRead = {
      at: now,
      occasion: last.after,
      found: found?.status ?? 'gone',
      others: others.map(({ id }) => id),
    }
    const rechecks = visit.rechecks.map((each) => (due.includes(each) ? { ...each, doneAt: now } : each))
    const checked: Visit = { ...visit, reads: [...visit.reads, read], rechecks }
    const isBack = !isTaken && found && (visit.state === 'gone' || found.status !== 'suspended')
    const back = isBack ? found : others[0]
    if (back) return reopen(hand, tx, { visit: checked, back, link, now })
    if (visit.state === 'suspended' && !found) {
      const gone = await goneFrom(hand, tx, {
        visit: checked,
        now,
        reason: `${hand.vendor.name} shows no account ${account.id} any more`,
      })
      return { visits: [{ ...gone.visit, rechecks }], facts: gone.facts }
    }
    return { visits: [checked], facts: [] }
  })
}

/** Accounts that bear the person's name under another id and are linked to nobody, and whether the account itself is somebody else's by now. */
async function lookAround(
  { parts, connection }: Hand,
  { membershipId, offboardingId }: Visit,
  accountId: string,
): Promise<{ readonly others: readonly Account[]; readonly isTaken: boolean }> {
  const { organizationId, id } = connection
  return parts.ledger.read(async (tx) => {
    const offboarding = await tx.offboarding(organizationId, offboardingId)
    const accounts = await collect(
      (page) => tx.accounts(organizationId, id, page),
      (account) => account.id,
    )
    const links = await collect(
      (page) => tx.links(organizationId, id, page),
      (link) => link.membershipId,
    )
    const holders = new Map(links.map((link) => [link.accountId, link.membershipId]))
    return {
      others: accounts.filter(
        (account) => account.id !== accountId && !holders.has(account.id) && offboarding && isLike(offboarding.person, account),
      ),
      isTaken: (holders.get(accountId) ?? membershipId) !== membershipId,
    }
  })
}

/** Whoever is back is a finding, linked again where it is the very account, and visited anew. */
async function reopen(
  { parts, connection, vendor }: Hand,
  tx: LedgerWriter,
  {
    visit,
    back,
    link,
    now,
  }: { readonly visit: Visit; readonly back: Account; readonly link: Link | undefined; readonly now: Date },
): Promise<{ readonly visits: readonly Visit[]; readonly facts: readonly FactDraft[] }> {
  const { organizationId, id: connectionId } = connection
  const { membershipId, offboardingId, account } = visit
  const isSame = back.id === account?.id
  const message = isSame
    ? `${back.userName} is back at ${vendor.name}: account ${back.id} was verified as ${visit.state}, and is ${back.status}`
    : `${back.userName} is back at ${vendor.name} under another id: ${back.id} in place of ${account?.id}`
  await tx.putFinding({
    id: parts.newId(),
    organizationId,
    connectionId,
    kind: 'returned',
    subject: back.id,
    message,
    openedAt: now,
    closedAt: undefined,
    membershipId,
    version: 1,
  })
  await tx.putAccount(organizationId, connectionId, back)
  await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
  const facts: FactDraft[] = [
    ...accountsChanged(connectionId, [back]),
    { action: 'finding.opened', subject: connectionId, detail: { kind: 'returned', subjects: [back.id] } },
    { action: 'offboarding.reopened', subject: offboardingId, detail: { membershipId, connectionId, accountId: back.id } },
  ]
  const again: Visit = {
    ...visit,
    state: 'toVisit',
    reason: message,
    account: undefined,
    link: undefined,
    lock: untried,
    removal: undefined,
    rechecks: [],
  }
  if (!isSame || !link) return { visits: [again], facts }
  await tx.putLink({ ...link, madeAt: now, written: stateOfAccount(back) })
  const made: FactDraft = {
    action: 'link.made',
    subject: back.id,
    detail: { connectionId, membershipId, rule: link.rule, madeAt: now.toISOString() },
  }
  return { visits: [{ ...again, link }], facts: [...facts, made] }
}
