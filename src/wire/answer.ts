import { decodeBody, textOf, type Decoded } from './body.ts'
import { parseForm } from './form.ts'
import { parseJson } from './json.ts'
import { essenceOf, familyOf, mediaOf, mediaTypes } from './media.ts'
import { type Body, type Media, type Operation, WireError } from './operation.ts'
import { parseDocument } from './xml.ts'

/** An answer as it came. */
export interface Received {
  readonly status: number
  readonly bytes: Uint8Array
  readonly contentType: string
}

const maxAnswerBytes = 64 * 1024 * 1024

/** More than 64 MiB. */
export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge'
}

/** The whole body, at most 64 MiB. Throws AnswerTooLarge, or whatever broke the connection. */
export async function readBytes(response: Response): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    // Leaving the loop cancels the stream.
    if (size > maxAnswerBytes) throw new AnswerTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/**
 * A declared answer through the operation's codec, by the Content-Type that it came with, whichever of the spoken media was asked for. No bytes are
 * an empty object where XML is spoken, and no value with 204 and 304. Throws WireError.
 */
export function decodeAnswer(operation: Operation, { status, bytes, contentType }: Received): Decoded {
  const body = operation.reply
  if (!body || status === 204 || status === 304) return { value: undefined, raw: undefined }
  if (bytes.length === 0 && body.xml) return decodeBody(body, 'xml', '')
  const media = receivedMedia(body, contentType)
  if (media === undefined)
    throw new WireError('mediaType', contentType ? `It is ${essenceOf(contentType)}.` : 'It has no Content-Type.')
  if (bytes.length === 0) throw new WireError('syntax', 'It is empty.')
  return decodeBody(body, media, textOf(bytes))
}

/** The spoken medium of the same family: SCIM that comes as plain JSON is still SCIM. */
function receivedMedia(body: Body, contentType: string): Media | undefined {
  if (body.media.includes('html') && mediaOf(contentType) === 'html') return 'html'
  const family = familyOf(contentType)
  return family && body.media.find((media) => familyOf(mediaTypes[media]) === family)
}

/** An error's body as the vendor's own word; undefined when it is in no medium that the operation speaks, or does not parse as that. */
export function readVendorWord(operation: Operation, { bytes, contentType }: Received): { readonly raw: unknown } | undefined {
  const spoken = operation.reply ?? operation.request
  const family = familyOf(contentType)
  if (!family || (spoken && !spoken.media.some((media) => familyOf(mediaTypes[media]) === family))) return undefined
  try {
    const text = textOf(bytes)
    return { raw: family === 'json' ? parseJson(text) : family === 'xml' ? parseDocument(text) : parseForm(text) }
  } catch {
    return undefined
  }
}
