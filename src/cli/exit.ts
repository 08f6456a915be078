import type { DirectoryError } from '../dialects/native/connect.ts'

/** What the process ends with; scripts tell outcomes apart by it. */
export const exitCodes = {
  ok: 0,
  error: 1,
  changesPresent: 2,
  refusedByGuard: 3,
  needsApproval: 4,
  planStale: 5,
  partlyDone: 6,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

type Refusal = DirectoryError['refusal']

const byRefusal: { readonly [Name in Refusal]?: ExitCode } = {
  unsafe: exitCodes.refusedByGuard,
  lastOwner: exitCodes.refusedByGuard,
  needsApproval: exitCodes.needsApproval,
  stale: exitCodes.planStale,
}

export const exitCodeOf = (refusal: Refusal): ExitCode => byRefusal[refusal] ?? exitCodes.error
