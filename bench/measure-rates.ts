import { generateLoad } from './load.ts'
import { operationNames, operations, type OperationName } from './requests.ts'
import type { Subject } from './subject.ts'

/** Requests per second of each slice; the slices of one operation take turns among the subjects. */
export type Rates = (name: OperationName, subject: Subject) => readonly number[]

const connections = 16
const slices = 8
/** How long an operation runs before it is measured, and the first one of all, at most: until V8 has compiled what it runs often. */
const warmUpMs = { first: 4000, next: 1500 }
/** What is measured in turns with what: a large group beside a small one. */
const rounds = operationNames
  .filter((name) => name !== 'ten')
  .map((name) => (name === 'member' ? [name, 'ten' as const] : [name]))

/** Measures every operation of every subject for so many seconds, in slices that take turns, so that what slows the machine slows all. */
export async function measureRates(
  subjects: readonly Subject[],
  { seconds, say }: { readonly seconds: number; readonly say: (line: string) => void },
): Promise<Rates> {
  const measured = new Map<Subject, Map<OperationName, number[]>>(subjects.map((subject) => [subject, new Map()]))
  const sliceMs = (seconds * 1000) / slices
  for (const [round, names] of rounds.entries()) {
    if (!subjects.some(({ requests }) => names.some((name) => requests[name]))) continue
    say(`measuring ${names.join(' and ')} …`)
    const turns: { readonly rates: number[]; readonly run: () => Promise<number> }[] = []
    for (const name of names)
      for (const subject of subjects.filter(({ requests }) => requests[name])) {
        const rates: number[] = []
        measured.get(subject)?.set(name, rates)
        const onceMs = subject.kind.is === 'peer' ? await timeOnce(name, subject, sliceMs) : 0
        // One request that takes longer than all of the slices together is its measurement.
        if (onceMs > sliceMs * slices) rates.push(...Array.from({ length: slices }, () => 1000 / onceMs))
        else {
          // Where 16 requests do not fit into a slice, one after the other does: such a peer computes, and no request would be answered sooner beside others.
          const load = { name, subject, connections: onceMs * connections > sliceMs ? 1 : connections }
          await run({ ...load, ms: Math.min(seconds * 1000, round === 0 ? warmUpMs.first : warmUpMs.next) })
          turns.push({ rates, run: () => run({ ...load, ms: sliceMs }) })
        }
      }
    for (let slice = 0; slice < slices; slice++) for (const { rates, run } of turns) rates.push(await run())
  }
  return (name, subject) => measured.get(subject)?.get(name) ?? []
}

/** What one request takes at best, in milliseconds: of three, unless the first takes more than a slice. */
async function timeOnce(name: OperationName, subject: Subject, sliceMs: number): Promise<number> {
  const once = async () => 1000 / (await run({ name, subject, connections: 1, ms: 0 }))
  const first = await once()
  return first > sliceMs ? first : Math.min(first, await once(), await once())
}

async function run(load: {
  readonly name: OperationName
  readonly subject: Subject
  readonly connections: number
  readonly ms: number
}): Promise<number> {
  const { name, subject, connections, ms } = load
  const next = subject.requests[name]
  if (!next) throw new TypeError(`${subject.kind.name} does not do ${name}`)
  const { perSecond } = await generateLoad({ port: subject.port, connections, ms, next, status: operations[name] })
  return perSecond
}
