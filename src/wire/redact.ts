import { familyOf } from './media.ts'
import { parseDocument, printDocument, type XmlElement, type XmlValue } from './xml.ts'

const struck = '[redacted]'
const maxBodyLength = 256 * 1024
const maxLineLength = 200
const secretName =
  /pass(?:word|wd|phrase|code)|^pass$|^pwd$|authorization|secret|token|key$|credential|signature|cookie|^pin$|^otp$/i

/** Strikes secrets out of what a trace or an error may show of one request and its answer. */
export interface Redaction {
  /** A body in readable form, without the values of secret-looking members. Bodies that cannot be read, or are too long to, are only counted. */
  readonly body: (text: string, contentType: string) => string
  /** At most 200 characters on one line, without the secrets that this request carried. */
  readonly line: (text: string) => string
}

/** `sent` is the request's body: what it held under a secret-looking name, and its Authorization, are struck out wherever they come back. */
export function createRedaction(headers: Headers, sent: string | undefined): Redaction {
  const contentType = headers.get('content-type') ?? ''
  const found = [...headerSecrets(headers), ...(sent === undefined ? [] : secretsIn(readTree(sent, contentType)))]
  const secrets = [...new Set(found)].filter((secret) => secret.length >= 4).toSorted((a, b) => b.length - a.length)
  const strike = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, struck), text)
  return {
    body: (text, type) => {
      const tree = text.length > maxBodyLength ? undefined : readTree(text, type)
      if (tree === undefined) return `[${text.length} characters]`
      if (tree.family === 'xml') return printDocument(redactedXml(tree.value, strike))
      const shown = redacted(tree.value, strike)
      if (tree.family === 'form')
        return new URLSearchParams(Object.entries(shown ?? {}).map(([name, value]) => [name, String(value)])).toString()
      return JSON.stringify(shown)
    },
    line: (text) => {
      // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal or a log line
      const flat = strike(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
      return flat.replace(/\s+/g, ' ').trim().slice(0, maxLineLength).toWellFormed()
    },
  }
}

/** A URL without its secret-looking query values and without user information. */
export function redactUrl(url: string): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  for (const name of new Set(shown.searchParams.keys())) if (secretName.test(name)) shown.searchParams.set(name, struck)
  return shown.href
}

type Tree = { readonly family: 'xml'; readonly value: XmlElement } | { readonly family: 'json' | 'form'; readonly value: unknown }

function readTree(text: string, contentType: string): Tree | undefined {
  const family = familyOf(contentType)
  try {
    if (family === 'xml') return { family, value: parseDocument(text) }
    if (family === 'json') return { family, value: JSON.parse(text) }
    if (family === 'form') return { family, value: Object.fromEntries(new URLSearchParams(text)) }
  } catch {
    return undefined
  }
  return undefined
}

function redactedXml(document: XmlElement, strike: (text: string) => string): XmlElement {
  const shown = (value: XmlValue): XmlValue =>
    typeof value === 'string' ? strike(value) : isList(value) ? value.map(shown) : redactedXml(value, strike)
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [name, secretName.test(name) ? struck : shown(value)]),
  )
}

const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value)

function redacted(value: unknown, strike: (text: string) => string): unknown {
  if (typeof value === 'string') return strike(value)
  if (Array.isArray(value)) return value.map((item) => redacted(item, strike))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      secretName.test(name) && member !== null ? struck : redacted(member, strike),
    ]),
  )
}

function* secretsIn(tree: Tree | undefined): Generator<string> {
  if (tree) yield* secretTexts(tree.value, false)
}

function* secretTexts(value: unknown, isSecret: boolean): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') {
    if (isSecret) yield String(value)
  } else if (Array.isArray(value)) for (const item of value) yield* secretTexts(item, isSecret)
  else if (value !== null && typeof value === 'object')
    for (const [name, member] of Object.entries(value)) yield* secretTexts(member, isSecret || secretName.test(name))
}

/** Every header whose name looks secret, whole, and of an Authorization also what follows the scheme, and a Basic password. */
function* headerSecrets(headers: Headers): Generator<string> {
  for (const [name, value] of headers) {
    if (!secretName.test(name)) continue
    yield value
    const credentials = value.slice(value.indexOf(' ') + 1)
    yield credentials
    const pair = Buffer.from(credentials, 'base64').toString('utf8')
    if (/^basic /i.test(value) && pair.includes(':')) yield pair.slice(pair.indexOf(':') + 1)
  }
}
