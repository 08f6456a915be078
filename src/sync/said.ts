import type { Membership } from '../directory/membership.ts'
import { collect } from './collect.ts'
import type { LedgerReader, Link } from './ledger.ts'
import type { Marking } from './link.ts'
import { identifiedBy, matchAccounts, type Matching } from './match.ts'
import type { Question } from './question.ts'
import type { KnownAccount } from './vendor.ts'
import type { Hand } from './work.ts'

/** What people said of accounts and of whose they are. */
export interface Said {
  readonly markings: ReadonlyMap<string, Marking>
  readonly questions: ReadonlyMap<string, Question>
}

export async function readSaid(tx: LedgerReader, { connection }: Pick<Hand, 'connection'>): Promise<Said> {
  const { organizationId, id: connectionId } = connection
  const markings = await collect(
    (page) => tx.markings(organizationId, connectionId, page),
    ({ accountId }) => accountId,
  )
  const questions = await tx.questions(organizationId, { connectionId, limit: 1_000_000 })
  return {
    markings: new Map(markings.map((marking) => [marking.accountId, marking])),
    questions: new Map(questions.map((question) => [question.membershipId, question])),
  }
}

/** Pairs members with accounts by the rules of the policy, without going against what people said. */
export const matchBySaid = (
  { connection, vendor }: Pick<Hand, 'connection' | 'vendor'>,
  said: Said,
  input: { readonly members: readonly Membership[]; readonly accounts: readonly KnownAccount[]; readonly links: readonly Link[] },
): Matching =>
  matchAccounts({
    ...input,
    matchBy: connection.policy.matchBy,
    identifiedBy: identifiedBy(vendor),
    marked: new Set(said.markings.keys()),
    questions: said.questions,
  })
