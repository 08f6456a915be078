import type { Directory } from '../directory/directory.ts'
import type { ClaimedMail, MailOutcome, Outbox } from '../directory/mail.ts'
import { composeInvitation } from './letter.ts'
import type { SendMail } from './smtp.ts'

export interface PostmanParts {
  readonly outbox: Outbox
  readonly directory: Pick<Directory, 'openInvitation'>
  readonly send: SendMail
  /** The hub's URL as people reach it, without a trailing slash. */
  readonly origin: string
  readonly clock: () => Date
  readonly sleep: (ms: number) => Promise<void>
  /** This process, unique. */
  readonly holder: string
  readonly pollMs: number
  readonly log: (event: object, message: string) => void
}

/** Sends in the background what is due. */
export interface Postman {
  start(): void
  /** Resolves when the mail in hand has been settled. */
  stop(): Promise<void>
  /** Something may have been put into the outbox: look at once. */
  wake(): void
}

/** Longer than an attempt can take, so that no two processes send one mail at a time. */
const leaseMs = 120_000
const firstPauseMs = 15_000
const longestPauseMs = 3_600_000

/** A mail whose process dies between the server's word and ours is sent again, under the same Message-ID. */
export function createPostman(parts: PostmanParts): Postman {
  const halt = new AbortController()
  let signal = Promise.withResolvers<void>()
  let loop: Promise<void> | undefined
  const run = async () => {
    while (!halt.signal.aborted) {
      signal = Promise.withResolvers<void>()
      try {
        while (!halt.signal.aborted && (await deliverNext(parts)));
      } catch (error) {
        parts.log({ error }, 'the outbox could not be worked on')
      }
      if (!halt.signal.aborted) await Promise.race([parts.sleep(parts.pollMs), signal.promise])
    }
  }
  return {
    start: () => {
      loop ??= run()
    },
    stop: async () => {
      halt.abort()
      signal.resolve()
      await loop
    },
    wake: () => signal.resolve(),
  }
}

/** Takes the mail that is due first and does with it what can be done; false when none is due. */
export async function deliverNext(parts: Omit<PostmanParts, 'sleep' | 'pollMs'>): Promise<boolean> {
  const { outbox, clock, holder, log } = parts
  const mail = await outbox.claim({ holder, now: clock(), leaseMs })
  if (!mail) return false
  const outcome = await deliver(parts, mail)
  const settled = await outbox.settle(mail, outcome)
  const { id, organizationId: organization, attempts } = mail
  log(
    {
      mail: id,
      organization,
      attempts,
      outcome: outcome.kind,
      settled,
      ...(outcome.kind !== 'sent' && { reason: outcome.reason }),
    },
    'mail',
  )
  return true
}

async function deliver(
  { directory, send, origin, clock }: Omit<PostmanParts, 'sleep' | 'pollMs'>,
  { id, to, token, attempts }: ClaimedMail,
): Promise<MailOutcome> {
  if (to === undefined || token === undefined)
    return { kind: 'dropped', at: clock(), reason: 'There is nobody to send it to, or nothing to send.' }
  const invitation = await directory.openInvitation({ token, now: clock() })
  if (invitation.state !== 'pending')
    return { kind: 'dropped', at: clock(), reason: `The invitation is ${invitation.state} by now.` }
  const delivery = await send({ id, to }, composeInvitation(invitation, { token, origin }))
  if (delivery.kind === 'sent') return { kind: 'sent', at: clock() }
  if (delivery.kind === 'refused') return { kind: 'refused', at: clock(), reason: delivery.reason }
  return { kind: 'later', dueAt: new Date(clock().getTime() + pauseMs(attempts)), reason: delivery.reason }
}

/** 15 s, doubling to 1 h; until the invitation expires. */
const pauseMs = (attempts: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, attempts - 1))
