import { accountsChanged } from '../access/recorded.ts'
import { stateOfAccount } from '../account-state.ts'
import { retryTime } from '../backoff.ts'
import { weigh } from '../blast-radius.ts'
import { collect } from '../collect.ts'
import { exceedsLimit } from '../guard.ts'
import type { LedgerWriter, Link } from '../ledger.ts'
import { isProtected } from '../plan.ts'
import { memberOrNone } from '../leavers.ts'
import { isRemoteFailure, type Account, type KnownAccount, type RemoteFailure } from '../vendor.ts'
import { quarantineNote } from '../quarantine/health.ts'
import type { Hand } from '../work.ts'
import { goneFrom } from './gone.ts'
import { commitVisits } from './note-visits.ts'
import type { Lock, SentRequest, Visit } from './offboarding.ts'
import { describeFound } from './found.ts'
import { untried } from './open.ts'

type Way = NonNullable<Lock['kind']>

/** In so long a time no more people are locked out at a connection than its policy lets go without their number being named. */
const windowMs = 60 * 60_000

/**
 * Takes access away at once from whoever left and is linked to an account here: suspends it, or withdraws the invitation. Both can be undone, so
 * neither waits for an approval where the policy says so; the limit holds for them as for removals. Needs no list of the vendor: the account is
 * read by id right before.
 */
export async function lockLeavers(hand: Hand, only?: { readonly offboardingId: string }): Promise<void> {
  const { organizationId, id } = hand.connection
  const visits = await hand.parts.ledger.read((tx) => tx.openVisits(organizationId, id))
  for (const visit of visits) {
    if (hand.halting()) return
    if ((!only || visit.offboardingId === only.offboardingId) && wantsLock(visit, hand.parts.clock())) await lockOut(hand, visit)
  }
}

const wantsLock = ({ state, lock }: Visit, now: Date): boolean =>
  (state === 'toVisit' || state === 'present' || state === 'waiting') &&
  (lock.state === 'todo' ||
    lock.state === 'sending' ||
    (lock.state === 'failed' && lock.retryAt !== undefined && lock.retryAt <= now))

async function lockOut(hand: Hand, visit: Visit): Promise<void> {
  const { connection, vendor, parts } = hand
  const { organizationId, id: connectionId, policy } = connection
  const link = await parts.ledger.read((tx) => tx.linkOf(organizationId, connectionId, visit.membershipId))
  if (!link) return
  const member = await memberOrNone(parts, organizationId, visit.membershipId)
  if (member && member.status !== 'suspended') return
  let account: Account | undefined
  try {
    account = await vendor.reader.read(link.accountId)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return putLock(hand, { ...visit, link }, failed(hand, visit.lock, `${vendor.name} could not be asked: ${error.message}`))
  }
  if (!account && wasSent(visit) === 'cancelInvitation' && vendor.reader.absence !== 'list')
    return putLocked(hand, { ...visit, link }, { way: 'cancelInvitation', link, after: undefined, answer: 'lost' })
  // Who is not there, or only not listed: the next complete read tells.
  if (!account) return
  const seen: Visit = { ...visit, ...(await describeFound(hand, { visit, link, account })) }
  const held = (reason: string) => putLock(hand, seen, { ...seen.lock, state: 'held', reason, retryAt: undefined })
  if (isProtected(policy, account)) return held('the account is protected')
  const way = wayFor(hand, account)
  if (way === undefined)
    return putLock(hand, seen, {
      ...seen.lock,
      state: 'unable',
      reason: `${vendor.name} cannot ${account.status === 'invited' ? 'withdraw an invitation' : 'suspend'} through its API: only the removal takes access away`,
    })
  if (account.status === 'suspended')
    return putLocked(hand, seen, { way, link, after: account, answer: wasSent(visit) === 'suspend' ? 'lost' : 'alreadySo' })
  if (policy.leavers?.suspendAtOnce === 'approval') return held('the policy leaves it to the approval of the removal')
  if (!connection.writesEnabled)
    return putLock(hand, seen, {
      ...seen.lock,
      reason: `waits for writes to be enabled: rollcall connection enable-writes ${connection.name}`,
    })
  const { quarantine } = connection.health ?? {}
  if (quarantine) return putLock(hand, seen, { ...seen.lock, reason: `waits: ${quarantineNote(connection.name, quarantine)}` })
  const grave = way === 'suspend' ? await graveRisk(hand, account) : undefined
  if (grave !== undefined) return held(`${grave}: that is decided with the removal`)
  const begun = await begin(hand, seen, way)
  if (begun) await send(hand, begun, { way, link })
}

/** What was sent and may have happened, since no answer says that it did not. */
export const wasSent = ({ lock, requests }: Visit): Way | undefined =>
  lock.sentAt && !requests.some(({ answer, sentAt }) => answer === 'refused' && sentAt?.getTime() === lock.sentAt?.getTime())
    ? lock.kind
    : undefined

