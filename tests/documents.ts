import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Dialect } from '../src/dialects/dialect.ts'
import { describeDialect } from '../src/http/openapi.ts'
import { essenceOf, familyOf } from '../src/wire/media.ts'
import type { JsonSchema, OpenApi, OpenApiContent } from '../src/wire/openapi.ts'
import { parseXml } from '../src/wire/xml.ts'
import { formats } from './bird-document.ts'

export interface Answer {
  readonly method: string
  /** As it was sent, with the dialect's base. */
  readonly path: string
  readonly status: number
  readonly contentType: string | undefined
  readonly text: string
}

/**
 * Fails unless an answer is one that the dialect's OpenAPI document declares: its status, its media type, and its body, which may hold nothing but what
 * the schema names. An address that is none of the document's says nothing. Answers the operationId.
 */
export type DocumentCheck = (answer: Answer) => string | undefined

export function createDocumentCheck(dialect: Dialect): DocumentCheck {
  const document = describeDialect(dialect)
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/[.*]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  const validate = createValidators(document)
  return ({ method, path, status, contentType, text }) => {
    const address = path
      .replace(/^https?:\/\/[^/]+/, '')
      .slice(dialect.basePath.length)
      .split('?', 1)[0]!
    const places = paths.filter(({ pattern }) => pattern.test(address)).map((place) => place.path)
    const place = places.find((each) => each === address) ?? places.find((each) => document.paths[each]?.[method.toLowerCase()])
    const operation = place === undefined ? undefined : document.paths[place]?.[method.toLowerCase()]
    if (place === undefined || !operation) return undefined
    const answered = `${dialect.name}: ${method} ${path} answered ${status} ${contentType ?? ''} ${text.slice(0, 300)}`
    const response = operation.responses[status]
    assert.ok(response, `${answered}, a status that the document lacks`)
    const [pointer, content] =
      '$ref' in response
        ? [response.$ref.slice(1), document.components.responses[response.$ref.split('/').at(-1)!]?.content]
        : [`/paths/${escaped(place)}/${method.toLowerCase()}/responses/${status}`, response.content]
    if (!content || text === '') {
      assert.equal(text, '', `${answered}: a body where the document has none`)
      assert.ok(!content || status === 200, `${answered}: no body where the document has one`)
      return operation.operationId
    }
    const type = essenceOf(contentType ?? '')
    assert.ok(Object.hasOwn(content, type), `${answered}: the document has ${Object.keys(content).join(', ')}`)
    const complaints = validate(`${pointer}/content/${escaped(type)}/schema`, { type, text, content })
    assert.equal(complaints, undefined, `${answered}: ${complaints}`)
    return operation.operationId
  }
}

const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

function createValidators(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, formats })
  ajv.addSchema({ $id: 'document', ...asObject(closed(document)) })
  const compiled = new Map<string, ValidateFunction>()
  return (
    pointer: string,
    { type, text, content }: { readonly type: string; readonly text: string; readonly content: OpenApiContent },
  ): string | undefined => {
    const isXml = familyOf(type) === 'xml'
    const schema = content[type]!.schema
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` })
    compiled.set(pointer, validate)
    return validate(isXml ? readXml(text, schema) : JSON.parse(text)) ? undefined : JSON.stringify(validate.errors)
  }
}

/** An XML body as its schema has it, lists as lists: read by the schema's own `xml` members. */
function readXml(text: string, schema: JsonSchema): unknown {
  const items: Record<string, string> = {}
  const find = (node: unknown, name?: string): void => {
    if (Array.isArray(node)) return node.forEach((each) => find(each, name))
    if (typeof node !== 'object' || node === null) return
    const { xml, items: item } = asObject(node)
    if (name !== undefined && asObject(xml)['wrapped'] === true) items[name] = String(asObject(asObject(item)['xml'])['name'])
    for (const [key, value] of Object.entries(node))
      if (key === 'properties') for (const [member, shape] of Object.entries(asObject(value))) find(shape, member)
      else find(value, key === 'anyOf' ? name : undefined)
  }
  find(schema)
  return parseXml(text, { root: String(asObject(schema['xml'])['name']), items })
}

/** The document with every object that names members closed to others, where it does not say otherwise. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]))
  const isObject = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy)
  return isObject ? { ...copy, additionalProperties: false } : copy
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
