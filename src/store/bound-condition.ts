import type { Condition } from '../directory/condition.ts'

type Compare = Extract<Condition, { readonly kind: 'compare' }>

/** A condition whose comparisons know the name of the parameter that holds their value. */
export type Bound =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Bound[] }
  | { readonly kind: 'not'; readonly of: Bound }
  | BoundCompare
  | Extract<Condition, { readonly kind: 'present' | 'never' }>
  | (Omit<Extract<Condition, { readonly kind: 'element' }>, 'where'> & { readonly where: Bound })
export type BoundCompare = Compare & { readonly parameter: string }

/** Names go by place, never by value: conditions of one shape have the same names. */
export function bindCondition(condition: Condition): Bound {
  let count = 0
  const bind = (part: Condition): Bound => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return { kind: part.kind, of: part.of.map(bind) }
      case 'not':
        return { kind: part.kind, of: bind(part.of) }
      case 'element':
        return { ...part, where: bind(part.where) }
      case 'compare':
        return { ...part, parameter: `v${count++}` }
      default:
        return part
    }
  }
  return bind(condition)
}
