import { fold } from '../../directory/fold.ts'
import type { Link } from '../ledger.ts'
import { isRemoteFailure, type Account } from '../vendor.ts'
import type { Hand } from '../work.ts'
import type { Visit, VisitedAccount } from './offboarding.ts'

/** What a visit knows once the account was seen. What it was like when the person left is kept as it was seen first. */
export async function describeFound(
  hand: Hand,
  { visit, link, account }: { readonly visit: Visit; readonly link: Link; readonly account: Account },
): Promise<Pick<Visit, 'state' | 'reason' | 'account' | 'link' | 'tasks'>> {
  const isNew = visit.account?.id !== account.id
  return {
    state: visit.state === 'toVisit' ? 'present' : visit.state,
    reason: visit.state === 'toVisit' ? 'has an account, and its removal is not planned yet' : visit.reason,
    account: visit.account && !isNew ? visit.account : visitedOf(account),
    link: visit.link?.accountId === link.accountId ? visit.link : link,
    tasks: isNew ? [...visit.tasks, ...(await keyTasks(hand, account))] : visit.tasks,
  }
}

const visitedOf = ({ id, userName, email, status, roles, activeSessions }: Account): VisitedAccount => ({
  id,
  userName,
  email,
  status,
  roles: roles.map(({ name }) => name),
  activeSessions,
})

/** Keys outlive whoever made them, and whoever knew one still can use it: a person replaces them. */
async function keyTasks({ vendor, connection }: Hand, account: Account): Promise<readonly string[]> {
  if (!vendor.keys) return []
  try {
    const keys = await vendor.keys.list()
    const theirs = keys.filter(({ owner }) => owner !== undefined && isOwner(account, owner))
    const unowned = keys.filter(({ owner }) => owner === undefined)
    const named = (some: typeof keys) => some.map(({ id, name }) => (name ? `${name} (${id})` : id)).join(', ')
    return [
      ...(theirs.length > 0 ? [`They made keys at ${connection.name} that stay valid: replace ${named(theirs)}.`] : []),
      ...(unowned.length > 0
        ? [
            `${vendor.name} does not say who made the keys at ${connection.name}: replace those that they knew of ${named(unowned)}.`,
          ]
        : []),
    ]
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return [`The keys at ${connection.name} could not be listed (${error.message}): look there for those that they made.`]
  }
}

const isOwner = ({ id, userName, email }: Account, owner: string): boolean =>
  owner === id || fold(owner) === fold(userName) || (email !== undefined && fold(owner) === fold(email))