function wayFor({ vendor }: Hand, { status }: Account): Way | undefined {
  const { capabilities, writer } = vendor
  if (status === 'invited') return capabilities.cancelInvitation && writer.cancelInvitation ? 'cancelInvitation' : undefined
  return capabilities.suspend && writer.suspend ? 'suspend' : undefined
}

/** Why nobody should lose this account without a decision: they are the last who runs or pays for the vendor's account. Knows others from the last complete read. */
async function graveRisk({ parts, connection, vendor }: Hand, account: Account): Promise<string | undefined> {
  const { organizationId, id: connectionId, policy } = connection
  const draft = {
    kind: 'suspend',
    membershipId: undefined,
    accountId: account.id,
    subject: account.userName,
    desired: undefined,
    observed: stateOfAccount(account),
    changes: [],
    reason: '',
    state: 'planned',
  } as const
  const graveAmong = (accounts: readonly KnownAccount[]): string | undefined =>
    weigh([draft], {
      vendor: vendor.name,
      capabilities: vendor.capabilities,
      policy,
      roles: [],
      accounts,
      keys: undefined,
      elsewhere: new Map(),
    })
      .flatMap(({ risks = [] }) => risks)
      .find(({ weight }) => weight === 'grave')?.message
  // Hardly anybody has such a role: for all others no list is looked through.
  if (graveAmong([account]) === undefined) return undefined
  const known = await parts.ledger.read((tx) =>
    collect(
      (page) => tx.accounts(organizationId, connectionId, page),
      ({ id }) => id,
    ),
  )
  return graveAmong([...known.filter(({ id }) => id !== account.id), account])
}

/** Writes down that it is being sent before anything is, unless too many went before. */
async function begin(hand: Hand, visit: Visit, kind: Way): Promise<Visit | undefined> {
  const { organizationId, id: connectionId } = hand.connection
  let begun: Visit | undefined
  await commitVisits(hand, async (tx, { now }) => {
    begun = undefined
    const connection = await tx.connection(organizationId, connectionId)
    const offboarding = await tx.offboarding(organizationId, visit.offboardingId)
    if (!connection?.writesEnabled || connection.health?.quarantine || !offboarding || offboarding.state === 'withdrawn')
      return { visits: [], facts: [] }
    const since = new Date(now.getTime() - windowMs)
    const removals = 1 + (await tx.locksSince(organizationId, connectionId, { since, except: visit.membershipId }))
    const accounts = await tx.countAccounts(organizationId, connectionId)
    if (exceedsLimit({ removals, accounts }, connection.policy)) {
      const { removalLimit } = connection.policy
      const reason = `${removals} people would be locked out within an hour; the limit is ${removalLimit.accounts} accounts or ${removalLimit.percent} % of ${accounts}. Approve the removal, or offboard them again later`
      const detail = { membershipId: visit.membershipId, connectionId, accountId: visit.account?.id, reason }
      return {
        visits: [{ ...visit, lock: { ...visit.lock, state: 'held', kind, reason, retryAt: undefined } }],
        facts: [{ action: 'offboarding.held', subject: visit.offboardingId, detail }],
      }
    }
    const lock: Lock = {
      state: 'sending',
      kind,
      reason: 'is being sent',
      attempts: visit.lock.attempts + 1,
      sentAt: now,
      retryAt: undefined,
    }
    begun = { ...visit, lock }
    return { visits: [begun], facts: [] }
  })
  return begun
}

async function send(hand: Hand, visit: Visit, { way, link }: { readonly way: Way; readonly link: Link }): Promise<void> {
  const { vendor } = hand
  const { writer, reader } = vendor
  let lost = false
  try {
    if (way === 'suspend') await writer.suspend?.(link.accountId)
    else await writer.cancelInvitation?.(link.accountId)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    if (error.effect === 'none') return putRefused(hand, visit, { way, error })
    lost = true
  }
  let after: Account | undefined
  try {
    after = await reader.read(link.accountId)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return putLock(hand, visit, failed(hand, visit.lock, `it was sent, but what came of it could not be read: ${error.message}`))
  }
  const isDone = way === 'suspend' ? after?.status === 'suspended' : !after || after.status !== 'invited'
  if (isDone) return putLocked(hand, visit, { way, link, after, answer: lost ? 'lost' : 'accepted' })
  const told = lost ? 'the answer was lost, and' : `${vendor.name} accepted it, and`
  return putLock(hand, visit, failed(hand, visit.lock, `${told} the account still shows as ${after?.status}`))
}

const failed = ({ parts }: Hand, lock: Lock, reason: string): Lock => {
  const attempts = Math.max(1, lock.attempts)
  return { ...lock, state: 'failed', reason, attempts, retryAt: retryTime(parts.clock(), attempts) }
}

