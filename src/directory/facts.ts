import { query } from './call.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import { verifyChain, type Fact } from './fact.ts'
import type { FactPage, Reader } from './store.ts'

/** How many facts one look at a filtered feed passes over at most. */
const span = 50_000

/** A part of the feed of facts. */
export interface FactFeed {
  readonly facts: readonly Fact[]
  /** Every fact up to this sequence is among `facts`, or not among those asked for: the next look begins after it. */
  readonly upTo: number
  /** Whether there are facts after `upTo` already. */
  readonly more: boolean
}

export function factQueries({ store }: Parts) {
  return {
    listFacts: query(store, 'audit', (tx, call, page: { readonly after?: number | undefined; readonly limit: number }) =>
      tx.facts(call.organizationId, page),
    ),
    /** Follows the chain: nothing is passed over, and nothing comes twice, when each look begins where the one before ended. */
    readFeed: query(
      store,
      'audit',
      async (tx, call, { after = 0, limit, actions, about }: Omit<FactPage, 'upTo'>): Promise<FactFeed> => {
        // Asked before the facts are read: whatever it covers is committed.
        const { sequence: head } = await tx.chainHead(call.organizationId)
        if (after > head)
          throw new DirectoryError(
            'invalid',
            `The chain ends at fact ${head}, before ${after}. Was the database restored? Begin again where it agrees with what you have.`,
            { field: 'after' },
          )
        const end = actions || about !== undefined ? Math.min(head, after + span) : head
        const facts = await tx.facts(call.organizationId, { after, upTo: end, actions, about, limit })
        const upTo = facts.length < limit ? end : (facts.at(-1)?.sequence ?? end)
        return { facts, upTo, more: upTo < head }
      },
    ),
    /** Why requests with this id were refused, as far as a credential of this organization was proven; at most 100. */
    listExplanations: query(store, 'audit', (tx, call, { requestId }: { readonly requestId: string }) =>
      tx.explanations(call.organizationId, requestId),
    ),
    chainHead: query(store, 'audit', (tx, call) => tx.chainHead(call.organizationId)),
    /** Walks the organization's chain to its head as it stood when the walk began; names the first bad fact. */
    verifyFacts: query(store, 'audit', async (tx, call) => {
      const head = await tx.chainHead(call.organizationId)
      return verifyChain(factsUpTo(tx, call.organizationId, head.sequence), head)
    }),
  }
}

async function* factsUpTo(tx: Reader, organizationId: string, last: number): AsyncIterable<Fact> {
  for (let after = 0; ;) {
    const page = await tx.facts(organizationId, { after, limit: 1000 })
    for (const fact of page) {
      if (fact.sequence > last) return
      yield fact
    }
    const end = page.at(-1)
    if (!end) return
    after = end.sequence
  }
}
