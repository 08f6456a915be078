import { isDeepStrictEqual } from 'node:util'
import type { FactDraft } from '../../directory/fact.ts'
import { fold } from '../../directory/fold.ts'
import { collect } from '../collect.ts'
import type { LedgerWriter, Link, Snapshot, Step } from '../ledger.ts'
import type { Match } from '../match.ts'
import { isProtected } from '../plan.ts'
import { deletionOf, holdMs } from '../policy.ts'
import { memberOrNone } from '../leavers.ts'
import { linkOfMatch } from '../made-links.ts'
import { matchBySaid, readSaid } from '../said.ts'
import { isRemoteFailure, type Account } from '../vendor.ts'
import type { Hand } from '../work.ts'
import { goneFrom, rechecksFrom } from './gone.ts'
import { commitVisits } from './note-visits.ts'
import { wasSent } from './lock.ts'
import { isFinal, type Offboarding, type SentRequest, type Visit } from './offboarding.ts'

/** A complete read from shortly before somebody left shows their account as well as a later one. */
const freshMs = 5 * 60_000

/** What the ledger knows of a connection, read once for all its visits. */
interface Known {
  readonly snapshot: Snapshot | undefined
  readonly steps: readonly Step[]
  readonly accounts: () => Promise<readonly Account[]>
  readonly links: () => Promise<readonly Link[]>
}

/** What a look at one visit came to; `effects` stores what belongs to it in the same transaction. */
interface Assessment {
  readonly visit: Visit
  readonly effects?: (tx: LedgerWriter, now: Date) => Promise<{ readonly visit?: Visit; readonly facts: readonly FactDraft[] }>
}

/** Brings the visits at a connection in line with what is known now: whether there is an account, and where its removal stands. */
export async function assessVisits(hand: Hand): Promise<void> {
  const { organizationId, id } = hand.connection
  const visits = (await hand.parts.ledger.read((tx) => tx.openVisits(organizationId, id))).filter(
    (visit) => !isFinal(visit) || visit.state === 'forPerson',
  )
  if (visits.length === 0) return
  const known = await know(hand)
  for (const visit of visits) {
    const assessed = await assess(hand, visit, known)
    if (!assessed || (!assessed.effects && isDeepStrictEqual(assessed.visit, visit))) continue
    await commitVisits(hand, async (tx, { now }) => {
      const done = await assessed.effects?.(tx, now)
      return { visits: [done?.visit ?? assessed.visit], facts: done?.facts ?? [] }
    })
  }
}

async function know({ parts, connection }: Hand): Promise<Known> {
  const { organizationId, id } = connection
  const once = <T>(load: () => Promise<T>) => {
    let loaded: Promise<T> | undefined
    return () => (loaded ??= load())
  }
  return {
    ...(await parts.ledger.read(async (tx) => ({
      snapshot: await tx.latestSnapshot(organizationId, id),
      steps: await tx.openSteps(organizationId, id),
    }))),
    accounts: once(() =>
      parts.ledger.read((tx) =>
        collect(
          (page) => tx.accounts(organizationId, id, page),
          (account) => account.id,
        ),
      ),
    ),
    links: once(() =>
      parts.ledger.read((tx) =>
        collect(
          (page) => tx.links(organizationId, id, page),
          ({ membershipId }) => membershipId,
        ),
      ),
    ),
  }
}

async function assess(hand: Hand, visit: Visit, known: Known): Promise<Assessment | undefined> {
  const { organizationId, id: connectionId } = hand.connection
  const { link, offboarding } = await hand.parts.ledger.read(async (tx) => ({
    link: await tx.linkOf(organizationId, connectionId, visit.membershipId),
    offboarding: await tx.offboarding(organizationId, visit.offboardingId),
  }))
  if (!offboarding || offboarding.state === 'withdrawn') return undefined
  if (link) return assessLinked(hand, { visit, link, known, offboarding })
  if (visit.account) return assessUnlinked(hand, visit, visit.account.id)
  return search(hand, { visit, known, offboarding })
}

