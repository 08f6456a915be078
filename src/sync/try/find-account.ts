import { fold } from '../../directory/fold.ts'
import { emailOf, type Membership } from '../../directory/membership.ts'
import { stateOfAccount } from '../account-state.ts'
import type { Connection } from '../connection.ts'
import type { LedgerReader, Link } from '../ledger.ts'
import { matchAccounts } from '../match.ts'
import type { Question } from '../question.ts'
import type { Account, Vendor } from '../vendor.ts'

/** Somebody's account, as far as it can be told without reading the whole vendor. */
export interface FoundAccount {
  readonly account: Account | undefined
  /** The stored link, or the one that matching would make. */
  readonly link: Link | undefined
  readonly conflict: string | undefined
  readonly message: string
}

/** What the ledger knows of accounts that may be the member's. */
export interface Candidates {
  readonly link: Link | undefined
  readonly accounts: readonly Account[]
  readonly links: readonly Link[]
  /** What was asked of people about the member, and which of the accounts somebody marked as nobody's. */
  readonly question: Question | undefined
  readonly marked: ReadonlySet<string>
  /** When the vendor was last read completely. */
  readonly readAt: Date | undefined
}

const perPage = 1_000

/** Collected page by page: a vendor may have very many accounts. */
export async function findCandidates(tx: LedgerReader, connection: Connection, member: Membership): Promise<Candidates> {
  const { organizationId, id } = connection
  const link = await tx.linkOf(organizationId, id, member.id)
  const snapshot = await tx.latestSnapshot(organizationId, id)
  const readAt = snapshot?.certificate.complete ? snapshot.finishedAt : undefined
  if (link) return { link, accounts: [], links: [link], question: undefined, marked: new Set(), readAt }
  const email = emailOf(member)
  const isAlike = (account: Account) =>
    fold(account.userName) === fold(member.userName) ||
    (email !== undefined && account.email !== undefined && fold(account.email) === fold(email))
  const accounts = await filtered(
    (after) => tx.accounts(organizationId, id, { after, limit: perPage }),
    isAlike,
    (one) => one.id,
  )
  const ids = new Set(accounts.map((account) => account.id))
  const links =
    ids.size === 0
      ? []
      : await filtered(
          (after) => tx.links(organizationId, id, { after, limit: perPage }),
          ({ accountId }) => ids.has(accountId),
          ({ membershipId }) => membershipId,
        )
  const [question] = await tx.questions(organizationId, { connectionId: id, membershipId: member.id, limit: 1 })
  const marked = new Set<string>()
  for (const account of accounts) if (await tx.marking(organizationId, id, account.id)) marked.add(account.id)
  return { link, accounts, links, question, marked, readAt }
}

/** The member's account as it is at the vendor now: by the stored link, else by the policy's rules among the accounts known, never by a guess. */
export async function findAccount(
  { reader, capabilities }: Vendor,
  { link, accounts, links, question, marked, readAt }: Candidates,
  { connection, member, now }: { readonly connection: Connection; readonly member: Membership; readonly now: Date },
): Promise<FoundAccount> {
  if (link) {
    const account = await reader.read(link.accountId)
    return {
      account,
      link,
      conflict: undefined,
      message: account
        ? `account ${account.id} (${account.userName}), linked by ${link.rule}, is ${account.status}`
        : `account ${link.accountId} was linked by ${link.rule} and is not there any more`,
    }
  }
  const none = { account: undefined, link: undefined, conflict: undefined }
  if (!readAt)
    return {
      ...none,
      message: `no account is linked, and ${connection.vendor} has not been read completely yet: rollcall import`,
    }
  const { matches, conflicts } = matchAccounts({
    members: [member],
    accounts,
    links,
    matchBy: connection.policy.matchBy,
    identifiedBy: capabilities.attributes?.includes('userName') === false ? 'email' : 'userName',
    marked,
    questions: new Map(question && [[member.id, question]]),
  })
  const conflict = conflicts.get(member.id)
  if (conflict !== undefined) return { ...none, conflict, message: conflict }
  const [match] = matches
  const account = match && (await reader.read(match.account.id))
  if (!match || !account) return { ...none, message: `no account, among those that were there at ${readAt.toISOString()}` }
  return {
    account,
    link: {
      organizationId: connection.organizationId,
      connectionId: connection.id,
      membershipId: member.id,
      accountId: account.id,
      rule: match.rule,
      confidence: match.confidence,
      compared: match.compared,
      madeAt: now,
      written: stateOfAccount(account),
    },
    conflict: undefined,
    message: `account ${account.id} (${account.userName}) fits by ${match.rule} and would be linked by it`,
  }
}

async function filtered<T>(
  load: (after: string | undefined) => Promise<readonly T[]>,
  fits: (item: T) => boolean,
  idOf: (item: T) => string,
): Promise<readonly T[]> {
  const found: T[] = []
  for (let after: string | undefined; ;) {
    const page = await load(after)
    found.push(...page.filter(fits))
    const last = page.at(-1)
    if (!last || page.length < perPage) return found
    after = idOf(last)
  }
}
