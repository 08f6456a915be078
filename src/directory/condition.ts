/** What a list may be narrowed by. Built by dialects, compiled to SQL by the store, never evaluated over rows in memory. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly attribute: AttributePath; readonly operator: Operator; readonly value: Comparable }
  | { readonly kind: 'present'; readonly attribute: AttributePath }
  /** One and the same element of the list satisfies `where`, whose paths start at the element. */
  | { readonly kind: 'element'; readonly attribute: AttributePath; readonly where: Condition }
  | { readonly kind: 'never' }

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/**
 * The value with the way to compare it. `text` is compared exactly, `folded` without regard to case (see fold.ts; the literal is
 * already folded), `dateTime` by instant. `null` with eq means absent, with ne present.
 */
export type Comparable =
  | { readonly type: 'text' | 'folded'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'dateTime'; readonly value: Date }
  | { readonly type: 'null' }

/**
 * What a list is in the order of; what is equal in it, in the order of ids. What has no such value comes last upwards and first downwards. Of a
 * list the primary element counts, or else the first one.
 */
export interface Order {
  readonly attribute: AttributePath
  readonly by: Exclude<Comparable['type'], 'null'>
  readonly direction: 'up' | 'down'
}

/** Where something stands in an order: the value that it has there, null for none, in the form that values are compared in; what is equal goes by id. */
export interface Place {
  readonly value: string | number | null
  readonly id: string
}

/** One of a list that is in an order. */
export interface Placed<T> {
  readonly item: T
  readonly place: Place
}

/**
 * Where a value stands: names from the membership or group downwards (`['userName']`, `['emails', 'value']`, `['attributes', 'title']`,
 * `['attributes', 'urn:…:User', 'department']`). `multiValued` marks the position of a list, so that any of its elements may match.
 */
export interface AttributePath {
  readonly names: readonly string[]
  /** Index into `names` of the name that holds a list; undefined where no name on the path does. */
  readonly listAt?: number
}
