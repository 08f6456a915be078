import { DirectoryError } from '../directory/errors.ts'
import { fold } from '../directory/fold.ts'

/**
 * The form in which conditions look at a profile. It has the profile's shape, but each value is an object with what it can be compared by:
 * `t` the text, `f` the text folded (fold.ts), `i` the instant of a dateTime in milliseconds, `n` a number, `b` a boolean as 0 or 1.
 * So both databases compare alike: neither has to lower-case, to parse a date, or to guess a type. What is empty or null is left out.
 */
export function searchDocument(value: object): string {
  return JSON.stringify(toNode(value) ?? {})
}

type Node = { readonly [name: string]: Node | string | number } | readonly Node[]

function toNode(value: unknown): Node | undefined {
  if (typeof value === 'string') return toTextLeaf(value)
  if (typeof value === 'number') return { n: value }
  if (typeof value === 'boolean') return { b: value ? 1 : 0 }
  if (Array.isArray(value)) {
    const elements = value.map(toNode).filter((node) => node !== undefined)
    return elements.length > 0 ? elements : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const members = Object.entries(value).flatMap(([name, member]) => {
    checkText(name)
    const node = toNode(member)
    return node === undefined ? [] : [[name, node] as const]
  })
  return members.length > 0 ? Object.fromEntries(members) : undefined
}

function toTextLeaf(text: string): Node {
  checkText(text)
  const instant = instantOf(text)
  return { t: text, f: fold(text), ...(instant !== undefined && { i: instant }) }
}

/** An xsd:dateTime; one without a zone is taken as UTC. */
function instantOf(text: string): number | undefined {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!match) return undefined
  const instant = Date.parse(match[1] ? text : `${text}Z`)
  return Number.isNaN(instant) ? undefined : instant
}

function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new DirectoryError('invalid', 'A text holds the character U+0000 or half of a surrogate pair. Send it without.')
}
