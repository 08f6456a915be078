import type { Ledger, LedgerWriter } from '../../src/sync/ledger.ts'
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
  const noting =
    <A extends readonly unknown[], O>(write: (...input: A) => Promise<O>, markOf: (...input: A) => Mark | undefined) =>
    (...input: A): Promise<O> => {
      const mark = markOf(...input)
      if (mark) seen.add(mark)
      return write(...input)
    }
  return {
    ...tx,
    moveCursor: noting(tx.moveCursor, () => 'facts raised'),
    putSnapshot: noting(tx.putSnapshot, () => 'snapshot'),
    putPlan: noting(tx.putPlan, ({ state }) => (state === 'open' ? 'plan' : undefined)),
    putApproval: noting(tx.putApproval, () => 'approval'),
    putStep: noting(tx.putStep, ({ state }) =>
      state === 'sending'
        ? 'step to send'
        : state === 'unknown'
          ? 'step unknown'
          : state === 'failed'
            ? 'step failed'
            : undefined,
    ),
    putLink: noting(tx.putLink, () => 'account and link'),
    putReceipt: noting(tx.putReceipt, () => 'receipt'),
    putVisit: noting(tx.putVisit, ({ lock }) =>
      lock.state === 'sending' ? 'lock to send' : lock.state === 'done' ? 'lock' : undefined,
    ),
    putLeaverReceipt: noting(tx.putLeaverReceipt, () => 'receipt of a leaver'),
  }
}

function watchedVendor(vendor: Vendor, passing: Passing): Vendor {
  const { reader, writer } = vendor
  const { suspend, cancelInvitation } = writer
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
      ...(suspend && { suspend: (id: string) => after('suspend', suspend(id)) }),
      ...(cancelInvitation && { cancelInvitation: (id: string) => after('cancelInvitation', cancelInvitation(id)) }),
    },
  }
}
