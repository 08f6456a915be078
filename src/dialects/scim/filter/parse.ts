import { filterOperators, isAttributeName, type Filter, type FilterOperator, type Literal } from './filter.ts'
import { FilterSyntaxError, tokenize, type Token } from './lexer.ts'

/** Longest filter, in characters. */
export const maxFilterLength = 16_384
/** How deep parentheses, `not` and brackets may nest. */
export const maxFilterDepth = 32
/** How many comparisons one filter may have. */
export const maxComparisons = 256

const operators: ReadonlySet<string> = new Set(filterOperators)
const isOperator = (text: string): text is FilterOperator => operators.has(text)

/** What nearly every filter is, and what is read at a glance: `userName eq "ada"`, in one spelling and without escapes. */
const oneText = /^([$A-Za-z][-\w]{0,299}) eq "([ !#-[\]-\uffff]*)"$/

/** What a parser walks over: tokens, and the bounds that keep it small. */
export interface Cursor {
  readonly tokens: readonly Token[]
  index: number
  depth: number
  comparisons: number
}

/** A cursor at the start of a text. Throws FilterSyntaxError. */
export function openCursor(text: string): Cursor {
  if (text.length > maxFilterLength)
    throw new FilterSyntaxError(maxFilterLength, `A filter has at most ${maxFilterLength} characters.`)
  return { tokens: tokenize(text), index: 0, depth: 0, comparisons: 0 }
}

/**
 * Parses a filter: `not` binds before `and`, `and` before `or`; names, operators and keywords in any case. Beyond the grammar it takes
 * `emails[type eq "work"].value eq "x"`, which means that one element satisfies both. Throws FilterSyntaxError.
 */
export function parseFilter(text: string): Filter {
  const [, attribute, value] = (text.length <= maxFilterLength && oneText.exec(text)) || []
  if (attribute !== undefined && value !== undefined) return { kind: 'compare', attribute, operator: 'eq', value }
  const cursor = openCursor(text)
  if (peek(cursor).kind === 'end') throw new FilterSyntaxError(0, 'The filter is empty.')
  const filter = parseOr(cursor)
  const rest = peek(cursor)
  if (rest.kind !== 'end') throw new FilterSyntaxError(rest.at, 'Expected "and", "or" or the end of the filter.')
  return filter
}

export const peek = (cursor: Cursor): Token => cursor.tokens[cursor.index]!

export function take(cursor: Cursor): Token {
  const token = peek(cursor)
  if (token.kind !== 'end') cursor.index++
  return token
}

/** The filter inside brackets that stand at the cursor. */
export function parseBrackets(cursor: Cursor): Filter {
  take(cursor)
  const where = nested(cursor)
  expect(cursor, ']')
  return where
}

function parseOr(cursor: Cursor): Filter {
  return parseChain(cursor, 'or', parseAnd)
}

function parseAnd(cursor: Cursor): Filter {
  return parseChain(cursor, 'and', parseTerm)
}

function parseChain(cursor: Cursor, kind: 'and' | 'or', parsePart: (cursor: Cursor) => Filter): Filter {
  const first = parsePart(cursor)
  const rest: Filter[] = []
  while (isKeyword(peek(cursor), kind)) {
    take(cursor)
    rest.push(parsePart(cursor))
  }
  return rest.length > 0 ? { kind, of: [first, ...rest] } : first
}

function parseTerm(cursor: Cursor): Filter {
  const token = take(cursor)
  if (token.kind === '(') return parseGroup(cursor)
  if (token.kind !== 'word') throw new FilterSyntaxError(token.at, 'Expected the name of an attribute, "not (" or "(".')
  const next = peek(cursor)
  if (next.kind === '(' && isKeyword(token, 'not')) {
    take(cursor)
    return { kind: 'not', of: parseGroup(cursor) }
  }
  if (!isAttributeName(token.text))
    throw new FilterSyntaxError(token.at, `"${token.text.slice(0, 100)}" is not the name of an attribute.`)
  if (next.kind === '[') return parseElement(cursor, token.text)
  return parseComparison(cursor, token.text)
}

function parseGroup(cursor: Cursor): Filter {
  const filter = nested(cursor)
  expect(cursor, ')')
  return filter
}

function parseElement(cursor: Cursor, attribute: string): Filter {
  const where = parseBrackets(cursor)
  const next = peek(cursor)
  if (next.kind !== 'word' || !next.text.startsWith('.')) return { kind: 'element', attribute, where }
  take(cursor)
  const sub = next.text.slice(1)
  if (!isAttributeName(sub)) throw new FilterSyntaxError(next.at, 'Expected a sub-attribute after the dot.')
  const last = parseComparison(cursor, sub)
  return { kind: 'element', attribute, where: { kind: 'and', of: where.kind === 'and' ? [...where.of, last] : [where, last] } }
}

function parseComparison(cursor: Cursor, attribute: string): Filter {
  const token = take(cursor)
  if (++cursor.comparisons > maxComparisons)
    throw new FilterSyntaxError(token.at, `A filter has at most ${maxComparisons} comparisons.`)
  const operator = token.kind === 'word' ? token.text.toLowerCase() : ''
  if (operator === 'pr') return { kind: 'present', attribute }
  if (!isOperator(operator))
    throw new FilterSyntaxError(token.at, `Expected an operator after "${attribute}": ${filterOperators.join(', ')} or pr.`)
  return { kind: 'compare', attribute, operator, value: parseLiteral(cursor) }
}

function parseLiteral(cursor: Cursor): Literal {
  const token = take(cursor)
  if (token.kind === 'string' || token.kind === 'number') return token.value
  const text = token.kind === 'word' ? token.text.toLowerCase() : ''
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  throw new FilterSyntaxError(token.at, 'Expected a value: a text in double quotation marks, a number, true, false or null.')
}

function nested(cursor: Cursor): Filter {
  if (++cursor.depth > maxFilterDepth)
    throw new FilterSyntaxError(peek(cursor).at, `A filter nests at most ${maxFilterDepth} levels.`)
  const filter = parseOr(cursor)
  cursor.depth--
  return filter
}

function expect(cursor: Cursor, kind: ')' | ']'): void {
  const token = take(cursor)
  if (token.kind !== kind) throw new FilterSyntaxError(token.at, `Expected "${kind}".`)
}

const isKeyword = (token: Token, text: string): boolean => token.kind === 'word' && token.text.toLowerCase() === text
