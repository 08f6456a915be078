import { unchanged } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import { collect } from './collect.ts'
import type { Snapshot } from './ledger.ts'
import { readAccounts } from './snapshot.ts'
import type { Account } from './vendor.ts'
import { commit, type Hand } from './work.ts'

/** How long a complete read serves for what only adds or changes: a vendor without search is not listed for each joiner. */
const freshMs = 5 * 60_000

/** What is known of a vendor's accounts. */
export interface Known {
  readonly snapshot: Snapshot
  /** Of a complete read: the accounts there are. Of an incomplete one: those known before and those seen, which proves nobody's absence. */
  readonly accounts: readonly Account[]
  /** Whether additions may rest on it: some complete read stands behind it. */
  readonly usable: boolean
}

/** The last complete read with what was done since, when it is fresh enough; undefined when the vendor has to be read anew. */
export async function recallAccounts({ parts, connection }: Hand): Promise<Known | undefined> {
  const { organizationId, id } = connection
  return parts.ledger.read(async (tx) => {
    const snapshot = await tx.latestSnapshot(organizationId, id)
    if (!snapshot?.certificate.complete || parts.clock().getTime() - snapshot.finishedAt.getTime() >= freshMs) return undefined
    const accounts = await collect(
      (page) => tx.accounts(organizationId, id, page),
      (account) => account.id,
    )
    return { snapshot, accounts, usable: true }
  })
}

/**
 * Reads the vendor and stores what came of it. A complete read takes the place of the accounts known before; of an incomplete one
 * only its certificate is kept. A person's reading, and one whose completeness is news, is a fact.
 */
export async function readVendor(hand: Hand, askedBy: 'person' | 'schedule'): Promise<Known> {
  const { parts, connection, vendor } = hand
  const { organizationId, id: connectionId } = connection
  const { before, previous } = await parts.ledger.read(async (tx) => ({
    before: await collect(
      (page) => tx.accounts(organizationId, connectionId, page),
      (account) => account.id,
    ),
    previous: await tx.latestSnapshot(organizationId, connectionId),
  }))
  const startedAt = parts.clock()
  const reading = await readAccounts(
    vendor.reader,
    before.map(({ id }) => id),
  )
  const { certificate } = reading
  const listed = withInvitedSince(reading.accounts, before, startedAt)
  const snapshot: Snapshot = {
    id: parts.newId(),
    organizationId,
    connectionId,
    startedAt,
    finishedAt: parts.clock(),
    certificate,
  }
  const news = askedBy === 'person' || certificate.complete !== (previous?.certificate.complete ?? true)
  await commit(hand, async (tx) => {
    await tx.putSnapshot(snapshot)
    if (certificate.complete) await tx.replaceAccounts(organizationId, connectionId, listed)
    else for (const id of reading.provenGone) await tx.removeAccount(organizationId, connectionId, id)
    const { complete, reasons, accounts, digest } = certificate
    const fact: FactDraft = {
      action: 'snapshot.taken',
      subject: snapshot.id,
      detail: { connectionId, complete, reasons, accounts, digest },
    }
    return news ? [undefined, fact] : unchanged(undefined)
  })
  if (certificate.complete) return { snapshot, accounts: listed, usable: true }
  const accounts = new Map(before.map((account) => [account.id, account]))
  for (const id of reading.provenGone) accounts.delete(id)
  for (const account of listed) accounts.set(account.id, account)
  return { snapshot, accounts: [...accounts.values()], usable: before.length > 0 || previous?.certificate.complete === true }
}

/** Since when somebody is invited: what the vendor does not tell is since they were first read so. */
function withInvitedSince(accounts: readonly Account[], before: readonly Account[], now: Date): readonly Account[] {
  if (!accounts.some(({ status }) => status === 'invited')) return accounts
  const since = new Map(
    before.flatMap(({ id, status, invitedSince }) => (status === 'invited' ? [[id, invitedSince] as const] : [])),
  )
  return accounts.map((account) =>
    account.status === 'invited' && !account.invitedSince ? { ...account, invitedSince: since.get(account.id) ?? now } : account,
  )
}
