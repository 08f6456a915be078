import type { Filter } from './filter.ts'

/** The text of a filter; parsing it gives the same filter back. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'or':
      return filter.of.map((part) => (part.kind === 'or' ? `(${printFilter(part)})` : printFilter(part))).join(' or ')
    case 'and':
      return filter.of
        .map((part) => (part.kind === 'or' || part.kind === 'and' ? `(${printFilter(part)})` : printFilter(part)))
        .join(' and ')
    case 'not':
      return `not (${printFilter(filter.of)})`
    case 'present':
      return `${filter.attribute} pr`
    case 'element':
      return `${filter.attribute}[${printFilter(filter.where)}]`
    default:
      return `${filter.attribute} ${filter.operator} ${JSON.stringify(filter.value)}`
  }
}
