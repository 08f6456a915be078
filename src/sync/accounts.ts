import { command, type Call, type Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import { accountDetail } from './access/recorded.ts'
import { stateOfAccount } from './account-state.ts'
import { collect } from './collect.ts'
import { findConnection } from './connections.ts'
import type { ImportReport } from './engine.ts'
import { putSurveyFindings } from './findings.ts'
import type { LedgerWriter, Link } from './ledger.ts'
import type { SyncParts } from './parts.ts'
import { putLinks } from './planning.ts'
import { answering } from './plans.ts'
import { read } from './reconcile.ts'
import { withConnection } from './run.ts'
import { memberOrNone, survey } from './survey.ts'
import type { Account } from './vendor.ts'

/** Reads a vendor, matches people and accounts, opens and closes findings. Plans nothing and changes nothing there. */
export const importNow = (parts: SyncParts, call: Call, connectionId: string): Promise<ImportReport> =>
  withConnection(parts, call, {
    connectionId,
    work: (hand) =>
      answering(hand, async () => {
        const known = await read(hand, 'person')
        const seen = await survey(hand, known)
        await putLinks(hand, seen)
        await putSurveyFindings(hand, seen)
        const findings = await parts.ledger.read((tx) =>
          tx.findings(call.organizationId, { connectionId, open: true, limit: 1_000 }),
        )
        const present = new Set(known.accounts.map(({ id }) => id))
        return {
          snapshot: known.snapshot,
          matched: seen.links.filter(({ accountId }) => present.has(accountId)).length,
          findings,
        }
      }),
  })

/** Links a member to an account because a person says so; an account that belongs to another member of the directory stays theirs. */
export async function linkByHand(
  parts: SyncParts,
  call: Call,
  input: { readonly connectionId: string; readonly membershipId: string; readonly accountId: string },
): Promise<void> {
  const { connectionId, membershipId, accountId } = input
  await withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      const member = await memberOrNone(parts, call.organizationId, membershipId)
      if (!member)
        throw new DirectoryError('notFound', 'There is no such member in this organization.', { field: 'membershipId' })
      const account = await answering(hand, () => hand.vendor.reader.read(accountId))
      if (!account)
        throw new DirectoryError('notFound', `${hand.vendor.name} has no account ${accountId}.`, { field: 'accountId' })
      const links = await parts.ledger.read((tx) =>
        collect(
          (page) => tx.links(call.organizationId, connectionId, page),
          (link) => link.membershipId,
        ),
      )
      const holder = links.find((link) => link.accountId === accountId && link.membershipId !== membershipId)
      if (holder && (await memberOrNone(parts, call.organizationId, holder.membershipId))?.status === 'active')
        throw new DirectoryError('taken', 'The account is linked to another active member.', { field: 'accountId' })
      await putLinkByHand(parts, call, {
        account,
        holder,
        link: {
          organizationId: call.organizationId,
          connectionId,
          membershipId,
          accountId,
          rule: 'manual',
          madeAt: parts.clock(),
          written: stateOfAccount(account),
        },
      })
    },
  })
}

const putLinkByHand = (
  parts: SyncParts,
  call: Call,
  input: { readonly account: Account; readonly link: Link; readonly holder: Link | undefined },
): Promise<void> =>
  command(parts.ledger, 'operate', async (tx: LedgerWriter, { organizationId, now }: Call): Promise<Outcome<undefined>> => {
    const { account, link, holder } = input
    await findConnection(tx, call, link.connectionId)
    if (holder) await tx.removeLink(organizationId, link.connectionId, holder.membershipId)
    await tx.putAccount(organizationId, link.connectionId, account)
    await tx.putLink(link)
    await tx.schedule({ organizationId, kind: 'reconcile', subject: link.connectionId, dueAt: now })
    const detail = {
      connectionId: link.connectionId,
      membershipId: link.membershipId,
      rule: link.rule,
      before: holder?.membershipId,
      madeAt: link.madeAt.toISOString(),
      account: accountDetail(account),
    }
    return [undefined, { action: 'link.made', subject: account.id, detail }]
  })({ ...call, now: parts.clock(), idempotency: undefined }, undefined)
