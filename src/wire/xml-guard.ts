import { WireError } from './operation.ts'

const maxDepth = 64
const maxElements = 1_000_000
const maxTagLength = 4_096

/**
 * One linear pass before any parser sees the text: refuses document types, more than 64 levels, a tag of more than 4 KiB, and what is never
 * closed, so that hostile text costs no more than its length. Says nothing about whether names match. Throws WireError.
 */
export function guardXml(text: string): void {
  let depth = 0
  let elements = 0
  let at = text.indexOf('<')
  while (at !== -1) {
    let end: number
    if (text.startsWith('<!--', at)) end = endOf(text, '-->', at + 4)
    else if (text.startsWith('<![CDATA[', at)) end = endOf(text, ']]>', at + 9)
    else if (text.startsWith('<?', at)) end = endOf(text, '?>', at + 2)
    else if (text.startsWith('<!', at)) throw new WireError('syntax', 'The body has a document type. Send it without.')
    else {
      end = endOfTag(text, at)
      if (text[at + 1] === '/') depth--
      else if (text[end - 1] !== '/') depth++
      if (depth > maxDepth) throw new WireError('syntax', `The body is nested more than ${maxDepth} levels deep.`)
      if (++elements > maxElements) throw new WireError('syntax', 'The body has too many elements.')
    }
    at = text.indexOf('<', end + 1)
  }
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  if (at === -1) throw new WireError('syntax', 'The body is not well-formed XML.')
  return at + mark.length - 1
}

/** Where the tag ends; a ">" inside quotes does not end it. */
function endOfTag(text: string, start: number): number {
  let open = ''
  const limit = Math.min(text.length, start + maxTagLength)
  for (let at = start + 1; at < limit; at++) {
    const character = text[at]!
    if (open !== '') open = character === open ? '' : open
    else if (character === '"' || character === "'") open = character
    else if (character === '>') return at
    else if (character === '<') break
  }
  throw new WireError('syntax', 'The body is not well-formed XML.')
}
