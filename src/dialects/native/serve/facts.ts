import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { FactAction } from '../../../directory/fact.ts'
import { actionsOf } from '../../../directory/webhook.ts'
import type { Engine } from '../../../sync/engine.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { fromCursor, toCursor, type CursorScope } from '../cursor.ts'
import { toFact } from '../translate.ts'
import { listFacts, readFactHead, verifyFacts } from '../wire/facts.ts'
import { defaultLimit } from './page.ts'

/** How long a wait goes without a look, in milliseconds: another process may have written. */
const lookMs = 1_000

export function serveFacts(mount: Mount<Call>, { directory, nextFacts }: Pick<ServeServices, 'directory' | 'nextFacts'>): void {
  mount(listFacts, async (call, { query }) => {
    const { limit = defaultLimit, about, wait = 0 } = query
    const scope = { list: 'facts', organizationId: call.organizationId, filter: { about, actions: query.actions?.join(',') } }
    const actions = query.actions && knownActions(query.actions)
    const deadline = performance.now() + wait * 1_000
    for (let after = startOf(query, scope); ;) {
      const { facts, upTo, more } = await directory.readFeed(call, { after, limit, actions, about })
      const leftMs = deadline - performance.now()
      const again = facts.length === 0 && leftMs > 0 && (more || (await nextFacts(call.organizationId, Math.min(leftMs, lookMs))))
      if (!again)
        return { value: { items: facts.map(toFact), nextCursor: more ? toCursor(String(upTo), scope) : undefined, upTo } }
      after = upTo
    }
  })
  mount(readFactHead, async (call) => ({ value: await directory.chainHead(call, undefined) }))
}

export const serveRecord = (mount: Mount<Call>, engine: Engine): void =>
  mount(verifyFacts, async (call) => ({ value: await engine.verifyRecord(call) }))

function startOf({ cursor, after = 0 }: Value<(typeof listFacts)['query']>, scope: CursorScope): number {
  if (cursor === undefined) return after
  if (after > 0) throw new DirectoryError('invalid', 'Send cursor or after, not both.', { field: 'after' })
  return Number(fromCursor(cursor, scope))
}

function knownActions(patterns: readonly string[]): readonly FactAction[] {
  const actions = actionsOf(patterns)
  if (actions) return actions
  throw new DirectoryError('invalid', 'Name actions such as member.added, or families such as member.*, with commas between.', {
    field: 'actions',
  })
}
