import { z } from 'zod'
import { ConfigError } from '../directory/errors.ts'
import type { Operation } from '../wire/operation.ts'

/** Faults that come before an operation is carried out, in place of its effect. */
const kindsBefore = ['status429', 'status500Before', 'unauthenticated', 'planGate'] as const
/** Faults that come when the effect of a write stands. */
const kindsAfter = ['status500After', 'closeAfter'] as const
/** Faults of lists of people: nobody, half of them, others in another order each time. */
const kindsOfLists = ['emptyList', 'halfList', 'changingList'] as const

export const faultKinds = [...kindsBefore, ...kindsAfter, 'slow', ...kindsOfLists] as const
export type FaultKind = (typeof faultKinds)[number]

const Fault = z
  .strictObject({
    kind: z.enum(faultKinds),
    /** Name of the operation it strikes. Without it: every operation it can strike; for `status500After` and `closeAfter` those are the writes. */
    operation: z.string().optional(),
    /** It strikes at most so often. */
    times: z.int().min(1).optional(),
    /** The share of requests that it strikes. */
    share: z.number().gt(0).lte(1).optional(),
    /** How long `slow` holds the answer back, in milliseconds; 2,000 when absent. */
    ms: z.int().min(1).max(600_000).optional(),
  })
  .refine((fault) => fault.ms === undefined || fault.kind === 'slow', { path: ['ms'], message: 'only "slow" takes ms' })
export type Fault = z.output<typeof Fault>

/** A fault with how often it has struck since it was set. */
export type FaultView = Fault & { readonly fired: number }

/** What is wrong with the vendor at the moment. */
export interface Faults {
  /** Takes the place of all faults before. Parses strictly; throws ConfigError that says what is wrong, and then nothing has changed. */
  set(faults: unknown): void
  list(): readonly FaultView[]
  /** The fault that strikes the operation at this stage, counted; undefined when none does. The first one set goes first. */
  strike(stage: 'before' | 'after', operation: Operation): Fault | undefined
}

export function createFaults(operations: readonly Operation[], random: () => number): Faults {
  let current: { readonly fault: Fault; fired: number }[] = []
  return {
    set(input) {
      current = parseFaults(input, operations).map((fault) => ({ fault, fired: 0 }))
    },
    list: () => current.map(({ fault, fired }) => ({ ...fault, fired })),
    strike(stage, operation) {
      for (const entry of current) {
        const { fault, fired } = entry
        if (stageOf(fault.kind) !== stage || !strikes(fault, operation) || fired >= (fault.times ?? Infinity)) continue
        if (fault.share !== undefined && random() >= fault.share) continue
        entry.fired++
        return fault
      }
      return undefined
    },
  }
}

function parseFaults(input: unknown, operations: readonly Operation[]): readonly Fault[] {
  const parsed = z.array(Fault).max(100).safeParse(input)
  if (!parsed.success) throw new ConfigError(`These faults are wrong. ${z.prettifyError(parsed.error)}`)
  for (const { kind, operation: name } of parsed.data) {
    if (name === undefined) continue
    const operation = operations.find((candidate) => candidate.name === name)
    if (!operation)
      throw new ConfigError(
        `There is no operation "${name}". There are: ${operations.map((candidate) => candidate.name).join(', ')}.`,
      )
    if (isOneOf(kindsOfLists, kind) && !operation.listMember)
      throw new ConfigError(`"${kind}" cannot strike ${name}, which lists no people.`)
  }
  return parsed.data
}

const stageOf = (kind: FaultKind): 'before' | 'after' => (isOneOf(kindsBefore, kind) ? 'before' : 'after')

function strikes(fault: Fault, operation: Operation): boolean {
  if (fault.operation !== undefined) return fault.operation === operation.name
  if (isOneOf(kindsOfLists, fault.kind)) return operation.listMember !== undefined
  return !isOneOf(kindsAfter, fault.kind) || operation.method !== 'GET'
}

const isOneOf = (kinds: readonly FaultKind[], kind: FaultKind): boolean => kinds.includes(kind)
