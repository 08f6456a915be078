import { z } from 'zod'
import { buildForm, parseForm } from './form.ts'
import { parseJson } from './json.ts'
import { type Body, type Media, WireError } from './operation.ts'
import { buildXml, parseXml } from './xml.ts'

export interface Decoded {
  readonly value: unknown
  /** As parsed, before the codec. */
  readonly raw: unknown
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes as text; a leading byte order mark is dropped. Throws WireError on anything but UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new WireError('syntax', 'The body is not valid UTF-8.')
  }
}

/** Reads a body in one of its media. Throws WireError, which names the first offending member and never a value. */
export function decodeBody(body: Body, media: Media, text: string): Decoded {
  if (body.verbatim) return { value: text, raw: text }
  const raw = parseText(body, media, text)
  return { value: decodeValue(body.codec, raw), raw }
}

function parseText(body: Body, media: Media, text: string): unknown {
  if (media === 'form') return parseForm(text)
  if (media === 'xml') return parseXml(text, shapeOf(body))
  if (media === 'markdown') throw new WireError('mediaType', 'Markdown is answered and never read.')
  if (text === '') throw new WireError('syntax', 'The request needs a body.')
  return parseJson(text)
}

/** Through a codec, from the wire. Throws WireError. */
export function decodeValue(codec: z.ZodType, raw: unknown): unknown {
  const parsed = z.safeParse(codec, raw)
  if (parsed.success) return parsed.data
  const issue = nearest(parsed.error.issues[0])
  const path = issue ? fieldOf(issue) : ''
  throw new WireError('shape', `${path ? `${path}: ` : ''}${issue?.message ?? 'Invalid input'}`.slice(0, 300), {
    field: path || undefined,
  })
}

/** Where a value fits none of several shapes, the complaint of the shape that it comes nearest to. */
function nearest(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue
  const cost = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce((sum, each) => sum + (each.code === 'unrecognized_keys' ? each.keys.length : 1), 0)
  const [branch] = [...issue.errors].toSorted((a, b) => cost(a) - cost(b))
  const inner = nearest(branch?.[0])
  return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue
}

/** An unknown key is the offending member itself, not the object around it. */
function fieldOf(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
  return path.map(String).join('.').slice(0, 100)
}

/** Writes a body in one of its media. A value that its codec does not take is a bug, and throws. */
export function encodeBody(body: Body, media: Media, value: unknown): string {
  if (body.verbatim) {
    if (typeof value !== 'string') throw new TypeError('a verbatim body is a string')
    return value
  }
  if (media === 'markdown') return markdownOf(body, value)
  const raw: unknown = z.encode(body.codec, value)
  if (media === 'form') return buildForm(raw)
  if (media === 'xml') return buildXml(raw, shapeOf(body))
  return JSON.stringify(raw)
}

function shapeOf(body: Body) {
  if (!body.xml) throw new TypeError('a body that speaks XML needs its shape')
  return body.xml
}

function markdownOf({ markdown, codec }: Body, value: unknown): string {
  if (!markdown) throw new TypeError('a body that speaks Markdown needs its writer')
  // Through the codec, so that nothing is told in Markdown that JSON would not tell.
  return markdown(z.decode(codec, z.encode(codec, value)))
}
