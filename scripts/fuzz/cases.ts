import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { formBytes, jsonBytes, noise, soundBytes, xmlBytes } from './bodies.ts'
import type { Dice } from './dice.ts'
import { collectionAt, type Ids } from './ids.ts'
import { keysFor, type Key } from './keys.ts'
import { anything, filter, mutate, sample, schemaOf, scimMessage, soundScimMessage, type JsonSchema } from './values.ts'

/** What the caller's organization may use, and what of another organization it knows. */
export interface Material {
  /** Keys that are valid, by dialect. */
  readonly keys: Readonly<Record<string, readonly Key[]>>
  /** Bodies that no schema leads to, by operation, such as `sinch.issueToken`. */
  readonly bodies: Readonly<Record<string, unknown>>
  /** The caller's own ids as the dialect spells them; grows with what is answered. */
  readonly own: Ids
  /** Another organization's, likewise. */
  readonly foreign: Ids
  /** Another organization's ids by which anybody may have somebody join: Bird tells a known person's name to whoever adds them (BIRD-33). No body holds them. */
  readonly persons: ReadonlySet<string>
}

export interface Case {
  readonly dialect: Dialect | undefined
  /** The operation that the request is made for, and whether it goes to it: by its method, below its path, with a key that it takes. */
  readonly operation: Operation
  readonly aimed: boolean
  readonly request: Buffer
  /** Method and path, for people. */
  readonly title: string
  /** The request is no sound HTTP, so that the answer may come from the HTTP parser. */
  readonly broken: boolean
}

export interface Target {
  readonly dialect: Dialect
  readonly operation: Operation
}

export const targetsOf = (dialects: readonly Dialect[]): readonly Target[] =>
  dialects.flatMap((dialect) => dialect.operations.map((operation) => ({ dialect, operation })))

/** How often every operation is asked for as it should be before anything hostile is. */
const soundRounds = 3

/** Makes requests for every operation of some dialects, in order and as they should be at first, hostile ones and some beside them afterwards. */
export function createCases(dialects: readonly Dialect[], dice: Dice): (material: Material) => Case {
  const targets = targetsOf(dialects)
  // What a dialect only refuses is asked for now and then.
  const offered = targets.filter(({ operation }) => operation.status < 400)
  const schemas = new Map<Operation, JsonSchema>()
  for (const { operation } of targets) if (operation.request) schemas.set(operation, schemaOf(operation.request.codec))
  const isRemoval = ({ operation }: Target) => operation.method === 'DELETE'
  const waiting = [targets.filter((target) => !isRemoval(target)), targets.filter(isRemoval)].flatMap((some) =>
    Array.from({ length: soundRounds }, () => some).flat(),
  )
  return (material) => {
    const target = waiting.shift()
    if (target) return soundCase(target, { schema: schemas.get(target.operation), dice, material })
    const picked = dice.pick(dice.chance(0.95) ? offered : targets)
    return wildCase(picked, { dialects, schema: schemas.get(picked.operation), dice, material })
  }
}

interface Context {
  readonly dice: Dice
  readonly material: Material
}
interface Making extends Context {
  readonly schema: JsonSchema | undefined
}

/** A request that the operation should take, as far as its schema tells. */
function soundCase({ dialect, operation }: Target, { schema, dice, material }: Making): Case {
  const [key] = operation.open ? [undefined] : shuffled(keysFor(dialect, operation, material.keys[dialect.name] ?? []), dice)
  const path = operation.path.replaceAll(/:\w+/g, (_name, offset: number) =>
    encodeURIComponent(dice.pick(material.own.get(collectionAt(dialect, operation.path, offset)) ?? ['none'])),
  )
  const format = operation.request?.media.at(-1)
  const ids = idsOf(dialect, material.own)
  const value = operation.request?.media.includes('scim')
    ? soundScimMessage(operation, dice)
    : (material.bodies[`${dialect.name}.${operation.name}`] ?? sample(schema, dice, { ids, texts: ids }))
  const body = format ? soundBytes(format, value) : Buffer.alloc(0)
  return {
    dialect,
    operation,
    aimed: true,
    request: toBytes(`${operation.method} ${dialect.basePath}${path}`, {
      host: '127.0.0.1',
      headers: [
        ...(key ? [`Authorization: ${key.authorization}`] : []),
        ...(format ? [`Content-Type: ${types[format]}`] : []),
        'Accept: application/json',
      ],
      body: operation.request ? { bytes: body, length: String(body.length) } : undefined,
    }),
    title: `${operation.method} ${dialect.basePath}${path}`.slice(0, 300),
    broken: false,
  }
}

const shuffled = <T>(items: readonly T[], dice: Dice): readonly T[] => (items.length > 0 ? [dice.pick(items)] : [])

