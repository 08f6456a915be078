import type { Dialect } from '../dialects/dialect.ts'
import type { Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Operation, Value } from '../wire/operation.ts'
import type { Accepted, Mount, Outgoing } from '../wire/serve.ts'
import type { Fault, Faults } from './faults.ts'

export interface ScriptedOptions {
  readonly faults: Faults
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Closes the connection that the request in hand came over. */
  readonly hangUp: () => void
}

/** How long a slow answer is held back when the fault does not say, in milliseconds. */
const slowMs = 2_000

/** The dialect with the scripted faults: they act on decoded values, so that errors and lists stay spelled as the dialect spells them. */
export function scriptedDialect(dialect: Dialect, options: ScriptedOptions): Dialect {
  const { faults } = options
  return {
    ...dialect,
    serve: (mount, services) => {
      const scriptedMount: Mount<Call> = (operation, handle) =>
        mount(operation, async (call, incoming) => {
          const before = faults.strike('before', operation)
          if (before?.kind === 'status429') throw new DirectoryError('limited', 'Too many requests. Try again later.')
          if (before?.kind === 'unauthenticated')
            throw new DirectoryError('unauthenticated', 'The credentials are not valid any more.')
          if (before?.kind === 'planGate')
            throw new DirectoryError('planGate', 'The plan of this account does not include this any more.')
          if (before) throw new ScriptedFault(before.kind)
          const outgoing = await handle(call, incoming)
          // What is answered later is not lied about: no vendor's list is.
          if (isAccepted(outgoing)) return outgoing
          const after = faults.strike('after', operation)
          return after ? strikeAfter(after, { operation, outgoing, ...options }) : outgoing
        })
      dialect.serve(scriptedMount, services)
    },
  }
}

const isAccepted = (outgoing: Outgoing<unknown> | Accepted): outgoing is Accepted =>
  outgoing.status === 202 && outgoing.value === undefined

async function strikeAfter<Op extends Operation>(
  fault: Fault,
  {
    operation,
    outgoing,
    random,
    sleep,
    hangUp,
  }: ScriptedOptions & { readonly operation: Op; readonly outgoing: Outgoing<Value<Op['reply']>> },
): Promise<Outgoing<Value<Op['reply']>>> {
  switch (fault.kind) {
    case 'status500After':
      throw new ScriptedFault(fault.kind)
    case 'closeAfter':
      hangUp()
      return outgoing
    case 'slow':
      await sleep(fault.ms ?? slowMs)
      return outgoing
    case 'emptyList':
      return withRecords(outgoing, operation, () => [])
    case 'halfList':
      return withRecords(outgoing, operation, (records) => records.slice(0, Math.floor(records.length / 2)))
    case 'changingList':
      return withRecords(outgoing, operation, (records) =>
        shuffled(records, random).slice(Math.max(1, Math.round(records.length / 10))),
      )
    default:
      throw new TypeError(`not a fault after the effect: ${fault.kind}`)
  }
}

/** Answered as an error of the service itself, which the dialect spells without a message. */
class ScriptedFault extends Error {
  override name = 'ScriptedFault'
  constructor(kind: string) {
    super(`the scripted fault ${kind} struck`)
  }
}

function withRecords<V>(
  outgoing: Outgoing<V>,
  operation: Operation,
  change: (records: readonly unknown[]) => readonly unknown[],
): Outgoing<V> {
  if (outgoing.portions) throw new TypeError(`${operation.name} answered a resource and no list`)
  if (outgoing.text === undefined) return { ...outgoing, value: changedRecords(outgoing.value, operation, change) }
  const value: unknown = JSON.parse(outgoing.text)
  return { ...outgoing, text: JSON.stringify(changedRecords(value, operation, change)) }
}

function changedRecords<V>(value: V, operation: Operation, change: (records: readonly unknown[]) => readonly unknown[]): V {
  const name = operation.listMember ?? ''
  if (typeof value !== 'object' || value === null || !(name in value))
    throw new TypeError(`${operation.name} answered without ${name}`)
  const records: unknown = Reflect.get(value, name)
  if (!Array.isArray(records)) throw new TypeError(`${operation.name} answered ${name} that is no list`)
  return { ...value, [name]: change(records) }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[copy[last], copy[other]] = [copy[other]!, copy[last]!]
  }
  return copy
}
