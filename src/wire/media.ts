import type { Media } from './operation.ts'

/** The media types as we send them. SCIM clients compare theirs exactly, and JSON defines no charset (RFC 8259 §11), so neither has one. */
export const mediaTypes: Readonly<Record<Media, string>> = {
  json: 'application/json',
  scim: 'application/scim+json',
  form: 'application/x-www-form-urlencoded',
  xml: 'application/xml; charset=utf-8',
  html: 'text/html; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
}

/** Whether a body of this medium is JSON. */
export const isJson = (media: Media): boolean => media === 'json' || media === 'scim'

const named: ReadonlyMap<string, Media> = new Map([
  ['application/json', 'json'],
  ['application/scim+json', 'scim'],
  ['application/x-www-form-urlencoded', 'form'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['text/html', 'html'],
  ['text/markdown', 'markdown'],
])

/** The type and subtype of a Content-Type, in lower case and without parameters. */
export const essenceOf = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase()

/** The medium that a Content-Type names; parameters and case do not count. Undefined for one that is spoken nowhere here. */
export const mediaOf = (contentType: string): Media | undefined => named.get(essenceOf(contentType))

/** The two ways of reading an answer: any `…+json` is JSON, any `…+xml` is XML (RFC 6839). */
export function familyOf(contentType: string): 'json' | 'xml' | 'form' | undefined {
  const essence = essenceOf(contentType)
  if (essence === 'application/json' || essence.endsWith('+json')) return 'json'
  if (essence === 'application/xml' || essence === 'text/xml' || essence.endsWith('+xml'))
    return essence === 'application/xhtml+xml' ? undefined : 'xml'
  return named.get(essence) === 'form' ? 'form' : undefined
}

/**
 * Which of the spoken media answers an Accept header: the one with the highest weight. Among equals one that is named goes before one that only
 * a wildcard covers, then the order of `spoken` decides. With no header, or nothing that fits, it is the first.
 */
export function negotiate(accept: string | undefined, spoken: readonly Media[]): Media {
  const first = spoken[0]!
  if (accept === undefined || spoken.length === 1) return first
  const ranges = accept.toLowerCase().split(',').map(parseRange)
  let best = first
  let bestRank = 0
  for (const media of spoken) {
    const rank = rankOf(media, ranges)
    if (rank > bestRank) {
      best = media
      bestRank = rank
    }
  }
  return best
}

interface Range {
  readonly type: string
  readonly weight: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim())
  const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  const weight = written === undefined ? 1 : Number(written)
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 }
}

/** The weight of the most specific range that covers the medium, plus a little when that range names it. */
function rankOf(media: Media, ranges: readonly Range[]): number {
  const exact = ranges.filter(({ type }) => named.get(type) === media)
  if (exact.length > 0) {
    const weight = Math.max(...exact.map((range) => range.weight))
    return weight > 0 ? weight + 0.0001 : 0
  }
  const partial = ranges.filter(({ type }) => type === (media === 'markdown' ? 'text/*' : 'application/*'))
  const wild = partial.length > 0 ? partial : ranges.filter(({ type }) => type === '*/*')
  return Math.max(0, ...wild.map((range) => range.weight))
}
