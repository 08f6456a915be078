/** A filter as RFC 7644 §3.4.2.2 describes it, parsed. Names are as they were written; what they mean is the resource type's to say. */
export type Filter =
  /** Two or more. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'compare'; readonly attribute: string; readonly operator: FilterOperator; readonly value: Literal }
  | { readonly kind: 'present'; readonly attribute: string }
  /** `emails[type eq "work"]`: one and the same element satisfies `where`. */
  | { readonly kind: 'element'; readonly attribute: string; readonly where: Filter }

export const filterOperators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type FilterOperator = (typeof filterOperators)[number]

export type Literal = string | number | boolean | null

const name = String.raw`[$A-Za-z][-\w]*`
const attributeName = new RegExp(String.raw`^(?:urn:[-\w.:]+:)?${name}(?:\.${name})?$`, 'i')

/** Whether a text is spelled as an attribute's name in standard notation (RFC 7644 §3.10). */
export const isAttributeName = (text: string): boolean => text.length <= 300 && attributeName.test(text)
