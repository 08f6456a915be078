import { describeChanges, differencesOf, sameRoles, sameValue, stateOfAccount, stateOfDesired } from './account-state.ts'
import { retryTime } from './backoff.ts'
import { seenOf } from './compare.ts'
import type { Policy } from './connection.ts'
import type { Ending } from './ending.ts'
import type { Link, Step } from './ledger.ts'
import { accountAttributes, type Account, type DesiredAccount } from './vendor.ts'
import type { Hand } from './work.ts'

/** What a step finds when it asks for its account by id right before it changes it. */
export type Found =
  | { readonly account: Account }
  /** Why the step ends here: nothing was sent. */
  | { readonly ending: Extract<Ending, { readonly state: 'failed' }> }

/** Refuses an account that is gone or is not as it was when the plan was made, and says what changed, when and by whom, as far as the vendor tells. */
export function checkObserved(step: Step, account: Account | undefined, policy: Pick<Policy, 'attributeOwners'>): Found {
  if (!account)
    return {
      ending: {
        state: 'failed',
        reason: 'the account is gone at the vendor since the plan was made',
        retryAt: undefined,
        found: 'gone',
      },
    }
  const state = stateOfAccount(account)
  // What writes nothing does not mind what is ignored; what writes the account would put an old value back.
  const changes = step.observed ? differencesOf(step.observed, account, step.desired ? state : seenOf(state, policy)) : []
  if (changes.length === 0) return { account }
  const { changedAt, changedBy } = account
  const when = `${changedAt ? ` at ${changedAt.toISOString()}` : ''}${changedBy ? ` by ${changedBy}` : ''}`
  return {
    ending: {
      state: 'failed',
      reason: `stale: changed at the vendor since the plan was made${when && `,${when}`}: ${describeChanges(changes)}. Plan anew`,
      retryAt: undefined,
      found: account,
      stale: { changes, ...(changedAt && { changedAt }), ...(changedBy !== undefined && { changedBy }) },
    },
  }
}

/** Sends a change once. */
export async function updateAccount({ vendor }: Hand, step: Step, link: Link): Promise<Ending> {
  const { accountId, desired } = step
  if (accountId === undefined || !desired) throw new TypeError('a change without its account')
  const account = await vendor.writer.update(accountId, desired)
  const kept = unlike(desired, account)
  const reason = kept ? `sent; ${vendor.name} keeps another value for ${kept}` : 'changed'
  return { state: 'done', reason, account, link: { ...link, accountId, written: stateOfDesired(desired) } }
}

/** Finds out by reading what became of a change whose answer was lost. Never sends it again. */
export async function resolveChange({ vendor, parts }: Hand, step: Step, link: Link | undefined): Promise<Ending> {
  const { accountId, desired } = step
  if (accountId === undefined || !desired || !link) throw new TypeError('a change without its account')
  const account = await vendor.reader.read(accountId)
  if (!account) return { state: 'failed', reason: 'the account is gone at the vendor', retryAt: undefined, found: 'gone' }
  if (!unlike(desired, account))
    return {
      state: 'done',
      reason: 'the answer was lost; reading the vendor shows that it happened',
      account,
      link: { ...link, accountId, written: stateOfDesired(desired) },
    }
  return {
    state: 'failed',
    reason: 'it did not happen: the answer was lost, and the vendor shows the account unchanged',
    retryAt: retryTime(parts.clock(), step.attempts),
    found: account,
  }
}

/** Names of the attributes in which an account is not as desired; empty when it is. */
function unlike(desired: DesiredAccount, account: Account): string {
  const state = stateOfAccount(account)
  const names: string[] = accountAttributes.filter(
    (name) => desired[name] !== undefined && !sameValue(name, desired[name], state[name]),
  )
  if (!sameRoles(desired.roleIds, state.roleIds)) names.push('roles')
  return names.join(', ')
}
