import { WireError } from './operation.ts'

const maxDepth = 64
const quote = 34
const backslash = 92

/**
 * Parses JSON from outside. Refuses what JSON.parse lets through and readers disagree on: a member named twice, `__proto__`, an object under
 * `constructor`, more than 64 levels. Throws WireError; its message never repeats the text.
 */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new WireError('syntax', 'The body is not valid JSON.')
  }
  if (value !== null && typeof value === 'object') checkMembers(text)
  return value
}

/** Walks over text that is known to be JSON. */
function checkMembers(text: string): void {
  // One set of names per open object, undefined per open list.
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 123 || code === 91) {
      if (open.push(code === 123 ? new Set() : undefined) > maxDepth)
        throw new WireError('syntax', `The body is nested more than ${maxDepth} levels deep.`)
    } else if (code === 125 || code === 93) open.pop()
    else if (code === quote) {
      const end = endOfString(text, at)
      const names = open.at(-1)
      const next = names && skipSpace(text, end + 1)
      if (names && next !== undefined && text[next] === ':')
        addName(names, nameOf(text, at, end), text[skipSpace(text, next + 1)])
      at = end
    }
  }
}

function addName(names: Set<string>, name: string, valueStart: string | undefined): void {
  if (name === '__proto__' || (name === 'constructor' && valueStart === '{'))
    throw new WireError('shape', `A member cannot be named "${name}".`, { field: name })
  if (names.has(name)) throw new WireError('syntax', 'The body names a member twice.')
  names.add(name)
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) return at
  }
}

function nameOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  const name: unknown = JSON.parse(text.slice(start, end + 1))
  return String(name)
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 32) at++
  return at
}