/** A request that has little reason to be sound. */
function wildCase(
  { dialect, operation }: Target,
  { dialects, schema, dice, material }: Making & { readonly dialects: readonly Dialect[] },
): Case {
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
  const query = queryOf(operation, { dice, material, dialect })
  const { type, body } = bodyOf(operation, { schema, dice, material, dialect })
  const hasBody = operation.request !== undefined || dice.chance(0.05)
  const { headers, isKnown } = headersOf(dialect, { type: hasBody ? type : undefined, dice, material, operation })
  const broken = dice.chance(0.02)
  const length = broken ? dice.pick(['-1', 'x', '99999999999999999999', String(body.length + 10), '0']) : String(body.length)
  const host = dice.chance(0.95) ? '127.0.0.1' : dice.pick(oddHosts)
  return {
    dialect: dialectOf(dialects, { host, path }),
    operation,
    aimed: !nowhere && !broken && method === operation.method && host === '127.0.0.1' && isKnown,
    request: toBytes(`${method} ${path}${query}`, { host, headers, body: hasBody ? { bytes: body, length } : undefined }),
    title: `${method} ${path}${query}`.slice(0, 300),
    broken,
  }
}

function toBytes(
  line: string,
  {
    host,
    headers,
    body,
  }: {
    readonly host: string
    readonly headers: readonly string[]
    readonly body: { readonly bytes: Buffer; readonly length: string } | undefined
  },
): Buffer {
  const head = [
    `${line} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...headers,
    ...(body ? [`Content-Length: ${body.length}`] : []),
  ].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body ? body.bytes : Buffer.alloc(0)])
}

/** Under a vendor's host name its dialect answers everything, elsewhere the one whose base the path is below. */
const dialectOf = (
  dialects: readonly Dialect[],
  { host, path }: { readonly host: string; readonly path: string },
): Dialect | undefined =>
  dialects.find((dialect) => host in dialect.hosts) ??
  dialects.find(({ basePath }) => path === basePath || path.startsWith(`${basePath}/`) || path.startsWith(`${basePath}?`))

/** Every id of a dialect. */
const idsOf = ({ name }: Dialect, ids: Ids): readonly string[] => {
  const all = [...ids].flatMap(([collection, list]) => (collection.startsWith(`${name} `) ? list : []))
  return all.length > 0 ? all : ['none']
}

function pathOf(dialect: Dialect, operation: Operation, { dice, material }: Context): string {
  const path = operation.path.replaceAll(/:\w+/g, (name, offset: number) => {
    const kind = dice.random()
    const collection = collectionAt(dialect, operation.path, offset)
    const [own, foreign] = [material.own.get(collection), material.foreign.get(collection)]
    // An id that stands before others leads to all of them.
    const isLast = offset + name.length === operation.path.length
    if (own && kind < (isLast ? 0.6 : 0.9)) return encodeURIComponent(dice.pick(own))
    if (foreign && kind < (isLast ? 0.85 : 0.97)) return encodeURIComponent(dice.pick(foreign))
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

function queryOf(operation: Operation, { dice, material, dialect }: Context & { readonly dialect: Dialect }): string {
  if (!operation.query || dice.chance(0.2)) return dice.chance(0.05) ? '?x=1&x=2&__proto__=1' : ''
  const names = Object.keys(schemaOf(operation.query).properties ?? { x: 1 })
  const texts = idsOf(dialect, material.own)
  const known = { ids: [...texts, ...idsOf(dialect, material.foreign)], texts }
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

function bodyOf(
  operation: Operation,
  { schema, dice, material, dialect }: Making & { readonly dialect: Dialect },
): { readonly type: string; readonly body: Buffer } {
  const ids = idsOf(dialect, dice.chance(0.8) ? material.own : material.foreign)
  const texts = idsOf(dialect, material.own)
  const known = { ids: [...ids.filter((id) => !material.persons.has(id)), 'none'], texts }
  const media = operation.request?.media ?? ['json']
  const isScim = media.includes('scim')
  let value = isScim ? scimMessage(operation, { dice, known }) : sample(schema, dice, known)
  if (dice.chance(0.4)) value = mutate(value, dice)
  const format = dice.pick(media)
  const bytesOf = { xml: xmlBytes, form: formBytes, json: jsonBytes, scim: jsonBytes }[format]
  const body = dice.chance(0.03) ? noise(dice) : bytesOf(value, dice)
  return { type: dice.chance(0.93) ? types[format] : dice.pick(oddTypes), body }
}

const types = {
  json: 'application/json',
  scim: 'application/scim+json',
  form: 'application/x-www-form-urlencoded',
  xml: 'application/xml',
}

const oddHosts = [
  'dashboard.bandwidth.com',
  'api.bird.com',
  'iam.twilio.com',
  'rest.messagebird.com',
  'auth.sinch.com',
  'evil.example',
  '',
  '127.0.0.1:99999',
  'a b',
]

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

function headersOf(
  dialect: Dialect,
  { type, dice, material, operation }: Context & { readonly type: string | undefined; readonly operation: Operation },
): { readonly headers: readonly string[]; readonly isKnown: boolean } {
  const headers: string[] = []
  const keys = keysFor(dialect, operation, material.keys[dialect.name] ?? [])
  const isKnown = dice.chance(0.85)
  const authorization =
    isKnown && keys.length > 0 ? dice.pick(keys).authorization : isKnown ? undefined : oddAuthorization({ dice, material })
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
  const isOdd = dice.chance(0.05)
  if (isOdd) headers.push(dice.pick(oddHeaders))
  return { headers, isKnown: isKnown && !isOdd }
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
  const valid = Object.values(material.keys)
    .flat()
    .map(({ authorization }) => authorization)
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
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
    'AccessKey x',
    'Digest username="x"',
    'Bearer a b',
    'Bearer \u00ff',
  ])
}
