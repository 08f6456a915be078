import type { Refusal } from './errors.ts'

/** Why a request was refused, which an answer in a vendor's words may hide. Holds no secret and nothing of a body. */
export interface Explanation {
  readonly id: string
  /** As the answer carried it. The caller may have chosen it, so that several refusals can share one. */
  readonly requestId: string
  readonly at: Date
  readonly dialect: string
  /** Undefined where no operation was reached. */
  readonly operation: string | undefined
  /** Whose credential was proven; undefined where none was. */
  readonly organizationId: string | undefined
  readonly refusal: Refusal | 'internal'
  readonly field: string | undefined
  readonly code: string | undefined
  readonly message: string
}

/** The explanations of the whole installation. Each organization reads its own through Reader.explanations. */
export interface Explanations {
  add(explanations: readonly Explanation[]): Promise<void>
  /** Oldest first, at most 100. */
  find(requestId: string): Promise<readonly Explanation[]>
  /** Keeps those that were made after `before`, and of them the newest `keep`. */
  prune(limits: { readonly before: Date; readonly keep: number }): Promise<void>
}
