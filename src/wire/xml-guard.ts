import { WireError } from './operation.ts'

const maxDepth = 64
/** However short the text is; a longer one may have one for every 24 characters. */
const maxElements = 10_000
const maxTagLength = 4_096

/**
 * One linear pass before any parser sees the text: refuses document types, more than 64 levels, a tag of more than 4 KiB, more elements than honest
 * text has, what is never closed, and anything but one root element, so that hostile text costs no more than its length. Whether names match is
 * not looked at. Throws WireError.
 */
export function guardXml(text: string): void {
  const elementLimit = Math.max(maxElements, text.length / 24)
  let depth = 0
  let elements = 0
  let roots = 0
  let after = 0
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', after)) {
    if (depth === 0 && !isBlank(text, after, at)) throw notWellFormed()
    if (text.startsWith('<!--', at)) after = endOf(text, '-->', at + 4)
    else if (text.startsWith('<?', at)) after = endOf(text, '?>', at + 2)
    else if (text.startsWith('<![CDATA[', at)) {
      if (depth === 0) throw notWellFormed()
      after = endOf(text, ']]>', at + 9)
    } else if (text.startsWith('<!', at)) throw new WireError('syntax', 'The body has a document type. Send it without.')
    else {
      after = endOfTag(text, at)
      if (text[at + 1] === '/') depth--
      else {
        if (depth === 0) roots++
        if (depth >= maxDepth) throw new WireError('syntax', `The body is nested more than ${maxDepth} levels deep.`)
        if (text[after - 2] !== '/') depth++
        if (++elements > elementLimit) throw new WireError('syntax', 'The body has too many elements.')
      }
      if (depth < 0 || roots > 1) throw notWellFormed()
    }
  }
  if (depth !== 0 || roots !== 1 || !isBlank(text, after, text.length)) throw notWellFormed()
}

const notWellFormed = () => new WireError('syntax', 'The body is not well-formed XML.')

const isBlank = (text: string, from: number, to: number): boolean => from === to || text.slice(from, to).trim() === ''

/** The place after the mark. */
function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  if (at === -1) throw notWellFormed()
  return at + mark.length
}

/** The place after the tag; a ">" inside quotes does not end it. */
function endOfTag(text: string, start: number): number {
  let open = ''
  const limit = Math.min(text.length, start + maxTagLength)
  for (let at = start + 1; at < limit; at++) {
    const character = text[at]!
    if (open !== '') open = character === open ? '' : open
    else if (character === '"' || character === "'") open = character
    else if (character === '>') return at + 1
    else if (character === '<') break
  }
  throw notWellFormed()
}
