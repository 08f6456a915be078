import { z } from 'zod'
import { essenceOf, familyOf, mediaTypes } from './media.ts'
import type { Body, NamedSchema, Operation } from './operation.ts'
import type { JsonSchema, OpenApiContent, OpenApiParameter } from './openapi.ts'
import type { XmlShape } from './xml.ts'

/** The schemas that a document keeps under names. */
export interface Schemas {
  /** A reference to the schema, which is kept from then on. Throws TypeError when another one has the name. */
  readonly refer: (named: NamedSchema) => { readonly $ref: string }
  readonly named: () => Readonly<Record<string, JsonSchema>>
}

export function createSchemas(): Schemas {
  const kept = new Map<string, JsonSchema>()
  const known = new Set<NamedSchema>()
  const refer: Schemas['refer'] = (named) => {
    const { name } = named
    if (!known.has(named)) {
      known.add(named)
      const before = kept.get(name)
      if (!before) kept.set(name, {})
      const schema = named.schema(refer)
      if (before && JSON.stringify(before) !== JSON.stringify(schema)) throw new TypeError(`two schemas are named ${name}`)
      kept.set(name, schema)
    }
    return { $ref: `#/components/schemas/${name}` }
  }
  return { refer, named: () => Object.fromEntries(kept) }
}

/** One entry for each medium; examples are JSON and stand where JSON is spoken. A verbatim body is any JSON object. */
export function contentOf(body: Body, example: unknown, schemas: Schemas): OpenApiContent {
  const schema = body.shape ? schemas.refer(body.shape) : body.verbatim ? { type: 'object' } : schemaOf(body.codec)
  return Object.fromEntries(
    body.media
      .filter((media) => media !== 'xml' || body.xml?.empty !== 'noBody')
      .map((media) => [
        essenceOf(mediaTypes[media]),
        {
          schema: media === 'markdown' ? { type: 'string' } : media === 'xml' && body.xml ? inXml(schema, body.xml) : schema,
          ...(example !== undefined && (media === 'json' || media === 'scim') && { example }),
        },
      ]),
  )
}

/** A refusal's body under its name, in the media types that the API really sends. */
export function problemContent(
  name: string,
  { body, mediaTypes: types }: { readonly body: Body; readonly mediaTypes: readonly string[] },
  schemas: Schemas,
): OpenApiContent {
  const reference = schemas.refer({ name, schema: () => schemaOf(body.codec) })
  return Object.fromEntries(
    types.map((type) => [
      essenceOf(type),
      { schema: familyOf(type) === 'xml' && body.xml ? inXml(schemaOf(body.codec), body.xml) : reference },
    ]),
  )
}

/** What an operation is asked by: the parameters of its path, and those of its query. */
export function parametersOf({ path, query }: Operation): readonly OpenApiParameter[] {
  const { properties = {}, required = [] } = query ? schemaOf(query) : {}
  return [
    ...[...path.matchAll(/:(\w+)/g)].map((match) => ({
      name: match[1]!,
      in: 'path' as const,
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(properties).map(([name, schema]) => ({
      name,
      in: 'query' as const,
      required: required.includes(name),
      schema: typeof schema === 'boolean' ? {} : { ...schema },
    })),
  ]
}

/** The wire's side of a codec, as JSON Schema. Throws TypeError for one that refers to itself, other than any JSON. */
function schemaOf(codec: z.ZodType) {
  const {
    $schema: _,
    $defs = {},
    ...schema
  } = z.toJSONSchema(codec, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    // Left out for a codec otherwise, though it is the wire's own default that is documented.
    override: ({ zodSchema, jsonSchema }) => {
      const documented = z.globalRegistry.get(zodSchema)?.['default']
      if (documented !== undefined) Object.assign(jsonSchema, { default: documented })
    },
  })
  for (const [name, definition] of Object.entries($defs))
    if (!isAnyJson(name, definition)) throw new TypeError('a codec that refers to itself needs a shape with a name')
  return Object.keys($defs).length === 0 ? schema : withoutReferences(schema)
}

function isAnyJson(name: string, definition: unknown): boolean {
  const { $schema: _, ...anyJson } = z.toJSONSchema(z.json(), { io: 'input' })
  return JSON.stringify(definition).replaceAll(JSON.stringify(`#/$defs/${name}`), '"#"') === JSON.stringify(anyJson)
}

/** References are to any JSON, which needs no schema. */
function withoutReferences<T>(node: T): T
function withoutReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutReferences(item))
  if (!isSchema(node)) return node
  if (typeof node['$ref'] === 'string') return {}
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, withoutReferences(value)]))
}

/** The schema of the root element: what is wrapped in it, and lists as elements around their items (OpenAPI 3.1, "XML Object"). */
function inXml(schema: JsonSchema, { root, inner, items = {} }: XmlShape): JsonSchema {
  const content = withItems(schema, items)
  if (inner === undefined) return { ...content, xml: { name: root } }
  return { type: 'object', properties: { [inner]: content }, required: [inner], xml: { name: root } }
}

function withItems(schema: JsonSchema, items: Readonly<Record<string, string>>): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'properties' ? membersIn(value, items) : inside(value, items)]),
  )
}

const inside = (value: unknown, items: Readonly<Record<string, string>>): unknown =>
  Array.isArray(value) ? value.map((item) => inside(item, items)) : isSchema(value) ? withItems(value, items) : value

function membersIn(properties: unknown, items: Readonly<Record<string, string>>): unknown {
  if (!isSchema(properties)) return properties
  return Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, asList(inside(member, items), items[name])]),
  )
}

/** Marks the lists in a member, beside null and other choices, with the name of their items' element. */
function asList(member: unknown, itemName: string | undefined): unknown {
  if (itemName === undefined || !isSchema(member)) return member
  if (Array.isArray(member['anyOf'])) return { ...member, anyOf: member['anyOf'].map((choice) => asList(choice, itemName)) }
  const { items } = member
  return isSchema(items) ? { ...member, items: { ...items, xml: { name: itemName } }, xml: { wrapped: true } } : member
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)
