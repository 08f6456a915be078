import { refusal } from './errors.ts'
import { isAttributeName, type Filter } from './filter/filter.ts'
import { FilterSyntaxError } from './filter/lexer.ts'
import { openCursor, parseBrackets, peek, take } from './filter/parse.ts'
import { printFilter } from './filter/print.ts'

/** The path of a PATCH operation (RFC 7644 §3.5.2, figure 7): `name.givenName`, `emails[type eq "work"].value`. */
export interface Path {
  /** As written, with a sub-attribute where there are no brackets. May be the URN of a whole extension. */
  readonly attribute: string
  readonly where: Filter | undefined
  /** The sub-attribute after the brackets. */
  readonly sub: string | undefined
}

/** Parses a path; throws invalidPath. */
export function parsePath(text: string): Path {
  try {
    const cursor = openCursor(text)
    const first = take(cursor)
    if (first.kind !== 'word' || !(isAttributeName(first.text) || isUrn(first.text)))
      throw new FilterSyntaxError(first.at, 'Expected the name of an attribute.')
    const where = peek(cursor).kind === '[' ? parseBrackets(cursor) : undefined
    let sub: string | undefined
    const next = peek(cursor)
    if (where && next.kind === 'word' && next.text.startsWith('.') && isAttributeName(next.text.slice(1))) {
      sub = next.text.slice(1)
      take(cursor)
    }
    if (peek(cursor).kind !== 'end') throw new FilterSyntaxError(peek(cursor).at, 'Expected the end of the path.')
    return { attribute: first.text, where, sub }
  } catch (error) {
    if (error instanceof FilterSyntaxError)
      throw refusal('invalidPath', `The path is wrong at character ${error.at + 1}: ${error.message}`, 'path')
    throw error
  }
}

/** The text of a path; parsing it gives the same path back. */
export const printPath = (path: Path): string =>
  path.attribute + (path.where ? `[${printFilter(path.where)}]` : '') + (path.sub === undefined ? '' : `.${path.sub}`)

const isUrn = (text: string): boolean => text.length <= 300 && /^urn:[-\w.:]+$/i.test(text)