/** The account is there as far as is known: its removal is planned, waits, is under way, or only a person can. */
async function assessLinked(
  hand: Hand,
  input: { readonly visit: Visit; readonly link: Link; readonly known: Known; readonly offboarding: Offboarding },
): Promise<Assessment | undefined> {
  const { visit, link, known, offboarding } = input
  const { connection, vendor } = hand
  const { policy } = connection
  const steps = known.steps.filter(
    (step) => step.membershipId === visit.membershipId && step.state !== 'superseded' && step.state !== 'done',
  )
  const step = steps.findLast(({ kind }) => kind === 'remove') ?? steps.findLast(({ kind }) => kind === 'suspend')
  const account = visit.account ?? { id: link.accountId, userName: link.written.userName ?? link.accountId }
  const stands = (state: Visit['state'], reason: string): Assessment => ({ visit: { ...visit, link, state, reason } })
  const forPerson = (reason: string): Assessment => {
    const task = `${account.userName} at ${connection.name}: ${reason}.`
    return {
      visit: {
        ...visit,
        link,
        state: 'forPerson',
        reason,
        tasks: visit.tasks.includes(task) ? visit.tasks : [...visit.tasks, task],
      },
    }
  }
  if (step?.state === 'planned') return stands('waiting', `the ${wordOf(step)} waits for an approval: plan ${step.planId}`)
  if (step?.state === 'unsupported') return forPerson(step.reason)
  if (step?.state === 'failed' && step.retryAt === undefined) return forPerson(step.reason)
  if (step) return stands('removing', `the ${wordOf(step)} is under way: plan ${step.planId}`)
  if (isProtected(policy, { id: account.id, userName: account.userName ?? '' }))
    return forPerson('the account is protected, and no plan removes it')
  const hold = vendor.capabilities.suspend ? holdMs(policy) : undefined
  if (hold !== undefined && (link.heldSince || visit.lock.state === 'done')) {
    const until = link.heldSince ? ` until ${new Date(link.heldSince.getTime() + hold).toISOString()}` : ''
    return stands(
      'waiting',
      `the account is suspended, and held${until} as the policy has it; then its removal waits for an approval`,
    )
  }
  const isKept =
    deletionOf(policy).onLeave === 'suspend' && vendor.capabilities.suspend && offboarding.asked.how === 'deactivation'
  if (isKept) {
    const found = await readOf(hand, link.accountId)
    if (found !== 'unread' && found?.status === 'suspended') return suspended(visit, found)
  }
  if (visit.state === 'forPerson' && !visit.reason.startsWith('the account is protected')) return undefined
  return stands(
    'present',
    `has an account, and its ${isKept ? 'suspension' : 'removal'} is planned once ${vendor.name} was read completely`,
  )
}

const wordOf = ({ kind }: Step): string => (kind === 'remove' ? 'removal' : 'suspension')

/** The policy lets leavers keep a suspended account: that it shows as suspended is the end. */
const suspended = (visit: Visit, { status }: Account): Assessment => ({
  visit,
  effects: async (_tx, now) => ({
    visit: {
      ...visit,
      state: 'suspended',
      reason: 'the account is suspended, as the policy has it for leavers',
      reads: [...visit.reads, { at: now, occasion: 'suspend', found: status, others: [] }],
      rechecks: rechecksFrom(now),
    },
    facts: [],
  }),
})

/** An account that was theirs and is linked no more: gone, or somebody decided so. */
async function assessUnlinked(hand: Hand, visit: Visit, accountId: string): Promise<Assessment | undefined> {
  const found = await readOf(hand, accountId)
  if (found === 'unread') return undefined
  if (found) {
    if (visit.state === 'forPerson') return undefined
    const reason = `account ${accountId} is no longer linked to them: whoever unlinked it decides`
    return { visit: { ...visit, state: 'forPerson', reason, tasks: [...visit.tasks, `${hand.connection.name}: ${reason}.`] } }
  }
  return {
    visit,
    effects: (tx, now) => {
      const request: SentRequest =
        visit.lock.state !== 'done' && wasSent(visit) === 'cancelInvitation'
          ? { kind: 'cancelInvitation', sentAt: visit.lock.sentAt, answeredAt: now, answer: 'lost', status: undefined }
          : { kind: 'remove', sentAt: undefined, answeredAt: now, answer: 'goneBefore', status: undefined }
      const read = { at: now, occasion: 'listed', found: 'gone', others: [] } as const
      const known = { ...visit, requests: [...visit.requests, request], reads: [...visit.reads, read] }
      const reason = `was gone already: ${hand.vendor.name} shows no account ${accountId}`
      return goneFrom(hand, tx, { visit: known, now, reason })
    },
  }
}

