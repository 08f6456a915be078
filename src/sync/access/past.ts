import { fold } from '../../directory/fold.ts'
import type { Call } from '../../directory/call.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { applyFact, emptyAccess, rowsOf, type AccessState } from './fold.ts'
import { hasRole, positionOf, type AccessFilter, type AccessPosition, type AccessRow } from './row.ts'

/** A command's facts bear the time at which it began, so that one may be written after later ones: from then on the past stands still. */
const settledMs = 10 * 60_000

/** Who had access to what at a time. */
export interface Past {
  /** The rows after a position, in the order of connection, account and membership id. */
  rows(
    call: Pick<Call, 'organizationId'>,
    input: { readonly at: Date; readonly filter: AccessFilter; readonly after?: AccessPosition | undefined },
  ): AsyncGenerator<AccessRow>
}

/** Folds the facts. The last answer is kept, so that walking its pages folds once. */
export function createPast(parts: SyncParts): Past {
  let kept: { readonly organizationId: string; readonly at: number; readonly rows: readonly AccessRow[] } | undefined
  const rowsAt = async (organizationId: string, at: Date): Promise<readonly AccessRow[]> => {
    if (kept?.organizationId === organizationId && kept.at === at.getTime()) return kept.rows
    const rows = [...rowsOf(await foldUntil(parts, organizationId, at))]
    kept = parts.clock().getTime() - at.getTime() > settledMs ? { organizationId, at: at.getTime(), rows } : undefined
    return rows
  }
  return {
    rows: async function* ({ organizationId }, { at, filter, after }) {
      for (const row of await rowsAt(organizationId, at))
        if ((!after || isAfter(positionOf(row), after)) && isAsked(row, filter)) yield row
    },
  }
}

/** The state after every fact of that time and before. */
export async function foldUntil(parts: SyncParts, organizationId: string, at: Date): Promise<AccessState> {
  const limit = 1_000
  const state = emptyAccess()
  for (let after = 0; ;) {
    const facts = await parts.directory.listFacts(systemCall(parts, organizationId), { after, limit })
    for (const fact of facts) if (fact.at <= at) applyFact(state, fact)
    const last = facts.at(-1)
    if (!last || facts.length < limit) return state
    after = last.sequence
  }
}

function isAsked(row: AccessRow, { connectionId, vendor, person, role }: AccessFilter): boolean {
  if (connectionId !== undefined && row.connection.id !== connectionId) return false
  if (vendor !== undefined && row.connection.vendor !== vendor) return false
  if (person !== undefined && !isPerson(row, person)) return false
  return role === undefined || hasRole(row, role)
}

function isPerson({ person }: AccessRow, wanted: string): boolean {
  if (!person) return false
  const names = [person.userName, person.email].flatMap((name) => (name === undefined ? [] : [fold(name)]))
  return person.id === wanted || names.includes(fold(wanted))
}

function isAfter(position: AccessPosition, after: AccessPosition): boolean {
  for (const name of ['connectionId', 'accountId', 'membershipId'] as const)
    if (position[name] !== after[name]) return position[name] > after[name]
  return false
}
