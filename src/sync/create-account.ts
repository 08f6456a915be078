import { fold } from '../directory/fold.ts'
import { sameRoles, stateOfAccount, stateOfDesired } from './account-state.ts'
import { retryTime } from './backoff.ts'
import type { Ending } from './ending.ts'
import type { Link, Step } from './ledger.ts'
import { knownAccounts, wholeAccount } from './known-accounts.ts'
import { identifiedBy } from './match.ts'
import { readVendor, type Known } from './read-vendor.ts'
import { isRemoteFailure, type Account, type Created, type DesiredAccount, type KnownAccount } from './vendor.ts'
import type { Hand } from './work.ts'

/** Who holds which account; brought up to date as steps end. */
export interface Holdings {
  readonly accounts: Map<string, KnownAccount>
  /** Membership id by account id. */
  readonly holders: Map<string, string>
}

/** Sends a creation once, and takes over an account that stands under the very user name already. */
export async function createAccount(hand: Hand, step: Step, holdings: Holdings): Promise<Ending> {
  const { desired } = step
  if (!desired) throw new TypeError('a creation without the account to make')
  const present = await adopt(hand, step, holdings, [...holdings.accounts.values()])
  if (present) return present
  const created = await hand.vendor.writer.create(desired)
  return settle(hand, step, { created, desired, holdings })
}

/** Finds out by reading what became of a creation whose answer was lost. Never sends it again. */
export async function resolveCreation(
  hand: Hand,
  step: Step,
  {
    known,
    accounts,
    holdings,
  }: { readonly known: Known; readonly accounts: readonly KnownAccount[]; readonly holdings: Holdings },
): Promise<Ending> {
  const found = await adopt(hand, step, holdings, accounts)
  if (found)
    return found.state === 'done'
      ? { ...found, reason: 'the answer was lost; the account was found by reading the vendor' }
      : found
  if (step.reason === stillMaking(hand)) return awaitCreation(hand, step)
  const { complete, reasons } = known.snapshot.certificate
  if (!complete)
    return {
      state: 'unknown',
      reason: `the answer was lost, and what came of it shows only in a complete read: ${reasons.join('; ')}`,
    }
  return {
    state: 'failed',
    reason: 'it did not happen: the answer was lost, and a complete read shows no such account',
    retryAt: retryTime(hand.parts.clock(), step.attempts),
  }
}

/** How long a vendor may take over a creation that it accepted. */
const longestCreationMs = 24 * 60 * 60 * 1_000

/** The reason by which a step is known that waits for the vendor, and not for a lost answer. */
const stillMaking = ({ vendor }: Hand): string => `${vendor.name} is still making the account`

/** Nothing is sent again for what the vendor accepted; when it takes too long a person asks. */
function awaitCreation(hand: Hand, step: Step): Ending {
  const { vendor, parts } = hand
  if (parts.clock().getTime() - step.updatedAt.getTime() < longestCreationMs)
    return { state: 'unknown', reason: stillMaking(hand) }
  return {
    state: 'failed',
    reason: `${vendor.name} accepted the creation at ${step.updatedAt.toISOString()} and lists no account yet: look in its console, or ask its support`,
    retryAt: undefined,
  }
}

async function settle(
  hand: Hand,
  step: Step,
  { created, desired, holdings }: { readonly created: Created; readonly desired: DesiredAccount; readonly holdings: Holdings },
): Promise<Ending> {
  const { name } = hand.vendor
  if (created.outcome === 'exists')
    return (created.account && (await adopt(hand, step, holdings, [created.account]))) ?? takeOver(hand, step, holdings)
  if (created.outcome === 'inProgress') return { state: 'unknown', reason: stillMaking(hand) }
  if (created.outcome === 'needsPerson') return { state: 'unsupported', reason: created.task }
  const until =
    created.outcome === 'invited' && created.expiresAt ? `; the invitation holds until ${created.expiresAt.toISOString()}` : ''
  const reason = created.outcome === 'done' ? 'created' : `invited${until}`
  if (created.account) return withRoles(hand, step, { account: created.account, desired, reason })
  return {
    state: 'failed',
    reason: `${name} invited them and shows the account once they accept; until then nothing is left to do${until}`,
    retryAt: undefined,
  }
}

