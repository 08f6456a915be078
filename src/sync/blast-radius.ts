import { fold } from '../directory/fold.ts'
import type { Policy } from './connection.ts'
import type { Risk, Step } from './ledger.ts'
import { takesAway, type StepDraft } from './plan.ts'
import type { KnownAccount, Capabilities, VendorKey, VendorRole } from './vendor.ts'

/** What a step's consequences follow from, beside the step. */
export interface Surroundings {
  readonly vendor: string
  readonly capabilities: Pick<Capabilities, 'residue'>
  readonly policy: Pick<Policy, 'ownerRoles' | 'billingRoles'>
  readonly roles: readonly VendorRole[]
  readonly accounts: readonly KnownAccount[]
  /** Roles that somebody active holds beside the owners of these accounts. */
  readonly heldBeside?: ReadonlySet<string>
  /** The vendor's keys; `unread` where they could not be read, undefined where it has none that can be managed. */
  readonly keys: readonly KnownKey[] | 'unread' | undefined
  /** By membership id: accounts of the same person at other connections, such as `desk-eu (sinch)`. */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>
}

export interface KnownKey extends Pick<VendorKey, 'id' | 'name'> {
  /** Whoever made it, by account id, user name or address, where the vendor says so. */
  readonly owner?: string | undefined
}

/**
 * The steps with what each brings with it. Grave is what leaves a role that runs or pays for the vendor's account with nobody who is active, all steps of the
 * difference taken together. Pure: the same surroundings give the same risks.
 */
export function weigh(drafts: readonly StepDraft[], around: Surroundings): readonly StepDraft[] {
  const accounts = new Map(around.accounts.map((account) => [account.id, account]))
  const names = new Map(
    [...around.accounts.flatMap(({ roles }) => roles), ...around.roles].map(({ id, name }) => [id, name] as const),
  )
  const losing = new Map<string, Set<string>>()
  for (const draft of drafts)
    for (const roleId of rolesLost(draft, accounts))
      losing.set(roleId, (losing.get(roleId) ?? new Set()).add(draft.accountId ?? ''))
  const orphaned = new Set(
    [...losing]
      .filter(([roleId, losers]) => !around.heldBeside?.has(roleId) && !isHeldBeside(around.accounts, roleId, losers))
      .map(([id]) => id),
  )
  return drafts.map((draft) => {
    const account = accounts.get(draft.accountId ?? '')
    const lastHeld = rolesLost(draft, accounts)
      .filter((roleId) => account?.status === 'active' && orphaned.has(roleId))
      .flatMap((roleId) => lastOf(draft, names.get(roleId) ?? roleId, around))
    const others = account && takesAway(draft.kind) ? whatStays(draft, account, around) : []
    const risks = [...lastHeld, ...others]
    return risks.length > 0 ? { ...draft, risks } : draft
  })
}

/** Whether a step takes a role or an account from somebody, so that it is worth a look around. */
export const isWorthWeighing = (draft: Pick<Step, 'kind' | 'desired' | 'observed'>): boolean =>
  takesAway(draft.kind) || (draft.observed?.roleIds.some((id) => !draft.desired?.roleIds.includes(id)) ?? false)

function rolesLost(
  { kind, accountId, desired, observed }: StepDraft,
  accounts: ReadonlyMap<string, KnownAccount>,
): readonly string[] {
  const account = accounts.get(accountId ?? '')
  if (takesAway(kind)) return account?.roles.map(({ id }) => id) ?? []
  if (!desired || !observed) return []
  return observed.roleIds.filter((id) => !desired.roleIds.includes(id))
}

const isHeldBeside = (accounts: readonly KnownAccount[], roleId: string, losers: ReadonlySet<string>): boolean =>
  accounts.some(({ id, status, roles }) => status === 'active' && !losers.has(id) && roles.some((role) => role.id === roleId))

function lastOf({ subject }: StepDraft, role: string, { vendor, policy }: Surroundings): readonly Risk[] {
  const power = powerOf(role, policy)
  if (!power) return []
  const kind = power === 'pays' ? 'lastBilling' : 'lastOwner'
  return [{ kind, weight: 'grave', message: `${subject} is the last active one with the role ${role} at ${vendor}` }]
}

/** Whether a role, by its name at the vendor, pays for the vendor's account or runs it. */
export function powerOf(role: string, policy: Surroundings['policy']): 'pays' | 'runs' | undefined {
  const named = (names: readonly string[]) => names.some((name) => fold(name) === fold(role))
  if (policy.billingRoles ? named(policy.billingRoles) : /billing|payment|invoice|financ/i.test(role)) return 'pays'
  return (policy.ownerRoles ? named(policy.ownerRoles) : /owner|admin/i.test(role)) ? 'runs' : undefined
}

function whatStays(draft: StepDraft, account: KnownAccount, around: Surroundings): readonly Risk[] {
  const { vendor, keys, capabilities } = around
  const note = (kind: Risk['kind'], message: string): Risk => ({ kind, weight: 'note', message })
  const own = Array.isArray(keys) ? keys.filter((key) => isMadeBy(key, account)) : []
  const others = around.elsewhere.get(draft.membershipId ?? '') ?? []
  const open = account.activeSessions ?? 0
  return [
    ...(own.length > 0
      ? [note('ownsKeys', `made keys that go on working: ${own.map(({ name, id }) => name || id).join(', ')}`)]
      : []),
    ...(keys === 'unread' ? [note('keysUnread', `whether they made keys could not be read at ${vendor}`)] : []),
    ...(open > 0 ? [note('openSessions', `is signed in at ${vendor} now, open sessions: ${open}`)] : []),
    ...(draft.kind === 'remove' && capabilities.residue !== undefined ? [note('residue', capabilities.residue)] : []),
    ...(others.length > 0 ? [note('keepsAccess', `has accounts elsewhere too: ${others.join(', ')}`)] : []),
    ...(account.status === 'invited' ? [note('invitationPending', `was invited by ${vendor} and has not accepted yet`)] : []),
  ]
}

const isMadeBy = ({ owner }: KnownKey, { id, userName, email }: KnownAccount): boolean =>
  owner !== undefined && (owner === id || fold(owner) === fold(userName) || (email !== undefined && fold(owner) === fold(email)))
