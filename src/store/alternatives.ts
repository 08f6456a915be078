import type { AttributePath } from '../directory/condition.ts'
import type { Bound, BoundCompare } from './bound-condition.ts'

type Alternative = Bound | { readonly either: readonly [BoundCompare, ...BoundCompare[]] }
type BoundElement = Extract<Bound, { readonly kind: 'element' }>

/**
 * The parts of an `or`, those inside it that are `or` again as parts of its own: all the texts that one attribute may be in one part, and in one part too whatever one
 * element of a list may be.
 */
export function alternatives(parts: readonly Bound[]): readonly Alternative[] {
  const either = new Map<string, [BoundCompare, ...BoundCompare[]]>()
  const lists = new Map<string, [BoundElement, ...BoundElement[]]>()
  const others: Bound[] = []
  for (const part of parts.flatMap(withinOr)) {
    const element = elementOf(part)
    if (element) gather(lists, JSON.stringify(element.attribute.names), element)
    else if (part.kind === 'compare' && part.operator === 'eq' && (part.value.type === 'text' || part.value.type === 'folded'))
      gather(either, JSON.stringify([part.value.type, pathOf(part.attribute)]), part)
    else others.push(part)
  }
  return [
    ...[...either.values()].map((texts) => (texts.length === 1 ? texts[0] : { either: texts })),
    ...[...lists.values()].map(([first, ...more]): Bound =>
      more.length === 0 ? first : { ...first, where: { kind: 'or', of: [first, ...more].map(({ where }) => where) } },
    ),
    ...others,
  ]
}

const withinOr = (part: Bound): readonly Bound[] => (part.kind === 'or' ? part.of.flatMap(withinOr) : [part])

/** What asks for an element of a list, as such; undefined for anything else. `ne` asks that there be none. */
function elementOf(part: Bound): BoundElement | undefined {
  if (part.kind === 'element') return part
  if (part.kind !== 'compare' || part.operator === 'ne' || part.value.type === 'null') return undefined
  const { names, listAt } = part.attribute
  if (listAt === undefined) return undefined
  const list = names.slice(0, listAt + 1)
  return {
    kind: 'element',
    attribute: { names: list, listAt },
    where: { ...part, attribute: { names: names.slice(listAt + 1) } },
  }
}

function gather<T>(groups: Map<string, [T, ...T[]]>, key: string, item: T): void {
  const group = groups.get(key)
  if (group) group.push(item)
  else groups.set(key, [item])
}

/** A path as a value to compare by. */
export const pathOf = ({ names, listAt }: AttributePath): unknown => [names, listAt ?? null]
