import type { Ledger, LedgerWriter, Step, Visit } from '../../src/sync/ledger.ts'
import type { SyncParts } from '../../src/sync/parts.ts'
import type { Vendor } from '../../src/sync/vendor.ts'

/** What a transaction of the engine writes down, so that dying around it is a case of its own. */
const marks = [
  'facts raised',
  'snapshot',
  'plan',
  'approval',
  'step to send',
  'step unknown',
  'step failed',
  'account and link',
  'receipt',
  'lock to send',
  'lock',
  'receipt of a leaver',
] as const
type Mark = (typeof marks)[number]

const effects = ['create', 'suspend', 'cancelInvitation', 'remove'] as const

/**
 * The places where a process dies by name: before and after each transaction commits, when the vendor has done what it was asked and nobody has written it
 * down yet, in the middle of a read, and with work in hand.
 */
export const killPoints = [
  ...marks.flatMap((mark) => [`${mark}: before the commit`, `${mark}: after the commit`] as const),
  ...effects.map((effect) => `${effect}: accepted by the vendor` as const),
  'a page read',
  'work taken',
  'work done, not given back',
] as const
export type KillPoint = (typeof killPoints)[number]

export const isKillPoint = (name: string): name is KillPoint => killPoints.some((point) => point === name)

/** The parts with `passing` awaited at every kill point. */
export const withKillPoints = (parts: SyncParts, passing: (point: KillPoint) => Promise<void>): SyncParts => ({
  ...parts,
  ledger: watchedLedger(parts.ledger, passing),
  connect: (...input) => watchedVendor(parts.connect(...input), passing),
  queue: {
    ...parts.queue,
    claim: async (input) => {
      const claim = await parts.queue.claim(input)
      if (claim) await passing('work taken')
      return claim
    },
    finish: async (claim, dueAt) => {
      await passing('work done, not given back')
      return parts.queue.finish(claim, dueAt)
    },
  },
})

type Passing = Parameters<typeof withKillPoints>[1]

function watchedLedger(ledger: Ledger, passing: Passing): Ledger {
  return {
    read: (work) => ledger.read(work),
    write: async (organizationId, work) => {
      const seen = new Set<Mark>()
      const answer = await ledger.write(organizationId, async (tx) => {
        seen.clear()
        const result = await work(marked(tx, seen))
        for (const mark of seen) await passing(`${mark}: before the commit`)
        return result
      })
      for (const mark of seen) await passing(`${mark}: after the commit`)
      return answer
    },
  }
}

/** Notes what is written. */
function marked(tx: LedgerWriter, seen: Set<Mark>): LedgerWriter {
  const noted = <O>(mark: Mark | undefined, written: Promise<O>): Promise<O> => {
    if (mark) seen.add(mark)
    return written
  }
  return {
    ...tx,
    moveCursor: (...input) => noted('facts raised', tx.moveCursor(...input)),
    putSnapshot: (...input) => noted('snapshot', tx.putSnapshot(...input)),
    putPlan: (plan) => noted(plan.state === 'open' ? 'plan' : undefined, tx.putPlan(plan)),
    putApproval: (...input) => noted('approval', tx.putApproval(...input)),
    putStep: (step) => noted(stepMarks[step.state], tx.putStep(step)),
    putLink: (...input) => noted('account and link', tx.putLink(...input)),
    putReceipt: (...input) => noted('receipt', tx.putReceipt(...input)),
    putVisit: (visit, input) => noted(lockMarks[visit.lock.state], tx.putVisit(visit, input)),
    putLeaverReceipt: (...input) => noted('receipt of a leaver', tx.putLeaverReceipt(...input)),
  }
}

const stepMarks: Readonly<Partial<Record<Step['state'], Mark>>> = {
  sending: 'step to send',
  unknown: 'step unknown',
  failed: 'step failed',
}
const lockMarks: Readonly<Partial<Record<Visit['lock']['state'], Mark>>> = { sending: 'lock to send', done: 'lock' }

function watchedVendor(vendor: Vendor, passing: Passing): Vendor {
  const { reader, writer } = vendor
  const after = async <O>(effect: (typeof effects)[number], work: Promise<O>): Promise<O> => {
    const answer = await work
    await passing(`${effect}: accepted by the vendor`)
    return answer
  }
  return {
    ...vendor,
    reader: {
      ...reader,
      list: async function* () {
        for await (const page of reader.list()) {
          await passing('a page read')
          yield page
        }
      },
    },
    writer: {
      ...writer,
      create: (desired) => after('create', writer.create(desired)),
      remove: (id) => after('remove', writer.remove(id)),
      ...(writer.suspend && { suspend: async (id: string) => after('suspend', writer.suspend!(id)) }),
      ...(writer.cancelInvitation && {
        cancelInvitation: async (id: string) => after('cancelInvitation', writer.cancelInvitation!(id)),
      }),
    },
  }
}
