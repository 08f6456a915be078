import { unchanged, type Outcome } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import { accountsChanged, accountsGone, isNews, recordingBegins, recordingIsWhole } from './access/recorded.ts'
import { pagesOf } from './collect.ts'
import type { LedgerReader, Snapshot } from './ledger.ts'
import type { Sink } from './read-list.ts'
import { readAccounts } from './snapshot.ts'
import type { Account } from './vendor.ts'
import { commit, type Hand } from './work.ts'

/** How long a complete read serves for what only adds or changes: a vendor without search is not listed for each joiner. */
const freshMs = 5 * 60_000
/** How many accounts of a list are held before they are put aside. */
const batchSize = 200

/** What is known of a vendor's accounts (known-accounts.ts has them). */
export interface Known {
  readonly snapshot: Snapshot
  /** Whether additions may rest on it: some complete read stands behind it. */
  readonly usable: boolean
}

/** The last complete read with what was done since, when it is fresh enough; undefined when the vendor has to be read anew. */
export async function recallAccounts({ parts, connection }: Hand): Promise<Known | undefined> {
  const { organizationId, id } = connection
  const snapshot = await parts.ledger.read((tx) => tx.latestSnapshot(organizationId, id))
  if (!snapshot?.certificate.complete || parts.clock().getTime() - snapshot.finishedAt.getTime() >= freshMs) return undefined
  return { snapshot, usable: true }
}

/**
 * Reads the vendor and stores what came of it. A complete read takes the place of the accounts known before: those that it showed are stored little by
 * little, so that no one waits for a long list, and those that are gone go with its certificate. Of an incomplete one only the certificate is kept. A person's reading, and one whose completeness is news, is a fact;
 * so is what changed among the accounts.
 */
export async function readVendor(hand: Hand, askedBy: 'person' | 'schedule'): Promise<Known> {
  const { parts, connection, vendor } = hand
  const { organizationId, id: connectionId } = connection
  const { before, previous } = await parts.ledger.read(async (tx) => ({
    before: await tx.countAccounts(organizationId, connectionId),
    previous: await tx.latestSnapshot(organizationId, connectionId),
  }))
  const startedAt = parts.clock()
  const aside = putAside(hand)
  await aside.begin()
  const { certificate, ids, provenGone } = await readAccounts(vendor.reader, idsBefore(hand), {
    sink: aside,
    shrinkLimit: connection.policy.shrinkLimit,
  })
  await aside.flush()
  const recorded = previous?.recorded === true
  if (certificate.complete) await aside.keep(recorded)
  const snapshot: Snapshot = {
    id: parts.newId(),
    organizationId,
    connectionId,
    startedAt,
    finishedAt: parts.clock(),
    certificate,
    ...(recorded && { recorded }),
  }
  const news = askedBy === 'person' || certificate.complete !== (previous?.certificate.complete ?? true)
  await commit(hand, async (tx) => {
    await tx.putSnapshot(snapshot)
    const gone = certificate.complete ? await tx.keepListed(organizationId, connectionId, ids) : provenGone
    if (!certificate.complete) for (const id of gone) await tx.removeAccount(organizationId, connectionId, id)
    const { complete, reasons, accounts, digest } = certificate
    const fact: FactDraft = {
      action: 'snapshot.taken',
      subject: snapshot.id,
      detail: { connectionId, complete, reasons, accounts, digest },
    }
    return outcomeOf([...(news ? [fact] : []), ...accountsGone(connectionId, gone)])
  })
  if (certificate.complete && !recorded) await recordAll(hand, snapshot)
  return { snapshot, usable: certificate.complete || before > 0 || previous?.certificate.complete === true }
}

/** Puts all accounts into the facts, a part at a time; from then on the facts tell of each change. */
async function recordAll(hand: Hand, snapshot: Snapshot): Promise<void> {
  const { organizationId, connectionId } = snapshot
  await commit(hand, async () => outcomeOf([recordingBegins(connectionId)]))
  for (let after: string | undefined; ;) {
    const page = { after, limit: batchSize }
    const accounts = await hand.parts.ledger.read((tx) => tx.accounts(organizationId, connectionId, page))
    await commit(hand, async () => outcomeOf(accountsChanged(connectionId, accounts)))
    after = accounts.at(-1)?.id
    if (accounts.length < batchSize) break
  }
  await commit(hand, async (tx) => {
    await tx.putSnapshot({ ...snapshot, recorded: true })
    return outcomeOf([recordingIsWhole(connectionId)])
  })
}

function outcomeOf([first, ...rest]: readonly FactDraft[]): Outcome<undefined> {
  return first ? [undefined, first, ...rest] : unchanged(undefined)
}

/** The accounts known before, while the ledger has them. */
async function* idsBefore({ parts, connection }: Hand): AsyncGenerator<string, void, undefined> {
  const { organizationId, id: connectionId } = connection
  const pages = pagesOf(
    (page) => parts.ledger.read((tx) => tx.accountIds(organizationId, connectionId, page)),
    (id) => id,
  )
  for await (const ids of pages) yield* ids
}

/** What a list shows is put aside in the ledger, some accounts at a time, until it is known whether the list is whole. */
function putAside(
  hand: Hand,
): Sink & Readonly<Record<'begin' | 'flush', () => Promise<void>>> & { keep(recorded: boolean): Promise<void> } {
  const { organizationId, id: connectionId } = hand.connection
  let waiting: Account[] = []
  const flush = async () => {
    if (waiting.length === 0) return
    const accounts = waiting
    waiting = []
    await commit(hand, async (tx, { now }) => {
      const dated = await Promise.all(accounts.map((account) => withInvitedSince(tx, hand.connection, { account, now })))
      return unchanged(await tx.putAside(organizationId, connectionId, dated))
    })
  }
  return {
    begin: () => commit(hand, async (tx) => unchanged(await tx.clearAside(organizationId, connectionId))),
    put: async (accounts) => {
      for (const account of accounts) {
        waiting.push(account)
        if (waiting.length >= batchSize) await flush()
      }
    },
    remove: async (accountId) => {
      await flush()
      await commit(hand, async (tx) => unchanged(await tx.removeAside(organizationId, connectionId, accountId)))
    },
    flush,
    keep: async (recorded) => {
      const keepSome = () =>
        commit(hand, async (tx): Promise<Outcome<'more' | 'all'>> => {
          const next = recorded ? await tx.nextAside(organizationId, connectionId) : []
          const [first, ...rest] = accountsChanged(
            connectionId,
            next.filter(isNews).map(({ account }) => account),
          )
          const left = await tx.keepAside(organizationId, connectionId)
          return first ? [left, first, ...rest] : unchanged(left)
        })
      while ((await keepSome()) === 'more');
    },
  }
}

/** Since when somebody is invited: what the vendor does not tell is since they were first read so. */
async function withInvitedSince(
  tx: LedgerReader,
  { organizationId, id }: Hand['connection'],
  { account, now }: { readonly account: Account; readonly now: Date },
): Promise<Account> {
  if (account.status !== 'invited' || account.invitedSince) return account
  const before = await tx.account(organizationId, id, account.id)
  return { ...account, invitedSince: (before?.status === 'invited' ? before.invitedSince : undefined) ?? now }
}
