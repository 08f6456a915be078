import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { WireError } from './operation.ts'
import { guardXml } from './xml-guard.ts'

/** How a value is spelled in XML: the root element, and for each key that holds a list the name of an item's element. */
export interface XmlShape {
  readonly root: string
  /** The one element inside the root that holds the value, where the API wraps it: `<UserResponse><User>…</User></UserResponse>` has root UserResponse, inner User. */
  readonly inner?: string
  readonly items?: Readonly<Record<string, string>>
  /** How an object without members is spelled: as an empty root element, or as no body at all (zero bytes). The first is the default; both are read. */
  readonly empty?: 'element' | 'noBody'
}

/** An element without its attributes: its text, or its children by name without their prefix, a list where one is repeated. */
export type XmlValue = string | readonly XmlValue[] | XmlElement
export interface XmlElement {
  readonly [name: string]: XmlValue
}

/**
 * Parses an XML body to strings, objects, and lists for the keys that the shape names: one item, many, or none make a list alike. Text is kept as
 * it is; what is not white space between child elements is refused. No document types, no entities but the five and character references, at
 * most 64 levels. Throws WireError.
 */
export function parseXml(text: string, shape: XmlShape): XmlValue {
  if (text.trim() === '') return {}
  const document = parseDocument(text)
  const root = member(document, shape.root)
  if (root === undefined) throw new WireError('shape', `The root element must be <${shape.root}>.`, { field: shape.root })
  const value = shape.inner === undefined ? root : isText(root) ? {} : member(root, shape.inner)
  if (value === undefined) throw new WireError('shape', `<${shape.root}> must hold <${shape.inner}>.`, { field: shape.inner })
  if (isText(value) && value.trim() === '') return {}
  return shaped(value, shape.items ?? {})
}

/** Parses any XML document to its root element's name and value, lists as repetitions. Throws WireError. */
export function parseDocument(text: string): XmlElement {
  guardXml(text)
  if (XMLValidator.validate(text) !== true) throw new WireError('syntax', 'The body is not well-formed XML.')
  let document: unknown
  try {
    document = createParser().parse(text)
  } catch (error) {
    throw error instanceof WireError ? error : new WireError('syntax', 'The body is not XML that can be read here.')
  }
  const value = clean(document)
  if (isText(value) || isList(value)) throw new WireError('syntax', 'The body has no root element.')
  return value
}

/** The document again, without the attributes that it had. */
export const printDocument = (document: XmlElement): string =>
  Object.entries(document)
    .map(([name, value]) => print(name, value))
    .join('')

function print(name: string, value: XmlValue): string {
  if (isList(value)) return value.map((item) => print(name, item)).join('')
  return element(name, isText(value) ? escape(value) : printDocument(value))
}

const isText = (value: XmlValue): value is string => typeof value === 'string'
const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value)
const member = (value: XmlValue, name: string): XmlValue | undefined =>
  isText(value) || isList(value) || !Object.hasOwn(value, name) ? undefined : value[name]

const createParser = () =>
  new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    trimValues: false,
    removeNSPrefix: true,
    maxNestedTags: 70,
    onDangerousProperty: (name) => name,
    entityDecoder: {
      setExternalEntities: ignore,
      addInputEntities: ignore,
      reset: ignore,
      setXmlVersion: ignore,
      decode: decodeEntities,
    },
  })

const ignore = () => undefined

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos)|#x([0-9a-fA-F]{1,6})|#([0-9]{1,7}));|&/g,
    (_, name?: string, hex?: string, digits?: string) => {
      if (name !== undefined) return predefined[name]!
      const code = hex === undefined ? Number(digits ?? 0) : Number.parseInt(hex, 16)
      if (!isCharacter(code)) throw new WireError('syntax', 'The body has an entity that XML does not define.')
      return String.fromCodePoint(code)
    },
  )
}

/** XML 1.0 §2.2, Char. */
const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)

/** Takes the white space between child elements away and refuses any other text there. */
function clean(value: unknown): XmlValue {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(clean)
  if (value === null || typeof value !== 'object') throw new TypeError('the XML parser answered neither text nor an element')
  const members: [string, XmlValue][] = []
  for (const [name, child] of Object.entries(value)) {
    if (name === '#text') {
      if (String(child).trim() !== '') throw new WireError('shape', 'The body has text between its elements.')
    } else members.push([name, clean(child)])
  }
  return Object.fromEntries(members)
}

function shaped(value: XmlValue, items: Readonly<Record<string, string>>): XmlValue {
  if (isText(value)) return value
  if (isList(value)) return value.map((item) => shaped(item, items))
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      Object.hasOwn(items, name) ? listOf(name, child, items) : shaped(child, items),
    ]),
  )
}

function listOf(name: string, value: XmlValue, items: Readonly<Record<string, string>>): readonly XmlValue[] {
  const itemName = items[name]!
  if (isText(value) && value.trim() === '') return []
  if (isText(value) || isList(value) || Object.keys(value).some((key) => key !== itemName))
    throw new WireError('shape', `<${name}> may hold <${itemName}> elements only.`, { field: name })
  const found = value[itemName] ?? []
  return (isList(found) ? found : [found]).map((item) => shaped(item, items))
}

/** Builds an XML body. Undefined and null members are left out; characters that XML cannot carry become U+FFFD. */
export function buildXml(value: unknown, shape: XmlShape): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new TypeError('an XML body is made from an object')
  const isEmpty = Object.values(value).every((item) => item === undefined || item === null)
  if (isEmpty && shape.empty === 'noBody') return ''
  const content = children(value, shape.items ?? {})
  const body = shape.inner === undefined ? content : element(shape.inner, content)
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${element(shape.root, body)}`
}

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`

function children(value: object, items: Readonly<Record<string, string>>): string {
  let text = ''
  for (const [name, child] of Object.entries(value))
    if (child !== undefined && child !== null) text += element(checkName(name), contentOf(name, child, items))
  return text
}

function contentOf(name: string, value: unknown, items: Readonly<Record<string, string>>): string {
  if (typeof value === 'string') return escape(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) {
    const itemName = items[name]
    if (itemName === undefined) throw new TypeError(`the XML shape does not say how the list "${name}" is spelled`)
    return value.map((item) => element(itemName, contentOf(itemName, item, items))).join('')
  }
  if (value !== null && typeof value === 'object') return children(value, items)
  throw new TypeError(`XML cannot hold the ${typeof value} "${name}"`)
}

function checkName(name: string): string {
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw new TypeError(`not the name of an XML element: "${name}"`)
  return name
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}

const escape = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- these are the characters that XML 1.0 forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => escapes[character]!)
