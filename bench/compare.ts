import type { Rates } from './measure-rates.ts'
import { median } from './median.ts'
import { operationNames, type OperationName } from './requests.ts'
import type { Subject } from './subject.ts'

export interface Row {
  readonly name: OperationName
  readonly subject: string
  readonly people: number
  readonly perSecond: number
  /** What the rate is divided by: another server, or the same with fewer people. */
  readonly ratioTo: string
  readonly otherPerSecond: number
  readonly ratio: number
  /** What the ratio has to be at least. */
  readonly target?: number
}

/** What a rate has to be of the one with the fewest people. */
const ownTarget = 0.8
/** Of another SCIM server's. */
const peerTarget = 2
/** Of a server that does one query on the same database, for what is read. */
const readTarget = 0.5
const readTargets: ReadonlySet<OperationName> = new Set(['get', 'filter', 'page'])

/** The product beside everybody else, and beside itself with fewer people; a reference beside the bare server. */
export function compare(subjects: readonly Subject[], rates: Rates): readonly Row[] {
  const smallest = Math.min(...subjects.map(({ people }) => people))
  return operationNames.flatMap((name) =>
    subjects
      .filter((subject) => rates(name, subject).length > 0)
      .flatMap((subject) => {
        const others = subjects
          .filter((other) => other.people === subject.people && isComparedWith(subject, other) && rates(name, other).length > 0)
          .map((other) =>
            toRow(name, subject, rates, { other, ratioTo: other.kind.name, target: targetOf(name, subject, other) }),
          )
        const before = subjects.find(({ kind, people }) => kind === subject.kind && people === smallest)
        return subject.kind.is === 'product' && before && before !== subject
          ? [...others, toRow(name, subject, rates, { other: before, ratioTo: `itself at ${smallest}`, target: ownTarget })]
          : others
      }),
  )
}

/** What the rate of one operation is of that of another, of the same subject. */
export const ratioOf = (own: readonly number[], others: readonly number[]): number =>
  Math.round(median(own.map((rate, slice) => rate / (others[slice] ?? Number.NaN))) * 1000) / 1000

export const round = (rate: number): number => (rate < 100 ? Math.round(rate * 100) / 100 : Math.round(rate))

/** A ratio is the median of the slices' ratios: a slice that something else slowed does not move it. */
function toRow(
  name: OperationName,
  subject: Subject,
  rates: Rates,
  { other, ratioTo, target }: { readonly other: Subject; readonly ratioTo: string; readonly target: number | undefined },
): Row {
  const own = rates(name, subject)
  const others = rates(name, other)
  return {
    name,
    subject: subject.kind.name,
    people: subject.people,
    perSecond: round(median(own)),
    ratioTo,
    otherPerSecond: round(median(others)),
    ratio: ratioOf(own, others),
    ...(target !== undefined && { target }),
  }
}

function isComparedWith({ kind }: Subject, { kind: other }: Subject): boolean {
  if (other.database === 'nothing') return kind.is === 'product' || (kind.is === 'reference' && kind !== other)
  if (kind.is !== 'product') return false
  return other.is === 'peer' || (other.is === 'reference' && other.database === kind.database)
}

function targetOf(name: OperationName, { kind }: Subject, { kind: other }: Subject): number | undefined {
  if (kind.is !== 'product' || other.database === 'nothing') return undefined
  if (other.is === 'peer') return peerTarget
  return readTargets.has(name) ? readTarget : undefined
}