async function takeOver(hand: Hand, step: Step, holdings: Holdings): Promise<Ending> {
  const { vendor, parts } = hand
  const known = await readVendor(hand, 'schedule')
  const found = await adopt(hand, step, holdings, await knownAccounts(hand, known))
  if (found) return found
  const { complete, reasons } = known.snapshot.certificate
  if (complete)
    return {
      state: 'failed',
      reason: `${vendor.name} says that the user name ${step.subject} is taken but lists no such account. It may be in use elsewhere at the vendor: change the user name there or in the directory`,
      retryAt: undefined,
      refusedWith: 409,
    }
  return {
    state: 'failed',
    reason: `${vendor.name} says that the account exists; it is taken over once the list can be read completely: ${reasons.join('; ')}`,
    retryAt: retryTime(parts.clock(), step.attempts),
  }
}

/**
 * The account under the step's user name as the member's own, or under the address where the vendor knows people by that alone; a failure where somebody
 * else holds it; undefined when there is none.
 */
async function adopt(
  hand: Hand,
  step: Step,
  { holders }: Holdings,
  accounts: readonly KnownAccount[],
): Promise<Ending | undefined> {
  const { desired } = step
  const rule = identifiedBy(hand.vendor)
  const name = fold((rule === 'email' && desired?.email) || (desired?.userName ?? step.subject))
  const account = accounts.find((candidate) => fold((rule === 'email' && candidate.email) || candidate.userName) === name)
  if (!account) return undefined
  const what = rule === 'email' ? 'e-mail address' : 'user name'
  const holder = holders.get(account.id)
  if (holder !== undefined && holder !== step.membershipId)
    return {
      state: 'failed',
      reason: `account ${account.id} has this ${what} and is linked to somebody else: remove it first, or link it by hand`,
      retryAt: undefined,
      refusedWith: 409,
    }
  return {
    state: 'done',
    reason: `account ${account.id} stood there under this ${what} already and was taken over`,
    account: await wholeAccount(hand, account),
    link: linkOf(hand, step, { account, rule, written: stateOfAccount(account) }),
  }
}

/** Sets the roles of a new account where its answer lacks them. A failure there loses nothing: the next plan shows what is missing. */
async function withRoles(
  hand: Hand,
  step: Step,
  { account, desired, reason }: { readonly account: Account; readonly desired: DesiredAccount; readonly reason: string },
): Promise<Ending> {
  const { capabilities, writer } = hand.vendor
  const current = stateOfAccount(account)
  const ending = (made: Account, roleIds: readonly string[], text: string): Ending => ({
    state: 'done',
    reason: text,
    account: made,
    link: linkOf(hand, step, { account: made, rule: 'created', written: { ...stateOfDesired(desired), roleIds } }),
  })
  if (desired.roleIds.length === 0 || sameRoles(current.roleIds, desired.roleIds)) return ending(account, current.roleIds, reason)
  if (!capabilities.setRoles)
    return ending(
      account,
      desired.roleIds,
      `${reason}; ${hand.vendor.name} cannot set roles through its API: set them in its console`,
    )
  try {
    return ending(await writer.update(account.id, desired), desired.roleIds, `${reason}, roles set`)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return ending(account, current.roleIds, `${reason}; the roles could not be set yet: ${error.message}`)
  }
}

function linkOf(
  { parts, connection }: Hand,
  step: Step,
  { account, rule, written }: { readonly account: KnownAccount; readonly rule: Link['rule']; readonly written: Link['written'] },
): Link {
  if (step.membershipId === undefined) throw new TypeError('a creation for nobody')
  return {
    organizationId: connection.organizationId,
    connectionId: connection.id,
    membershipId: step.membershipId,
    accountId: account.id,
    rule,
    madeAt: parts.clock(),
    written,
  }
}
