import { query, type Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Fact } from '../directory/fact.ts'
import { findConnection } from './connections.ts'
import type { PlanView } from './engine.ts'
import type { LedgerReader, Link } from './ledger.ts'
import { linkInHand, refuseInFlight } from './link-in-hand.ts'
import type { Marking } from './link.ts'
import { mergeAccounts } from './merge.ts'
import type { SyncParts } from './parts.ts'
import type { Question } from './question.ts'
import { withConnection } from './run.ts'
import { unlink } from './unlink.ts'
import { commit } from './work.ts'

export interface LinkExplanation {
  readonly link: Link
  /** What was asked about the member there, if anything. */
  readonly question: Question | undefined
  /** Links that were made to the account and taken away from it, oldest first. */
  readonly history: readonly Fact[]
}

/** Who an account belongs to, why, and how to mend it. */
export interface LinkEngine {
  /** Links a member to an account by hand. */
  linkAccount(
    call: Call,
    input: { readonly connectionId: string; readonly membershipId: string; readonly accountId: string },
  ): Promise<void>
  /** By membership id. */
  listLinks(
    call: Call,
    input: { readonly connectionId: string; readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly Link[]>
  explainLink(call: Call, input: { readonly connectionId: string; readonly membershipId: string }): Promise<LinkExplanation>
  /** Takes a link away and asks whose the account is; until that is answered nothing is linked and nothing made for the member there. */
  unlinkAccount(
    call: Call,
    input: { readonly connectionId: string; readonly membershipId: string; readonly reason: string },
  ): Promise<Question | undefined>
  /** Of two accounts of one member, keeps one and plans the removal of the other. The caller counts as an author of that plan: somebody else approves it. */
  mergeAccounts(
    call: Call,
    input: {
      readonly connectionId: string
      readonly keepAccountId: string
      readonly removeAccountId: string
      readonly reason: string
    },
  ): Promise<PlanView>
  /** By account id. */
  listMarkings(
    call: Call,
    input: { readonly connectionId: string; readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly Marking[]>
  /** The account is nothing special any more; a removal that was planned for it ends. */
  unmarkAccount(call: Call, input: { readonly connectionId: string; readonly accountId: string }): Promise<void>
}

export function linkCommands(parts: SyncParts): LinkEngine {
  const { ledger } = parts
  return {
    linkAccount: async (call, input) => {
      await withConnection(parts, call, {
        connectionId: input.connectionId,
        work: (hand) => linkInHand(hand, input, async () => [undefined]),
      })
    },
    listLinks: query(ledger, 'read', async (tx: LedgerReader, call: Call, { connectionId, after, limit }: ListInput) => {
      await findConnection(tx, call, connectionId)
      return tx.links(call.organizationId, connectionId, { after, limit })
    }),
    explainLink: query(ledger, 'read', (tx: LedgerReader, call: Call, input: MemberInput) => explain(tx, call, input)),
    unlinkAccount: (call, input) => unlink(parts, call, input),
    mergeAccounts: (call, input) => mergeAccounts(parts, call, input),
    listMarkings: query(ledger, 'read', async (tx: LedgerReader, call: Call, { connectionId, after, limit }: ListInput) => {
      await findConnection(tx, call, connectionId)
      return tx.markings(call.organizationId, connectionId, { after, limit })
    }),
    unmarkAccount: async (call, { connectionId, accountId }) => {
      await withConnection(parts, call, {
        connectionId,
        work: (hand) =>
          commit(hand, async (tx, now) => {
            const marking = await tx.marking(now.organizationId, connectionId, accountId)
            if (!marking) throw new DirectoryError('notFound', 'Nobody marked this account.', { field: 'accountId' })
            await refuseInFlight(tx, hand, accountId)
            await tx.removeMarking(now.organizationId, connectionId, accountId)
            return [undefined, { action: 'account.unmarked', subject: accountId, detail: { connectionId, kind: marking.kind } }]
          }),
      })
    },
  }
}

interface ListInput {
  readonly connectionId: string
  readonly after?: string | undefined
  readonly limit: number
}
interface MemberInput {
  readonly connectionId: string
  readonly membershipId: string
}

async function explain(
  tx: LedgerReader,
  { organizationId }: Call,
  { connectionId, membershipId }: MemberInput,
): Promise<LinkExplanation> {
  const link = await tx.linkOf(organizationId, connectionId, membershipId)
  if (!link)
    throw new DirectoryError(
      'notFound',
      'The member has no link at this connection. rollcall questions list shows what is open.',
      {
        field: 'membershipId',
      },
    )
  const [question] = await tx.questions(organizationId, { connectionId, membershipId, limit: 1 })
  const facts = await tx.linkFacts(organizationId, link.accountId)
  return { link, question, history: facts.filter(({ detail }) => detail['connectionId'] === connectionId) }
}