/** Nobody linked them to an account: a complete read shows whether there is one after all, by the rules of the policy. */
async function search(
  hand: Hand,
  { visit, known, offboarding }: { readonly visit: Visit; readonly known: Known; readonly offboarding: Offboarding },
): Promise<Assessment | undefined> {
  const { parts, connection, vendor } = hand
  const { snapshot } = known
  if (!snapshot?.certificate.complete || snapshot.finishedAt.getTime() < offboarding.openedAt.getTime() - freshMs) {
    const why = snapshot && !snapshot.certificate.complete ? `: ${snapshot.certificate.reasons.join('; ')}` : ''
    return { visit: { ...visit, reason: `waits for a complete read of ${vendor.name}${why}` } }
  }
  if (visit.state === 'forPerson' && visit.look?.snapshotId === snapshot.id) return undefined
  const { accounts: count, digest } = snapshot.certificate
  const look = { snapshotId: snapshot.id, at: snapshot.finishedAt, accounts: count, digest }
  const [accounts, links] = [await known.accounts(), await known.links()]
  const member = await memberOrNone(parts, connection.organizationId, visit.membershipId)
  const said = await parts.ledger.read((tx) => readSaid(tx, hand))
  const { matches, conflicts } = matchBySaid(hand, said, { members: member ? [member] : [], accounts, links })
  const [match] = matches
  if (match) return linkTo(hand, { ...visit, look }, match)
  const linked = new Set(links.map(({ accountId }) => accountId))
  const like = accounts.find((account) => !linked.has(account.id) && isLike(offboarding.person, account))
  const conflict =
    conflicts.get(visit.membershipId) ??
    (like &&
      `account ${like.id} (${like.userName}) has their user name or e-mail address, and is linked to nobody: decide whose it is`)
  if (conflict !== undefined) {
    const task = `${connection.name}: ${conflict}`
    const tasks = visit.tasks.includes(task) ? visit.tasks : [...visit.tasks, task]
    return { visit: { ...visit, look, state: 'forPerson', reason: conflict, tasks } }
  }
  const reason = `no account among ${accounts.length}, by a complete read`
  return { visit: { ...visit, look, state: 'none', reason } }
}

/** Whether an account has the person's user name or e-mail address. */
export const isLike = ({ userName, email }: Offboarding['person'], account: Pick<Account, 'userName' | 'email'>): boolean =>
  fold(account.userName) === fold(userName) ||
  (email !== undefined &&
    (fold(account.userName) === fold(email) || (account.email !== undefined && fold(account.email) === fold(email))))

/** Links what the rules find, so that the next turn locks them out and plans the removal. */
function linkTo(hand: Hand, visit: Visit, match: Match): Assessment {
  const { organizationId, connectionId, membershipId } = visit
  const { account, rule } = match
  return {
    visit,
    effects: async (tx, now) => {
      const link = linkOfMatch(hand, match)
      await tx.putLink(link)
      await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
      return {
        visit: { ...visit, link, state: 'toVisit', reason: `account ${account.id} is theirs by its ${rule}` },
        facts: [
          { action: 'link.made', subject: account.id, detail: { connectionId, membershipId, rule, madeAt: now.toISOString() } },
        ],
      }
    },
  }
}

/** The account by id; `unread` where the vendor cannot be asked now. */
export async function readOf({ vendor }: Hand, accountId: string): Promise<Account | undefined | 'unread'> {
  try {
    return await vendor.reader.read(accountId)
  } catch (error) {
    if (isRemoteFailure(error)) return 'unread'
    throw error
  }
}
