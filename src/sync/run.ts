import { query, type Call } from '../directory/call.ts'
import { ConfigError, DirectoryError } from '../directory/errors.ts'
import { deleteOldKey } from './keys/delete-key.ts'
import { rotate } from './keys/rotate.ts'
import type { Claim, LedgerReader, Work } from './ledger.ts'
import { openVendor } from './open-vendor.ts'
import { systemCall, type SyncParts } from './parts.ts'
import { noteHealth } from './quarantine/note.ts'
import { isProbed, probe } from './quarantine/probe.ts'
import { lookForSilence } from './quarantine/silence.ts'
import { watchVendor } from './quarantine/watch.ts'
import { raise } from './raising.ts'
import { reconcile } from './reconcile.ts'
import { tellOverdue } from './reviews/overdue.ts'
import { holding, LostClaim, type Hand } from './work.ts'

/** Works in the background on whatever is due. */
export interface Runner {
  start(): void
  /** Resolves when what is under way has ended and is given back. */
  stop(): Promise<void>
  /** Something happened in the organization: look at once. */
  wake(organizationId: string): void
}

/** One turn of each kind of work on a connection; each answers when the next is due. */
const turns: Readonly<Record<Exclude<Work['kind'], 'review'>, (hand: Hand) => Promise<Date | undefined>>> = {
  reconcile: async (hand) => {
    if (isProbed(hand)) return probe(hand)
    const isFree = hand.connection.health?.quarantine === undefined
    const dueAt = isFree && (await deleteOldKey(hand)) ? hand.parts.clock() : await reconcile(hand)
    // What came into quarantine is due when it is probed: entering it has scheduled that.
    return (await noteHealth(hand)) && isFree ? undefined : dueAt
  },
  rotate: async (hand) => {
    const dueAt = await rotate(hand)
    await noteHealth(hand)
    return dueAt
  },
  // Never due, and of no connection.
  configure: async () => undefined,
}

/** How many connections one process works on at a time. */
const hands = 4
const afterErrorMs = 30_000
/** A connection that is set up wrongly is looked at again so often: a key may have been added. */
const misconfiguredMs = 15 * 60_000
/** How long a person waits for a connection that somebody else is working on. */
const patienceMs = 60_000

export function createRunner(parts: SyncParts): Runner {
  const woken = new Set<string>()
  const running = new Set<Promise<void>>()
  const halt = new AbortController()
  let signal = Promise.withResolvers<void>()
  let loop: Promise<void> | undefined
  const notify = () => signal.resolve()

  const turn = async () => {
    const organizations = new Set([...woken, ...(await parts.queue.organizationsWithNewFacts())])
    woken.clear()
    for (const id of organizations) await raise(parts, id)
    while (running.size < hands && !halt.signal.aborted) {
      const claim = await claimWork(parts)
      if (!claim) return
      const work = workOn(parts, claim, () => halt.signal.aborted)
        .catch((error: unknown) => parts.log({ error, connection: claim.subject }, 'work on a connection failed'))
        .finally(() => {
          running.delete(work)
          notify()
        })
      running.add(work)
    }
  }

  const run = async () => {
    while (!halt.signal.aborted) {
      signal = Promise.withResolvers<void>()
      try {
        await turn()
      } catch (error) {
        parts.log({ error }, 'looking for work failed')
      }
      if (!halt.signal.aborted) await Promise.race([parts.sleep(parts.pollMs), signal.promise])
    }
    await Promise.all(running)
  }

  return {
    start: () => {
      loop ??= run()
    },
    stop: async () => {
      halt.abort()
      notify()
      await loop
    },
    wake: (organizationId) => {
      woken.add(organizationId)
      notify()
    },
  }
}

/** Does one piece of work that is due, if there is any; answers whether there was. */
export async function workOnce(parts: SyncParts, only?: Work): Promise<boolean> {
  const claim = await claimWork(parts, only)
  if (!claim) return false
  await workOn(parts, claim, () => false)
  return true
}

