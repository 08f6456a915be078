import { query } from './call.ts'
import type { Parts } from './directory.ts'
import { verifyChain, type Fact } from './fact.ts'
import type { Reader } from './store.ts'

export function factQueries({ store }: Parts) {
  return {
    listFacts: query(store, 'audit', (tx, call, page: { readonly after?: number | undefined; readonly limit: number }) =>
      tx.facts(call.organizationId, page),
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
