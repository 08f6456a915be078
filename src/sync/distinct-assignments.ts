import { canonicalJson } from '../directory/json.ts'
import type { Assignment } from './connection.ts'

/** Each once, in an order that does not depend on how they came. */
export const distinct = (assignments: readonly Assignment[]): readonly Assignment[] =>
  [...new Map(assignments.map((item) => [canonicalJson(item), item]))]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