const claimWork = (parts: SyncParts, only?: Work): Promise<Claim | undefined> =>
  parts.queue.claim({ holder: parts.holder, now: parts.clock(), leaseMs: parts.leaseMs, ...(only && { only }) })

async function workOn(parts: SyncParts, claim: Claim, halting: () => boolean): Promise<void> {
  const later = (ms: number) => ({ answer: undefined, dueAt: new Date(parts.clock().getTime() + ms) })
  await holding(parts, claim, async () => {
    try {
      const call = () => systemCall(parts, claim.organizationId)
      if (claim.kind === 'review') return { answer: undefined, dueAt: await tellOverdue({ parts, claim, call }) }
      const hand = await takeHand(parts, claim, { call, halting })
      return { answer: undefined, dueAt: hand && (await turns[claim.kind](hand)) }
    } catch (error) {
      if (error instanceof LostClaim) {
        parts.log({ connection: claim.subject }, error.message)
        return { answer: undefined, dueAt: undefined }
      }
      parts.log({ error, connection: claim.subject }, 'work on a connection failed')
      return later(error instanceof ConfigError ? misconfiguredMs : afterErrorMs)
    } finally {
      await lookForSilence(parts, { organizationId: claim.organizationId, connectionId: claim.subject })
    }
  })
}

async function takeHand(
  parts: SyncParts,
  claim: Claim,
  { call, halting }: Pick<Hand, 'call' | 'halting'>,
): Promise<Hand | undefined> {
  const connection = await parts.ledger.read((tx) => tx.connection(claim.organizationId, claim.subject))
  if (!connection) return undefined
  const watch = watchVendor(openVendor(parts, connection), parts.clock)
  return { parts, claim, call, halting, connection, vendor: watch.vendor, watch }
}

/** Works on a connection for a person, as soon as nobody else does: it is not made due before, which would give it to the runner again. The runner gets it afterwards, for whatever may be done by itself. */
export async function withConnection<T>(
  parts: SyncParts,
  call: Call,
  { connectionId, work }: { readonly connectionId: string; readonly work: (hand: Hand) => Promise<T> },
): Promise<T> {
  const own: Work = { organizationId: call.organizationId, kind: 'reconcile', subject: connectionId }
  const deadline = parts.clock().getTime() + patienceMs
  const find = query(parts.ledger, 'operate', (tx: LedgerReader, { organizationId }: Call) =>
    tx.connection(organizationId, connectionId),
  )
  for (;;) {
    if (!(await find(call, undefined))) throw new DirectoryError('notFound', 'There is no such connection in this organization.')
    const claim = await parts.queue.take({
      holder: parts.holder,
      now: parts.clock(),
      leaseMs: parts.leaseMs,
      work: own,
    })
    if (claim)
      return holding(parts, claim, async () => ({ answer: await asPerson(parts, call, { claim, work }), dueAt: parts.clock() }))
    if (parts.clock().getTime() >= deadline)
      throw new DirectoryError('unavailable', 'The connection is being worked on. Repeat this in a minute.', {
        retryAfterSeconds: 60,
      })
    await parts.sleep(parts.pollMs)
  }
}

async function asPerson<T>(
  parts: SyncParts,
  call: Call,
  { claim, work }: { readonly claim: Claim; readonly work: (hand: Hand) => Promise<T> },
): Promise<T> {
  try {
    const hand = await takeHand(parts, claim, {
      call: () => ({ ...call, now: parts.clock(), idempotency: undefined }),
      halting: () => false,
    })
    if (!hand) throw new DirectoryError('notFound', 'There is no such connection in this organization.')
    return await noting(hand, work)
  } catch (cause) {
    if (cause instanceof ConfigError) throw new DirectoryError('conflict', cause.message, { cause })
    if (cause instanceof LostClaim)
      throw new DirectoryError('unavailable', 'Another process has taken this work over. Repeat it.', { cause })
    throw cause
  }
}

/** The work, and how the vendor answered meanwhile, whatever came of it. */
async function noting<T>(hand: Hand, work: (hand: Hand) => Promise<T>): Promise<T> {
  try {
    return await work(hand)
  } finally {
    await noteHealth(hand)
  }
}
