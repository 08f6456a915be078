import { createHash } from 'node:crypto'
import { fold } from '../directory/fold.ts'
import { canonicalJson } from '../directory/json.ts'
import { stateOfAccount } from './account-state.ts'
import { compare, roleNames, seenOf, type Compared } from './compare.ts'
import type { Policy } from './connection.ts'
import { desireOf, type Desire } from './desired.ts'
import type { Link, Step, StepChange, StepKind, Wanted } from './ledger.ts'
import { deletionOf, holdMs, ownerOf } from './policy.ts'
import { accountAttributes, type KnownAccount, type Capabilities, type DesiredAccount, type VendorRole } from './vendor.ts'

/** Everything that a difference follows from. */
export interface Basis {
  readonly vendor: string
  readonly policy: Policy
  readonly capabilities: Capabilities
  readonly roles: readonly VendorRole[]
  readonly wanted: readonly Wanted[]
  readonly accounts: readonly KnownAccount[]
  /** The stored links and those that matching made. */
  readonly links: readonly Link[]
  /** By membership id: why nothing may be made for the member. */
  readonly conflicts: ReadonlyMap<string, string>
  /** Why a linked member should not have the account, as the end of a sentence: `is suspended in the directory`. */
  readonly whyUnwanted: (membershipId: string) => string
  /** For what is counted in days: how long an account has stood suspended. */
  readonly now: Date
}

/** A step before it belongs to a plan. */
export type StepDraft = Pick<
  Step,
  'kind' | 'membershipId' | 'accountId' | 'subject' | 'desired' | 'observed' | 'changes' | 'reason' | 'risks'
> & {
  readonly state: 'planned' | 'failed' | 'unsupported'
}

export interface Difference {
  /** In the order in which they are carried out: additions, changes, removals, each by user name. */
  readonly steps: readonly StepDraft[]
  /** Removals that the policy does not ask for, since leavers are suspended for good, and that stand where a person planned them. */
  readonly alternatives: readonly StepDraft[]
  /** By account id: what was changed at the vendor behind our back, and what differs and is kept by hand. */
  readonly drift: ReadonlyMap<string, string>
  /** By membership id: whose account was taken away at the vendor behind our back. */
  readonly missing: ReadonlyMap<string, string>
  /** By account id: accounts of people who left that no plan may remove. */
  readonly residual: ReadonlyMap<string, string>
  /** Links whose account already is as wanted, written down as it is. */
  readonly accepted: readonly Link[]
  /** Links of people who left, to accounts that are gone. */
  readonly stale: readonly Link[]
}

/**
 * What has to be done so that the accounts are as the directory wants them. With `report` what the vendor's own people changed is left as it is, with
 * `revert` it is put back. Never removes an account that is linked to nobody or protected. Pure: the same basis gives the same steps in the same order.
 */
export function difference(basis: Basis, drift: Policy['drift']): Difference {
  const accounts = new Map(basis.accounts.map((account) => [account.id, account]))
  const links = new Map(basis.links.map((link) => [link.membershipId, link]))
  const result = {
    drift: new Map<string, string>(),
    missing: new Map<string, string>(),
    residual: new Map<string, string>(),
    alternatives: [] as StepDraft[],
    accepted: [] as Link[],
    stale: [] as Link[],
  }
  const steps: StepDraft[] = []
  const wantedIds = new Set<string>()
  for (const wanted of basis.wanted) {
    wantedIds.add(wanted.member.id)
    const desire = desireOf(wanted, basis.policy, basis.roles)
    const link = links.get(wanted.member.id)
    const account = link && accounts.get(link.accountId)
    if (link && account) {
      const { policy, roles, capabilities } = basis
      const compared = compare({ desire, account, link, drift, roles, attributes: capabilities.attributes, policy })
      const accepted = asWanted(compared.accepted ?? link)
      if (accepted !== link) result.accepted.push(accepted)
      const differing = driftOf(basis, compared)
      if (differing) result.drift.set(account.id, `${account.userName}: ${differing}`)
      if (account.status === 'suspended' && basis.capabilities.suspend && (link.written.suspended || drift === 'revert'))
        steps.push(statusStep(basis, link, { kind: 'resume', account, reason: 'is assigned again and the account is suspended' }))
      if (compared.changes.length > 0) steps.push(updateStep(basis, { wanted, desire, account, compared }))
      continue
    }
    if (link)
      result.missing.set(
        wanted.member.id,
        `${wanted.member.userName}: account ${link.accountId} was taken away at ${basis.vendor}`,
      )
    if (!link || drift === 'revert') steps.push(createStep(basis, wanted, desire))
  }
  for (const link of basis.links) {
    if (wantedIds.has(link.membershipId)) continue
    const account = accounts.get(link.accountId)
    if (!account) result.stale.push(link)
    else if (isProtected(basis.policy, account))
      result.residual.set(
        account.id,
        `${account.userName} ${basis.whyUnwanted(link.membershipId)}, but the account is protected: no plan removes it`,
      )
    else if (deletionOf(basis.policy).onLeave !== 'suspend' || !basis.capabilities.suspend)
      steps.push(removeStep(basis, link, { account, since: '' }))
    else {
      const hold = holdMs(basis.policy)
      if (hold === undefined) result.alternatives.push(removeStep(basis, link, { account, since: '' }))
      if (account.status !== 'suspended')
        steps.push(statusStep(basis, link, { kind: 'suspend', account, reason: basis.whyUnwanted(link.membershipId) }))
      else if (hold !== undefined && !link.heldSince) result.accepted.push({ ...link, heldSince: basis.now })
      else if (hold !== undefined && isHeldLongEnough(link, hold, basis.now))
        steps.push(removeStep(basis, link, { account, since: `; suspended since ${link.heldSince?.toISOString().slice(0, 10)}` }))
    }
  }
  return { steps: steps.toSorted(byOrder), ...result }
}

