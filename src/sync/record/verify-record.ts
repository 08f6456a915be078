import type { Call } from '../../directory/call.ts'
import { verifyChain, type ChainHead, type ChainVerdict, type Fact } from '../../directory/fact.ts'
import { sha256 } from '../leaver/issue.ts'
import type { SyncParts } from '../parts.ts'
import { signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import type { StoredCheckpoint } from './record-ledger.ts'
import { checkReceipt, findUntoldReceipt } from './receipts.ts'
import { isUnreadable } from './unreadable.ts'
import { signersOf } from './signers.ts'

/** A row that is not as it was written. */
export interface BadRow {
  readonly record: 'fact' | 'checkpoint' | 'receipt'
  /** Sequence of the fact, number of the checkpoint, id of the receipt. */
  readonly row: string
  /** The fact at which it shows. */
  readonly sequence: number
  readonly reason: string
}

export type RecordVerdict =
  | {
      readonly intact: true
      readonly head: ChainHead
      readonly checkpoints: number
      readonly receipts: number
      /** Where the chain stands, signed, to be kept elsewhere: it shows later what checkpoints beside the facts cannot, that all of it was put back. */
      readonly checkpoint: string
    }
  | ({ readonly intact: false } & BadRow)

const pageSize = 1_000

/**
 * Walks the organization's facts in order, and with them the checkpoints that sign them and the receipts that they tell of; names the first row that is not
 * as it was written. Holds a page of each at a time, and the ids of the receipts.
 */
export async function verifyRecord(parts: SyncParts, call: Call): Promise<RecordVerdict> {
  const { organizationId } = call
  const head = await parts.directory.chainHead(call, undefined)
  const signed = createSeries(parts, organizationId)
  const receipts = new Set<string>()
  let bad: BadRow | undefined
  const inspect = async (fact: Fact): Promise<BadRow | undefined> => {
    const { sequence } = fact
    const checkpoint = await signed.next()
    if (checkpoint && checkpoint.sequence <= sequence) {
      const reason =
        signed.judge(checkpoint) ?? (checkpoint.sequence < sequence ? 'it signs a fact before the one before it' : undefined)
      if (reason !== undefined) return { record: 'checkpoint', row: String(checkpoint.number), sequence, reason }
      if (signed.hash !== fact.hash)
        return factRow(
          sequence,
          `fact ${sequence} is not the one that checkpoint ${checkpoint.number} signs: what came after fact ${signed.passed} was written anew`,
        )
      signed.pass(checkpoint)
    }
    if (fact.action === 'checkpoint.signed') {
      const reason = signed.told(fact)
      if (reason !== undefined) return { record: 'checkpoint', row: numberIn(fact), sequence, reason }
    } else if (signed.passed === sequence - 1 && signed.passed > 0)
      return { record: 'checkpoint', row: String(signed.number), sequence, reason: 'no fact tells of it' }
    if (fact.action !== 'receipt.issued') return undefined
    receipts.add(fact.subject)
    const reason = await checkReceipt(parts, fact)
    return reason === undefined ? undefined : { record: 'receipt', row: fact.subject, sequence, reason }
  }
  async function* inspected(): AsyncIterable<Fact> {
    for await (const fact of factsUpTo(parts, call, head.sequence)) {
      yield fact
      // Whoever asks for the next fact has found this one to follow.
      bad = await inspect(fact)
      if (bad) return
    }
  }
  const chain = await verifyChain(inspected(), head).catch((error: unknown): ChainVerdict => {
    if (!(error instanceof Unreadable)) throw error
    return { intact: false, sequence: error.sequence, reason: error.message }
  })
  if (bad) return { intact: false, ...bad }
  if (!chain.intact) return { intact: false, ...factRow(chain.sequence, chain.reason) }
  const beyond = await signed.next()
  // What came while the facts were walked is not missing.
  const now = await parts.directory.chainHead(call, undefined)
  if (beyond) {
    const { number, sequence } = beyond
    const reason = signed.judge(beyond)
    if (reason !== undefined) return { intact: false, record: 'checkpoint', row: String(number), sequence: head.sequence, reason }
    if (sequence >= now.sequence)
      return {
        intact: false,
        ...factRow(
          head.sequence + 1,
          `fact ${head.sequence + 1} is missing: the chain ends before it, and checkpoint ${number} signs fact ${sequence}`,
        ),
      }
  }
  if (signed.passed === now.sequence && now.sequence > 0)
    return {
      intact: false,
      ...factRow(head.sequence + 1, `fact ${head.sequence + 1} is missing: it tells of checkpoint ${signed.number}`),
    }
  const [further] = now.sequence === head.sequence ? await readFacts(parts, call, head.sequence) : []
  if (further && (await parts.directory.chainHead(call, undefined)).sequence === head.sequence)
    return {
      intact: false,
      ...factRow(further.sequence, `fact ${further.sequence} was added behind the end of the chain, fact ${head.sequence}`),
    }
  const untold = await findUntoldReceipt(parts, call, { told: receipts, head })
  if (untold !== undefined)
    return { intact: false, record: 'receipt', row: untold, sequence: head.sequence, reason: 'no fact tells that it was issued' }
  const [signer] = signersOf(parts)
  const own = {
    kind: 'checkpoint',
    version: 1,
    organization: { id: organizationId },
    number: null,
    chain: head,
    former: null,
  } as const
  const checkpoint = signCheckpoint({ ...own, at: call.now.toISOString() }, signer)
  return { intact: true, head, checkpoints: signed.number, receipts: receipts.size, checkpoint }
}

const numberIn = ({ detail: { number } }: Fact): string => (typeof number === 'number' ? String(number) : 'without a number')

const factRow = (sequence: number, reason: string): BadRow => ({ record: 'fact', row: String(sequence), sequence, reason })

async function* factsUpTo(parts: SyncParts, call: Call, last: number): AsyncIterable<Fact> {
  for (let after = 0; ;) {
    const page = await readFacts(parts, call, after)
    for (const fact of page) {
      if (fact.sequence > last) return
      yield fact
    }
    const end = page.at(-1)
    if (!end) return
    after = end.sequence
  }
}

/** A page of facts; where one of them cannot be read, those before it. Throws Unreadable when that is the first. */
async function readFacts({ directory }: SyncParts, call: Call, after: number): Promise<readonly Fact[]> {
  for (let limit = pageSize; ; limit = Math.floor(limit / 2)) {
    try {
      return await directory.listFacts(call, { after, limit })
    } catch (error) {
      if (!isUnreadable(error)) throw error
      if (limit === 1) throw new Unreadable(after + 1, { cause: error })
    }
  }
}

class Unreadable extends Error {
  override name = 'Unreadable'
  readonly sequence: number
  constructor(sequence: number, options: ErrorOptions) {
    super(`fact ${sequence} cannot be read`, options)
    this.sequence = sequence
  }
}

/** The kept checkpoints one after another, with what the last good one said. */
function createSeries(parts: SyncParts, organizationId: string) {
  const trusted = new Set(signersOf(parts).map(({ publicKey }) => publicKey))
  let page: readonly StoredCheckpoint[] = []
  let read = 0
  let current: StoredCheckpoint | undefined
  let number = 0
  let passed = 0
  let digest: string | null = null
  let hash = ''
  return {
    /** Of the last one that was passed; 0 at first. */
    get number() {
      return number
    },
    /** The fact that it signs; 0 at first. */
    get passed() {
      return passed
    },
    /** What the one that was judged last says of its fact. */
    get hash() {
      return hash
    },
    /** The one that comes next, however often it is asked for. */
    next: async (): Promise<StoredCheckpoint | undefined> => {
      if (current) return current
      if (page.length === 0)
        page = await parts.ledger.read((tx) => tx.checkpoints(organizationId, { after: read, limit: pageSize }))
      const [first, ...rest] = page
      page = rest
      current = first
      if (first) read = first.number
      return first
    },
    /** Why it is not as it was written; undefined when it is. */
    judge: (stored: StoredCheckpoint): string | undefined => {
      if (stored.number !== number + 1) return `checkpoint ${number + 1} is missing before it`
      const verdict = verifyCheckpoint(stored.text)
      if (!verdict.valid) return `it was changed after it was signed. ${verdict.reason}`
      const { receipt } = verdict
      if (!trusted.has(receipt.key)) return 'it was signed by a key that is not of this installation'
      if (
        receipt.organization.id !== organizationId ||
        receipt.number !== stored.number ||
        receipt.chain.sequence !== stored.sequence
      )
        return 'its text is of another checkpoint'
      if (receipt.former !== digest) return 'it does not follow from the checkpoint before it'
      hash = receipt.chain.hash
      return undefined
    },
    pass: (stored: StoredCheckpoint) => {
      number = stored.number
      passed = stored.sequence
      digest = sha256(stored.text)
      current = undefined
    },
    /** Why there is not what the fact tells of; undefined when there is. */
    told: ({ sequence, detail }: Fact): string | undefined => {
      if (passed !== sequence - 1 || detail['number'] !== number) return 'it is missing, and a fact tells that it was signed'
      return detail['sha256'] === digest ? undefined : 'its text is not the one that was signed'
    },
  }
}
