import type { Call } from '../../directory/call.ts'
import type { StepKind } from '../ledger.ts'

/** `would`: what follows were done if it were asked for. `waits`: for an approval, or for writes to be enabled. `stopped`: nothing further can be told or done. */
export type TryOutcome = 'ok' | 'would' | 'done' | 'nothing' | 'waits' | 'stopped' | 'notAsked'

export const tryStepNames = ['person', 'assignment', 'match', 'write', 'readBack'] as const

export interface TryStep {
  readonly name: (typeof tryStepNames)[number]
  readonly outcome: TryOutcome
  /** For people to read, with what to do where something is to be done. */
  readonly message: string
}

/** One attribute, or `roles`, of somebody's account. */
export interface TryAttribute {
  readonly attribute: string
  readonly atVendor: string | undefined
  readonly wanted: string | undefined
  readonly action: 'write' | 'same' | 'leave'
  readonly reason: string
}

/** One person's way to one vendor, step by step, as far as it goes. */
export interface TryReport {
  readonly connectionId: string
  readonly membershipId: string | undefined
  readonly accountId: string | undefined
  /** In order; the last one is where it ends. */
  readonly steps: readonly TryStep[]
  /** What would be, or was, done at the vendor; undefined for nothing. */
  readonly kind: StepKind | undefined
  readonly attributes: readonly TryAttribute[]
  /** The plan that holds the step, where there is one. */
  readonly planId: string | undefined
}

/** One person at one connection, now. Both refuse as `notFound` a connection that is not there. */
export interface TryEngine {
  /** Shows each step as it would be. Asks the vendor for the one account and its roles, and changes nothing anywhere. */
  tryPerson(call: Call, input: { readonly connectionId: string; readonly person: string }): Promise<TryReport>
  /** The same, and does it: plans this person alone, and lets go what the policy or an approval allows. Every guard is asked as ever. */
  provisionPerson(call: Call, input: { readonly connectionId: string; readonly person: string }): Promise<TryReport>
}
