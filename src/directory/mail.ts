/** A mail that takes an invitation to a person, as the command writes it. What it says is composed when it goes out. */
export interface NewMail {
  readonly id: string
  readonly organizationId: string
  readonly invitationId: string
  /** Undefined where the member has no address: such a mail is kept for the operator to hand over. */
  readonly to: string | undefined
  /** The one copy of the invitation's token; sealed by the store, and forgotten once the mail has gone or is dropped. */
  readonly token: string
  readonly createdAt: Date
}

/** `waiting` until it is sent; `refused` by the mail server for good; `dropped` because the invitation ended before it went out. */
export type MailState = 'waiting' | 'sent' | 'refused' | 'dropped'

export interface Mail extends Omit<NewMail, 'token'> {
  /** Only while it is waiting. */
  readonly token: string | undefined
  readonly state: MailState
  readonly attempts: number
  /** Why the last attempt failed, or why it was given up. Holds no secret. */
  readonly reason: string | undefined
  /** When it is to be tried; undefined once it is settled, or where there is nobody to send it to. */
  readonly dueAt: Date | undefined
  readonly settledAt: Date | undefined
}

/** A mail in hand, for as long as the lease runs. The fence grows with each claim. */
export interface ClaimedMail extends Mail {
  readonly holder: string
  readonly fence: number
}

export type MailOutcome =
  | { readonly kind: 'sent'; readonly at: Date }
  | { readonly kind: 'later'; readonly dueAt: Date; readonly reason: string }
  | { readonly kind: 'refused' | 'dropped'; readonly at: Date; readonly reason: string }

/** The mails of the whole installation; any process may take one. Written by the command that invites (Writer.putMail). */
export interface Outbox {
  /** Takes the mail that is due first and free, or whose lease ran out; undefined when there is none. */
  claim(input: { readonly holder: string; readonly now: Date; readonly leaseMs: number }): Promise<ClaimedMail | undefined>
  /** Says what came of it; false when somebody else has it by now, and then nothing is changed. */
  settle(mail: ClaimedMail, outcome: MailOutcome): Promise<boolean>
  /** Newest first. */
  mails(page: { readonly before?: string | undefined; readonly limit: number }): Promise<readonly Mail[]>
  mail(id: string): Promise<Mail | undefined>
  /** Takes away every mail that was made before. Answers how many. */
  prune(before: Date): Promise<number>
}
