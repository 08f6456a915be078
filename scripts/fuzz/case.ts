import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import type { Dice } from './dice.ts'
import type { Ids } from './ids.ts'
import type { Key } from './keys.ts'
import type { JsonSchema } from './values.ts'

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

/** What a request is made from. */
export interface Context {
  readonly dice: Dice
  readonly material: Material
}
export interface Making extends Context {
  readonly schema: JsonSchema | undefined
}

/** Every id of a dialect. */
export const idsOf = ({ name }: Dialect, ids: Ids): readonly string[] => {
  const all = [...ids].flatMap(([collection, list]) => (collection.startsWith(`${name} `) ? list : []))
  return all.length > 0 ? all : ['none']
}

export const types = {
  json: 'application/json',
  scim: 'application/scim+json',
  form: 'application/x-www-form-urlencoded',
  xml: 'application/xml',
  html: 'text/html',
  markdown: 'text/markdown',
}

/** A request as it goes over the wire, whatever its parts are. */
export function toBytes(
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