/** Whether the account of a leaver has stood suspended for as long as the policy holds it. */
export const isHeldLongEnough = ({ heldSince }: Pick<Link, 'heldSince'>, hold: number, now: Date): boolean =>
  heldSince !== undefined && now.getTime() - heldSince.getTime() >= hold

/** Who is wanted is held no longer: should they leave again, the days are counted anew, and it is somebody else's doing. */
function asWanted(link: Link): Link {
  if (!link.heldSince && !link.leftBy) return link
  const { heldSince: _, leftBy: _by, ...rest } = link
  return rest
}

function driftOf({ vendor }: Basis, { drifted, byHand }: Compared): string {
  return [
    ...(drifted ? [`${drifted} was changed at ${vendor}`] : []),
    ...(byHand ? [`${byHand} differs from the directory and is kept by hand: change it there or in ${vendor}'s console`] : []),
  ].join('; ')
}

/** Protected by the vendor's id or by user name. */
export const isProtected = (
  policy: Pick<Policy, 'protectedAccounts'>,
  account: { readonly id: string; readonly userName: string },
): boolean => policy.protectedAccounts.some((name) => name === account.id || fold(name) === fold(account.userName))

type StepContent = Pick<Step, 'kind' | 'subject' | 'accountId' | 'membershipId' | 'changes' | 'desired' | 'observed'>

/** What takes access away: it rests on a complete read and waits for a person. */
export const takesAway = (kind: StepKind): boolean => kind === 'remove' || kind === 'suspend'

/** What a difference adds to the steps that are open: not what one of them does already, nor the suspension of somebody who is to be removed. */
export function uncovered(drafts: readonly StepDraft[], open: readonly StepContent[]): readonly StepDraft[] {
  // What a step does is long to spell, and there may be very many.
  if (open.length === 0) return drafts
  const covered = new Set(open.map(contentOf))
  const removing = new Set(open.filter(({ kind }) => kind === 'remove').map(({ accountId }) => accountId))
  return drafts.filter((draft) => !covered.has(contentOf(draft)) && !(draft.kind === 'suspend' && removing.has(draft.accountId)))
}

/** One spelling of what a step does; two steps that do the same have the same. */
export const contentOf = ({ kind, subject, accountId, membershipId, changes, desired, observed }: StepContent): string =>
  canonicalJson({ kind, subject, accountId, membershipId, changes, desired, observed })

/** Hex SHA-256 over the connection and what its steps do, in order; ids, states and reasons are not in it. */
export function digestOf(connectionId: string, steps: readonly StepContent[]): string {
  const hash = createHash('sha256').update(`${canonicalJson(connectionId)}\n`)
  for (const [index, step] of steps.entries()) hash.update(`${index > 0 ? '\n' : ''}${contentOf(step)}`)
  return hash.digest('hex')
}

const kindOrder: readonly StepKind[] = [
  'invite',
  'create',
  'resume',
  'update',
  'setRoles',
  'createKey',
  'deleteKey',
  'cancelInvitation',
  'suspend',
  'remove',
]

