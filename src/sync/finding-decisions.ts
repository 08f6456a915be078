import { command, query, unchanged, type Call, type Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { PlanView } from './engine.ts'
import { adoptDifference } from './adopt-difference.ts'
import {
  stateOfFinding,
  versionOf,
  type FindingCount,
  type FindingDecision,
  type FindingFilter,
  type FindingState,
} from './finding.ts'
import type { Finding, LedgerReader, LedgerWriter } from './ledger.ts'
import { checkReason, linkInHand } from './link-in-hand.ts'
import type { SyncParts } from './parts.ts'
import type { StepDraft } from './plan.ts'
import { planNow, viewPlan } from './plans.ts'
import { withConnection } from './run.ts'
import { commit } from './work.ts'

type ListFilter = Omit<FindingFilter, 'standing'> & {
  readonly state?: FindingState | undefined
  /** The same as the state `open`. */
  readonly open?: true
}

/** A decision names the version that was looked at; a finding that has changed since is refused as `stale`. */
interface Deciding {
  readonly id: string
  readonly version: number
  readonly reason: string
}

/** One list of what was found over all connections, and what a person can do about it. */
export interface FindingEngine {
  /** Newest first. */
  listFindings(
    call: Call,
    input: ListFilter & { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Finding[]>
  countFindings(call: Call, input: ListFilter): Promise<readonly FindingCount[]>
  getFinding(call: Call, input: { readonly id: string }): Promise<Finding>
  /**
   * Takes what was found for right, and closes the finding. An account of nobody is linked to a member, or known as nobody's (`outside`); a drift or
   * an extra right is what is wanted from then on, until the directory wants something else.
   */
  adoptFinding(
    call: Call,
    input: Deciding & { readonly as?: { readonly membershipId: string } | 'outside' | undefined },
  ): Promise<Finding>
  /** Plans what puts a drift, an extra right or a missing account back; it is applied and approved like every plan. */
  revertFinding(call: Call, input: Deciding): Promise<PlanView>
  /** Leaves it until a date, at most a year away, or until something else is found. */
  ignoreFinding(call: Call, input: Deciding & { readonly until: Date }): Promise<Finding>
}

const longestIgnoreMs = 366 * 86_400_000

export function findingCommands(parts: SyncParts): FindingEngine {
  const { ledger } = parts
  const find = query(ledger, 'operate', (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
    findFinding(tx, call, id),
  )
  return {
    listFindings: query(
      ledger,
      'read',
      (
        tx: LedgerReader,
        call: Call,
        { before, limit, ...filter }: ListFilter & { readonly before?: string | undefined; readonly limit: number },
      ) => tx.findings(call.organizationId, { ...filterAt(filter, call.now), before, limit }),
    ),
    countFindings: query(ledger, 'read', (tx: LedgerReader, call: Call, filter: ListFilter) =>
      tx.countFindings(call.organizationId, filterAt(filter, call.now)),
    ),
    getFinding: query(ledger, 'read', (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
      findFinding(tx, call, id),
    ),
    adoptFinding: async (call, input) => {
      const finding = await find(call, input)
      const reason = checkReason(input.reason)
      if (isRepeated(finding, call, { ...input, kind: 'adopt' })) return finding
      refuseStale(finding, input.version, parts.clock())
      return adopt(parts, call, { finding, as: input.as, reason })
    },
    revertFinding: async (call, input) => {
      const finding = await find(call, input)
      const only = stepsThatRevert(finding)
      const { connectionId } = finding
      if (!isRepeated(finding, call, { ...input, kind: 'revert' }))
        await decideOn(parts, call, {
          ...input,
          decide: () => ({ kind: 'revert', planId: undefined }),
          action: 'finding.reverted',
        })
      const planId = await planNow(parts, call, { connectionId, only })
      await notePlan(parts, call, { id: input.id, planId })
      return ledger.read((tx) => viewPlan(tx, call, planId))
    },
    ignoreFinding: async (call, input) => {
      const { until } = input
      await find(call, input)
      const now = parts.clock().getTime()
      if (!(until.getTime() > now) || until.getTime() > now + longestIgnoreMs)
        throw new DirectoryError('invalid', 'Say until when, at most a year from now: what is ignored for ever is forgotten.', {
          field: 'until',
        })
      return decideOn(parts, call, { ...input, decide: () => ({ kind: 'ignore', until }), action: 'finding.ignored' })
    },
  }
}

const filterAt = ({ open, state = open ? 'open' : undefined, ...filter }: ListFilter, now: Date): FindingFilter => ({
  ...filter,
  ...(state && { standing: { state, now } }),
})

/** The steps that put a finding back; refuses a finding that no plan can. */
function stepsThatRevert({ kind, subject }: Finding): (draft: StepDraft) => boolean {
  if (kind === 'missing') return (draft) => draft.kind === 'create' && draft.membershipId === subject
  if (kind === 'drift' || kind === 'extraRight')
    return (draft) =>
      draft.accountId === subject && (draft.kind === 'update' || draft.kind === 'setRoles' || draft.kind === 'resume')
  throw new DirectoryError('conflict', `No plan puts a finding of the kind ${kind} back. ${advice[kind]}`)
}

/** What to do about kinds that cannot be reverted. */
const advice: Readonly<Record<Exclude<Finding['kind'], 'missing' | 'drift' | 'extraRight'>, string>> = {
  orphan: 'Adopt the account, or remove it in the vendor’s console.',
  duplicate: 'Answer the question that it names (rollcall questions list), or merge the accounts (rollcall links merge).',
  residual: 'Take away what it names by hand; the next read closes it.',
  returned: 'They are offboarded again by themselves: rollcall offboardings list.',
  staleInvitation: 'Let the vendor invite the person again, or offboard them.',
  keyTooOld: 'Rotate the key.',
  badRead: 'The next complete read closes it: rollcall connection check tells what is wrong.',
  silence: 'The next complete read closes it: rollcall connection check tells what is wrong.',
}

async function adopt(
  parts: SyncParts,
  call: Call,
  {
    finding,
    as,
    reason,
  }: {
    readonly finding: Finding
    readonly as: { readonly membershipId: string } | 'outside' | undefined
    readonly reason: string
  },
): Promise<Finding> {
  const { id, organizationId, connectionId, kind, subject } = finding
  const version = versionOf(finding)
  const isAccount = kind === 'orphan' || kind === 'duplicate'
  if (!isAccount && kind !== 'drift' && kind !== 'extraRight')
    throw new DirectoryError('conflict', `A finding of the kind ${kind} cannot be adopted: there is nothing to take for right.`)
  if (isAccount && as === undefined)
    throw new DirectoryError('invalid', 'Say whose the account is: a member, or nobody’s (outside).', { field: 'as' })
  if (!isAccount && as !== undefined)
    throw new DirectoryError('invalid', `A finding of the kind ${kind} belongs to somebody already: adopt it as it is.`, {
      field: 'as',
    })
  return withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      const close = async (tx: LedgerWriter, now: Call): Promise<readonly [Finding, FactDraft]> => {
        const current = await findFinding(tx, now, id)
        refuseStale(current, version, now.now)
        const decided = decidedOn(current, { kind: 'adopt', by: now.actor, at: now.now, reason })
        const closed = { ...decided, closedAt: now.now }
        await tx.putFinding(closed)
        return [closed, factOf('finding.adopted', closed, as === undefined || as === 'outside' ? {} : { ...as })]
      }
      if (as !== undefined && as !== 'outside')
        return linkInHand(hand, { connectionId, accountId: subject, membershipId: as.membershipId }, close)
      return commit(hand, async (tx, now): Promise<Outcome<Finding>> => {
        const [closed, fact] = await close(tx, now)
        if (as !== 'outside') {
          await adoptDifference(tx, finding)
          return [closed, fact]
        }
        const account = await tx.account(organizationId, connectionId, subject)
        if (!account) throw new DirectoryError('stale', 'The account is not there any more. The next read closes the finding.')
        if (await tx.linkOfAccount(organizationId, connectionId, subject))
          throw new DirectoryError('stale', 'The account is linked to somebody by now. The next read closes the finding.')
        const { actor: by, now: at } = now
        await tx.putMarking({
          organizationId,
          connectionId,
          accountId: subject,
          subject: account.userName,
          kind: 'outside',
          by,
          at,
          reason,
        })
        return [closed, fact, { action: 'account.marked', subject, detail: { connectionId, kind: 'outside', reason } }]
      })
    },
  })
}

/** Stores a decision that leaves the finding as it is. */
const decideOn = (
  { ledger, clock }: SyncParts,
  call: Call,
  input: Deciding & {
    readonly decide: () =>
      | { readonly kind: 'ignore'; readonly until: Date }
      | { readonly kind: 'revert'; readonly planId: undefined }
    readonly action: 'finding.ignored' | 'finding.reverted'
  },
): Promise<Finding> =>
  command(ledger, 'operate', async (tx: LedgerWriter, now: Call): Promise<Outcome<Finding>> => {
    const reason = checkReason(input.reason)
    const current = await findFinding(tx, now, input.id)
    refuseStale(current, input.version, now.now)
    const decided = decidedOn(current, { ...input.decide(), by: now.actor, at: now.now, reason })
    await tx.putFinding(decided)
    return [decided, factOf(input.action, decided, {})]
  })({ ...call, now: clock() }, undefined)

/** The decision gets the plan that came of it; the plan says the rest in facts of its own. */
const notePlan = (
  { ledger, clock }: SyncParts,
  call: Call,
  { id, planId }: { readonly id: string; readonly planId: string },
): Promise<void> =>
  command(ledger, 'operate', async (tx: LedgerWriter, now: Call) => {
    const finding = await tx.finding(now.organizationId, id)
    if (finding?.decision?.kind === 'revert' && !finding.closedAt)
      await tx.putFinding({ ...finding, decision: { ...finding.decision, planId } })
    return unchanged(undefined)
  })({ ...call, now: clock(), idempotency: undefined }, undefined)

const decidedOn = (finding: Finding, decision: FindingDecision): Finding => ({
  ...finding,
  decision,
  version: versionOf(finding) + 1,
})

/** Whether the same caller decided just this before: their answer was lost. */
const isRepeated = (
  finding: Finding,
  { actor }: Call,
  { version, kind }: Deciding & { readonly kind: FindingDecision['kind'] },
): boolean => finding.decision?.kind === kind && finding.decision.by === actor && versionOf(finding) === version + 1

function refuseStale(finding: Finding, version: number, now: Date): void {
  if (stateOfFinding(finding, now) === 'closed')
    throw new DirectoryError('stale', 'The finding is closed: a complete read, or somebody, settled it.')
  if (versionOf(finding) !== version)
    throw new DirectoryError(
      'stale',
      `The finding has changed since: this is version ${versionOf(finding)}, not ${version}. Look at it again and decide on what it says now.`,
      { field: 'version' },
    )
}

async function findFinding(tx: LedgerReader, call: Call, id: string): Promise<Finding> {
  const finding = await tx.finding(call.organizationId, id)
  if (!finding) throw new DirectoryError('notFound', 'There is no such finding in this organization.', { field: 'id' })
  return finding
}

const factOf = (
  action: 'finding.adopted' | 'finding.ignored' | 'finding.reverted',
  { connectionId, kind, id, subject, decision }: Finding,
  more: Readonly<Record<string, string>>,
): FactDraft => ({
  action,
  subject: id,
  detail: {
    connectionId,
    kind,
    subject,
    reason: decision?.reason,
    until: decision?.kind === 'ignore' ? decision.until.toISOString() : undefined,
    ...more,
  },
})
