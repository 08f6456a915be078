import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { formBytes, jsonBytes, noise, xmlBytes } from './bodies.ts'
import { idsOf, toBytes, types, type Case, type Context, type Making, type Target } from './case.ts'
import { collectionAt } from './ids.ts'
import { keysFor } from './keys.ts'
import { anything, filter, mutate, sample, schemaOf, scimMessage } from './values.ts'

/** A request that has little reason to be sound. */
export function wildCase(
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

/** Under a vendor's host name its dialect answers everything, elsewhere the one whose base the path is below. */
const dialectOf = (
  dialects: readonly Dialect[],
  { host, path }: { readonly host: string; readonly path: string },
): Dialect | undefined =>
  dialects.find((dialect) => host in dialect.hosts) ??
  dialects.find(({ basePath }) => path === basePath || path.startsWith(`${basePath}/`) || path.startsWith(`${basePath}?`))

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
  const bytesOf = { xml: xmlBytes, form: formBytes, json: jsonBytes, scim: jsonBytes, markdown: jsonBytes, html: jsonBytes }[
    format
  ]
  const body = dice.chance(0.03) ? noise(dice) : bytesOf(value, dice)
  return { type: dice.chance(0.93) ? types[format] : dice.pick(oddTypes), body }
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
