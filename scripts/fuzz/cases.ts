import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { jsonBytes, noise, xmlBytes } from './bodies.ts'
import type { Dice } from './dice.ts'
import { anything, filter, mutate, sample, schemaOf, scimMessage, type JsonSchema } from './values.ts'

/** What the caller's organization may use, and what of another organization it knows. */
export interface Material {
  /** Authorization values that are valid, by dialect. */
  readonly authorizations: Readonly<Record<string, readonly string[]>>
  /** The caller's own ids as the dialect spells them, by collection (see collectionOf); grows with what is answered. */
  readonly own: ReadonlyMap<string, readonly string[]>
  /** Another organization's, likewise. */
  readonly foreign: ReadonlyMap<string, readonly string[]>
}

export interface Case {
  readonly dialect: Dialect | undefined
  readonly operation: Operation | undefined
  readonly request: Buffer
  /** Method and path, for people. */
  readonly title: string
  /** The request is no sound HTTP, so that the answer may come from the HTTP parser. */
  readonly broken: boolean
}

/** Makes requests for every operation of some dialects, and some beside them. */
export function createCases(dialects: readonly Dialect[], dice: Dice): (material: Material) => Case {
  const targets = dialects.flatMap((dialect) => dialect.operations.map((operation) => ({ dialect, operation })))
  // What a dialect only refuses is asked for now and then.
  const offered = targets.filter(({ operation }) => operation.status < 400)
  const schemas = new Map<Operation, JsonSchema>()
  for (const { operation } of targets) if (operation.request) schemas.set(operation, schemaOf(operation.request.codec))
  return (material) => {
    const { dialect, operation } = dice.pick(dice.chance(0.95) ? offered : targets)
    const nowhere = dice.chance(0.04)
    const method = dice.chance(0.96)
      ? operation.method
      : dice.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'])
    const path = nowhere
      ? dice.pick([
          '/',
          '/api',
          '/scim',
          '/scim/v2',
          '/../etc/passwd',
          '/bandwidth',
          '/_twin/ledger',
          '/%00',
          `/${'a'.repeat(3000)}`,
        ])
      : pathOf(dialect, operation, { dice, material })
    const query = queryOf(operation, { dice, material })
    const { type, body } = bodyOf(operation, { schema: schemas.get(operation), dice, material })
    const hasBody = operation.request !== undefined || dice.chance(0.05)
    const headers = headersOf(dialect, { type: hasBody ? type : undefined, dice, material })
    const broken = dice.chance(0.02)
    const length = broken ? dice.pick(['-1', 'x', '99999999999999999999', String(body.length + 10), '0']) : String(body.length)
    const host = dice.chance(0.95) ? '127.0.0.1' : dice.pick(oddHosts)
    const head = [
      `${method} ${path}${query} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: close',
      ...headers,
      ...(hasBody ? [`Content-Length: ${length}`] : []),
    ].join('\r\n')
    const request = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), hasBody ? body : Buffer.alloc(0)])
    return {
      dialect: dialectOf(dialects, { host, path }),
      operation,
      request,
      title: `${method} ${path}${query}`.slice(0, 300),
      broken,
    }
  }
}

/** Where the ids of a path parameter come from: `native /members`. What is created by an operation without one belongs to its whole path. */
export const collectionOf = (dialect: Dialect, path: string): string => `${dialect.name} ${path.replaceAll(/\/:\w+/g, '')}`

/** Under a vendor's host name its dialect answers everything, elsewhere the one whose base the path is below. */
const dialectOf = (
  dialects: readonly Dialect[],
  { host, path }: { readonly host: string; readonly path: string },
): Dialect | undefined =>
  dialects.find((dialect) => host in dialect.hosts) ??
  dialects.find(({ basePath }) => path === basePath || path.startsWith(`${basePath}/`) || path.startsWith(`${basePath}?`))

interface Context {
  readonly dice: Dice
  readonly material: Material
}

function pathOf(dialect: Dialect, operation: Operation, { dice, material }: Context): string {
  const path = operation.path.replaceAll(/:\w+/g, (_name, offset: number) => {
    const kind = dice.random()
    const collection = collectionOf(dialect, operation.path.slice(0, offset - 1))
    const [own, foreign] = [material.own.get(collection), material.foreign.get(collection)]
    if (own && kind < 0.6) return dice.pick(own)
    if (foreign && kind < 0.85) return dice.pick(foreign)
    return dice.pick([
      '..%2f..%2f',
      '%00',
      '%',
      '%ff%fe',
      '%c0%ae',
      '0',
      '-1',
      'x'.repeat(600),
      '00000000-0000-7000-8000-000000000000',
      "'%20or%201=1",
      'null',
      '%F0%9F%A4%B7',
      '.',
      'u',
      '*',
    ])
  })
  return `${dialect.basePath}${path}${dice.chance(0.03) ? dice.pick(['/', '//', '/x', ';a=b', '%2f']) : ''}`
}

function queryOf(operation: Operation, { dice, material }: Context): string {
  if (!operation.query || dice.chance(0.2)) return dice.chance(0.05) ? '?x=1&x=2&__proto__=1' : ''
  const names = Object.keys(schemaOf(operation.query).properties ?? { x: 1 })
  const known = { ids: [...memberIds(material.own), ...memberIds(material.foreign)] }
  const parts = names
    .filter(() => dice.chance(0.5))
    .map((name) => {
      const value = name.toLowerCase().includes('filter')
        ? filter(dice, known)
        : dice.pick([
            '1',
            '0',
            '-1',
            '1e9',
            '99999999999999999999',
            'NaN',
            '',
            dice.pick(known.ids),
            'userName',
            'userName,emails.value',
            (JSON.stringify(anything(dice)) ?? '').slice(0, 500),
            'AAAA',
            '%%%',
          ])
      return `${encodeURIComponent(name)}=${dice.chance(0.95) ? encodeURIComponent(value.toWellFormed()) : '%E0%A4%A'}`
    })
  const query = parts.join('&')
  // Longer heads than a server takes are a case of their own, and a rare one.
  return query ? `?${dice.chance(0.98) ? query.slice(0, 12_000) : query}` : ''
}

const memberIds = (ids: Material['own']): readonly string[] => ids.get('native /members') ?? []

function bodyOf(
  operation: Operation,
  { schema, dice, material }: Context & { readonly schema: JsonSchema | undefined },
): { readonly type: string; readonly body: Buffer } {
  const known = { ids: memberIds(dice.chance(0.8) ? material.own : material.foreign) }
  const media = operation.request?.media ?? ['json']
  const isScim = media.includes('scim')
  let value = isScim ? scimMessage(dice, known) : sample(schema, dice, known)
  if (dice.chance(0.4)) value = mutate(value, dice)
  const format = dice.pick(media)
  const body = dice.chance(0.03) ? noise(dice) : format === 'xml' ? xmlBytes(value, dice) : jsonBytes(value, dice)
  const types = {
    json: 'application/json',
    scim: 'application/scim+json',
    form: 'application/x-www-form-urlencoded',
    xml: 'application/xml',
    html: 'text/html',
  }
  return { type: dice.chance(0.93) ? types[format] : dice.pick(oddTypes), body }
}

const oddHosts = ['dashboard.bandwidth.com', 'evil.example', '', '127.0.0.1:99999', 'a b']

const oddTypes = [
  '',
  'text/plain',
  'application/xml',
  'application/json',
  'application/json; charset=utf-16',
  'APPLICATION/JSON;CHARSET="utf-8"',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json, application/xml',
  'text/xml',
  ';',
  'application/vnd.x+json',
  'a/b; c',
]

function headersOf(dialect: Dialect, { type, dice, material }: Context & { readonly type: string | undefined }): string[] {
  const headers: string[] = []
  const authorization = dice.chance(0.85)
    ? dice.pick(material.authorizations[dialect.name] ?? [''])
    : oddAuthorization({ dice, material })
  if (authorization !== undefined) headers.push(`Authorization: ${authorization}`)
  if (type !== undefined) headers.push(`Content-Type: ${type}`)
  if (dice.chance(0.5))
    headers.push(
      `Accept: ${dice.pick(['application/json', 'application/xml', '*/*', 'application/scim+json', 'text/html', 'application/json;q=0, */*;q=0.1', 'garbage', '', ';q=x', 'image/png'])}`,
    )
  if (dice.chance(0.15)) headers.push(`Idempotency-Key: ${dice.pick(['a', 'b', 'c', '', 'x'.repeat(300), '"quoted"'])}`)
  if (dice.chance(0.1))
    headers.push(
      `${dice.pick(['If-Match', 'If-None-Match'])}: ${dice.pick(['W/"1"', '"1"', '*', 'x', '', 'W/"99999999999999999999"', '"1", "2"'])}`,
    )
  if (dice.chance(0.05)) headers.push(dice.pick(oddHeaders))
  return headers
}

const oddHeaders = [
  'X-Request-Id: \u00e9\u00ff',
  `X-Request-Id: ${'x'.repeat(500)}`,
  'X-Forwarded-Host: evil.example',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Range: bytes=0-',
  'Accept-Encoding: identity;q=0',
  'Authorization: Bearer second',
  `Cookie: ${'a=b; '.repeat(500)}`,
  'Upgrade: h2c',
  'Origin: null',
  'X-HTTP-Method-Override: DELETE',
]

/** Nothing, an empty one, a made-up one, or one of another kind. */
function oddAuthorization({ dice, material }: Context): string | undefined {
  const valid = Object.values(material.authorizations).flat()
  const kind = dice.below(8)
  if (kind === 0) return undefined
  if (kind <= 3) return dice.pick(valid)
  if (kind === 4) return dice.pick(valid).replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
  return dice.pick([
    'Bearer',
    'Bearer ',
    'bearer  ',
    'Basic',
    'Basic Og==',
    'Basic %%%',
    'Basic YTpi',
    'Bearer null',
    `Bearer ${'x'.repeat(5000)}`,
    'Bearer rc_native_AAAAAAAAAAAA',
    'AccessKey x',
    'Digest username="x"',
    'Bearer a b',
    'Bearer \u00ff',
  ])
}
