/** A piece of a filter. `at` is its position, from 0. */
export type Token =
  | { readonly kind: '(' | ')' | '[' | ']' | 'end'; readonly at: number }
  /** A name, an operator, a keyword; after a `]` also `.sub`. */
  | { readonly kind: 'word'; readonly at: number; readonly text: string }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | { readonly kind: 'number'; readonly at: number; readonly value: number }

/** A text that is no filter, and where it stops being one. */
export class FilterSyntaxError extends Error {
  override name = 'FilterSyntaxError'
  /** From 0. */
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

const blank = /[ \t\r\n]*/y
const word = /[^\s()[\]"]+/y
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** Cuts a filter into tokens, in one walk over the text. Throws FilterSyntaxError. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = skip(blank, text, 0)
  while (at < text.length) {
    const character = text[at]!
    let end = at + 1
    if (character === '(' || character === ')' || character === '[' || character === ']') tokens.push({ kind: character, at })
    else if (character === '"') {
      end = endOfString(text, at)
      tokens.push({ kind: 'string', at, value: parseString(text.slice(at, end), at) })
    } else {
      end = skip(word, text, at)
      // White space that is not a blank, such as a line separator.
      if (end === at) throw new FilterSyntaxError(at, `Unexpected character ${JSON.stringify(character)}.`)
      const piece = text.slice(at, end)
      tokens.push(number.test(piece) ? { kind: 'number', at, value: parseNumber(piece, at) } : { kind: 'word', at, text: piece })
    }
    at = skip(blank, text, end)
  }
  tokens.push({ kind: 'end', at: text.length })
  return tokens
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  throw new FilterSyntaxError(start, 'This text has no closing quotation mark.')
}

function parseNumber(text: string, at: number): number {
  const value = Number(text)
  if (!Number.isFinite(value)) throw new FilterSyntaxError(at, 'This number is too large.')
  // Minus zero is zero.
  return value + 0
}

function parseString(quoted: string, at: number): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw new FilterSyntaxError(at, 'This text is not a JSON string: check its escapes.')
  }
}