function byOrder(a: StepDraft, b: StepDraft): number {
  const kinds = kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind)
  return kinds || compareText(fold(a.subject), fold(b.subject)) || compareText(a.membershipId ?? '', b.membershipId ?? '')
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function updateStep(
  { vendor, capabilities }: Basis,
  {
    wanted,
    desire,
    account,
    compared,
  }: { readonly wanted: Wanted; readonly desire: Desire; readonly account: KnownAccount; readonly compared: Compared },
): StepDraft {
  const onlyRoles = compared.changes.every(({ attribute }) => attribute === 'roles')
  const able = onlyRoles ? capabilities.setRoles : capabilities.update
  const what = compared.changes.map(({ attribute }) => attribute).join(', ')
  return {
    kind: onlyRoles ? 'setRoles' : 'update',
    membershipId: wanted.member.id,
    accountId: account.id,
    subject: account.userName,
    desired: compared.desired,
    observed: stateOfAccount(account),
    changes: compared.changes,
    ...(able
      ? {
          state: 'planned',
          reason: `${what} ${compared.changes.length > 1 ? 'differ' : 'differs'} from the directory${lacking(vendor, desire)}`,
        }
      : { state: 'unsupported', reason: `${vendor} cannot change ${what} through its API: change it in the vendor's console` }),
  }
}

function createStep({ vendor, capabilities, conflicts, roles, policy }: Basis, { member }: Wanted, desire: Desire): StepDraft {
  const conflict = conflicts.get(member.id)
  const rolesOwner = ownerOf(policy, 'roles')
  const desired: DesiredAccount = {
    userName: desire.userName,
    email: desire.email,
    givenName: desire.givenName ?? desire.fallback.givenName,
    familyName: desire.familyName ?? desire.fallback.familyName,
    roleIds: rolesOwner === 'manual' || rolesOwner === 'ignore' ? [] : (desire.roleIds ?? []),
  }
  const named: readonly StepChange[] = accountAttributes
    .filter((name) => desired[name] !== undefined)
    .map((name) => ({ attribute: name, from: undefined, to: desired[name] }))
  return {
    kind: 'create',
    membershipId: member.id,
    accountId: undefined,
    subject: member.userName,
    desired,
    observed: undefined,
    changes:
      desired.roleIds.length > 0
        ? [...named, { attribute: 'roles', from: undefined, to: roleNames(desired.roleIds, { roles }) }]
        : named,
    ...(conflict !== undefined
      ? { state: 'failed', reason: conflict }
      : capabilities.create
        ? { state: 'planned', reason: `is assigned and has no account${lacking(vendor, desire)}` }
        : { state: 'unsupported', reason: `${vendor} cannot make accounts through its API: make one in the vendor's console` }),
  }
}

function removeStep(
  { vendor, capabilities, whyUnwanted, policy }: Basis,
  link: Link,
  { account, since }: { readonly account: KnownAccount; readonly since: string },
): StepDraft {
  const why = `${whyUnwanted(link.membershipId)}${since}${signedIn(account)}`
  return {
    kind: 'remove',
    membershipId: link.membershipId,
    accountId: account.id,
    subject: account.userName,
    desired: undefined,
    observed: seenOf(stateOfAccount(account), policy),
    changes: [],
    ...(capabilities.remove
      ? { state: 'planned', reason: why }
      : {
          state: 'unsupported',
          reason: `${why}, and ${vendor} cannot remove accounts through its API: remove it in the vendor's console`,
        }),
  }
}

/** Whoever decides on a removal should know that the person is signed in at the vendor right now. */
const signedIn = ({ activeSessions = 0 }: KnownAccount): string =>
  activeSessions > 0 ? `; signed in now, open sessions: ${activeSessions}` : ''

const statusStep = (
  { policy }: Basis,
  { membershipId }: Link,
  { kind, account, reason }: { readonly kind: 'suspend' | 'resume'; readonly account: KnownAccount; readonly reason: string },
): StepDraft => ({
  kind,
  membershipId,
  accountId: account.id,
  subject: account.userName,
  desired: undefined,
  observed: seenOf(stateOfAccount(account), policy),
  changes: [],
  state: 'planned',
  reason,
})

const lacking = (vendor: string, { unknownRoles }: Desire): string =>
  unknownRoles.length > 0 ? `; ${vendor} has no role named ${unknownRoles.map((name) => `"${name}"`).join(', ')}` : ''