const putLock = (hand: Hand, visit: Visit, lock: Lock): Promise<void> =>
  commitVisits(hand, async () => ({ visits: [{ ...visit, lock }], facts: [] }))

function putRefused(
  hand: Hand,
  visit: Visit,
  { way, error }: { readonly way: Way; readonly error: RemoteFailure },
): Promise<void> {
  const { lock } = visit
  const request: SentRequest = {
    kind: way,
    sentAt: lock.sentAt,
    answeredAt: hand.parts.clock(),
    answer: 'refused',
    status: error.status || undefined,
  }
  const retryAt = error.retryable ? retryTime(hand.parts.clock(), lock.attempts) : undefined
  // A vendor that fails for a day would fill the record: of refusals in a row the first and the last tell enough.
  const [last, before] = visit.requests.toReversed()
  const requests = last?.answer === 'refused' && before?.answer === 'refused' ? visit.requests.slice(0, -1) : visit.requests
  return putLock(
    hand,
    { ...visit, requests: [...requests, request] },
    { ...lock, state: 'failed', reason: error.message, retryAt },
  )
}

/** Ends the lock: the account and its link as they are now, what was sent, what was read afterwards. */
function putLocked(
  hand: Hand,
  visit: Visit,
  input: {
    readonly way: Way
    readonly link: Link
    readonly after: Account | undefined
    readonly answer: SentRequest['answer']
  },
): Promise<void> {
  const { way, link, after, answer } = input
  const { connection, vendor } = hand
  const { suspensionResidue } = vendor.capabilities
  return commitVisits(hand, async (tx, { now }) => {
    const sentAt = answer === 'alreadySo' ? undefined : visit.lock.sentAt
    const locked: Visit = {
      ...visit,
      lock: { ...visit.lock, state: 'done', kind: way, reason: way === 'suspend' ? 'suspended' : 'the invitation was withdrawn' },
      requests: [...visit.requests, { kind: way, sentAt, answeredAt: now, answer, status: undefined }],
      reads: [...visit.reads, { at: now, occasion: way, found: after?.status ?? 'gone', others: [] }],
      residues: way === 'suspend' && suspensionResidue !== undefined ? [`${vendor.name}: ${suspensionResidue}.`] : visit.residues,
    }
    const detail = { membershipId: visit.membershipId, connectionId: connection.id, accountId: link.accountId, kind: way, answer }
    const fact = { action: 'offboarding.locked', subject: visit.offboardingId, detail } as const
    if (!after) {
      const gone = await goneFrom(hand, tx, {
        visit: locked,
        now,
        reason: 'the invitation was withdrawn, and the vendor shows none',
      })
      return { visits: [gone.visit], facts: [fact, ...gone.facts] }
    }
    await tx.putAccount(connection.organizationId, connection.id, after)
    const isOurs = answer !== 'alreadySo' && way === 'suspend'
    const asked = (await tx.offboarding(connection.organizationId, visit.offboardingId))?.asked.by
    const left = leftByToo(link, asked)
    if (isOurs) await tx.putLink({ ...left, written: { ...link.written, suspended: true } })
    else if (left !== link) await tx.putLink(left)
    return { visits: [locked], facts: [fact, ...accountsChanged(connection.id, [after])] }
  })
}

/**
 * The link of an account that was made or taken over. Some vendors keep a person's suspension beyond the removal: where it was ours, the link says so,
 * and the next turn gives access back.
 */
export async function withOurSuspension(
  tx: LedgerWriter,
  { account, link }: { readonly account: Account; readonly link: Link },
  now: Date,
): Promise<Link> {
  const { organizationId, connectionId } = link
  if (account.status !== 'suspended' || link.written.suspended) return link
  const visits = await tx.visitsOfAccount(organizationId, connectionId, account.id)
  const last = visits.at(-1)?.requests.findLast(({ kind }) => kind === 'suspend')
  if (last?.answer !== 'accepted' && last?.answer !== 'lost') return link
  await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
  return { ...link, written: { ...link.written, suspended: true } }
}

/** Who made somebody leave counts as an author of their removal, however much later that is planned. */
export function leftByToo(link: Link, actor: string | undefined): Link {
  if (actor === undefined || link.leftBy?.includes(actor)) return link
  return { ...link, leftBy: [...(link.leftBy ?? []), actor].toSorted() }
}

/** What a person's asking again does to a lock that waits for a person. */
export const retried = (visit: Visit): Visit =>
  visit.lock.state === 'held' || visit.lock.state === 'failed' || visit.lock.state === 'unable'
    ? { ...visit, lock: { ...untried, attempts: visit.lock.attempts, sentAt: visit.lock.sentAt } }
    : visit
