import { decodeBody, textOf, type Decoded } from './body.ts'
import { bytesOf, contentOf, gather, type Content } from './content.ts'
import { parseForm } from './form.ts'
import { parseJson } from './json.ts'
import { essenceOf, familyOf, mediaOf, mediaTypes } from './media.ts'
import { type Body, type Media, type Operation, WireError } from './operation.ts'
import { cutList } from './portions.ts'
import { parseDocument } from './xml.ts'

/** An answer as it came. */
export interface Received {
  readonly status: number
  readonly content: Content
  readonly contentType: string
}

const maxAnswerBytes = 64 * 1024 * 1024

/** More than 64 MiB. */
export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge'
}

/** The whole body, at most 64 MiB. Throws AnswerTooLarge, or whatever broke the connection. */
export async function readContent(response: Response): Promise<Content> {
  const gathering = gather()
  for await (const chunk of response.body ?? []) {
    gathering.add(chunk)
    // Leaving the loop cancels the stream.
    if (gathering.size() > maxAnswerBytes) throw new AnswerTooLarge()
  }
  return gathering.content()
}

/**
 * A declared answer through the operation's codec, by the Content-Type that it came with, whichever of the spoken media was asked for. No bytes are
 * an empty object where XML is spoken, and no value with 204 and 304. Throws WireError.
 */
export function decodeAnswer(operation: Operation, answer: Received): Decoded {
  const { status, contentType, content } = answer
  const body = operation.reply
  if (!body || status === 204 || status === 304) return { value: undefined, raw: undefined }
  const bytes = bytesOf(content)
  if (bytes.length === 0 && body.xml) return decodeBody(body, 'xml', '')
  const media = receivedMedia(body, contentType)
  if (media === undefined)
    throw new WireError('mediaType', contentType ? `It is ${essenceOf(contentType)}.` : 'It has no Content-Type.')
  if (bytes.length === 0) throw new WireError('syntax', 'It is empty.')
  return decodeBody(body, media, textOf(bytes))
}

/** How many people a portion of a long list holds. */
const portionSize = 200

/**
 * A declared answer with a list of people in it (the operation's `listMember`) as one or more answers, each with whatever stands around the list and some of
 * its people; only JSON is cut. Decodes one when it is asked for. Throws WireError then.
 */
export function* decodePortions(operation: Operation, answer: Received): Generator<Decoded, void, undefined> {
  const { listMember: member } = operation
  if (member === undefined || familyOf(answer.contentType) !== 'json') yield decodeAnswer(operation, answer)
  else
    for (const bytes of cutList(answer.content, { member, size: portionSize }))
      yield decodeAnswer(operation, { ...answer, content: contentOf(bytes) })
}

/** The spoken medium of the same family: SCIM that comes as plain JSON is still SCIM. */
function receivedMedia(body: Body, contentType: string): Media | undefined {
  if (body.media.includes('html') && mediaOf(contentType) === 'html') return 'html'
  const family = familyOf(contentType)
  return family && body.media.find((media) => familyOf(mediaTypes[media]) === family)
}

/** An error's body as the vendor's own word; undefined when it is in no medium that the operation speaks, or does not parse as that. */
export function readVendorWord(operation: Operation, { contentType, content }: Received): { readonly raw: unknown } | undefined {
  const spoken = operation.reply ?? operation.request
  const family = familyOf(contentType)
  if (!family || (spoken && !spoken.media.some((media) => familyOf(mediaTypes[media]) === family))) return undefined
  try {
    const text = textOf(bytesOf(content))
    return { raw: family === 'json' ? parseJson(text) : family === 'xml' ? parseDocument(text) : parseForm(text) }
  } catch {
    return undefined
  }
}
