import type { Compared } from './matching-rule.ts'

/** An account that may be a member's, with what speaks for it and against it. */
export interface Candidate {
  readonly accountId: string
  readonly userName: string
  readonly email: string | undefined
  readonly name: string | undefined
  readonly compared: readonly Compared[]
  /** Who holds the account now; undefined when nobody does. */
  readonly heldBy: string | undefined
  /** User names of other members whose account it may be as well. */
  readonly alsoFits: readonly string[]
}

export type Answer = (
  | { readonly kind: 'link'; readonly accountId: string }
  /** None of the candidates is the member's. */
  | { readonly kind: 'notTheSame' }
  /** Nothing is linked and nothing is made for the member while the candidates stay as they are. */
  | { readonly kind: 'ignore' }
) & { readonly by: string; readonly at: Date; readonly reason: string }

/** Which account is a member's, where the rules cannot tell. Until a person says, nothing is linked and nothing is made for that member there. One per member and connection. */
export interface Question {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly membershipId: string
  /** The member's user name, for people to read. */
  readonly subject: string
  readonly reason: string
  readonly candidates: readonly Candidate[]
  /** Accounts of which a person said that they are not the member's. */
  readonly ruledOut: readonly string[]
  /** Accounts that a person unlinked from the member: they are asked about although a rule would link them. */
  readonly unlinked: readonly string[]
  /** `withdrawn`: it does not arise any more. */
  readonly state: 'open' | 'answered' | 'withdrawn'
  readonly answer: Answer | undefined
  readonly askedAt: Date
  /** Counts the changes, from 1. */
  readonly version: number
}

export interface QuestionFilter {
  readonly connectionId?: string | undefined
  readonly membershipId?: string | undefined
  readonly state?: Question['state'] | undefined
}

export interface QuestionLedgerReader {
  question(organizationId: string, id: string): Promise<Question | undefined>
  /** Newest first. */
  questions(
    organizationId: string,
    filter: QuestionFilter & { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Question[]>
}

export interface QuestionLedgerWriter {
  /** Refuses a second question about the same member at the same connection as `taken`. */
  putQuestion(question: Question): Promise<void>
}
