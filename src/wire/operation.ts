import { z } from 'zod'
import type { XmlShape } from './xml.ts'

export type Media = 'json' | 'scim' | 'form' | 'xml' | 'markdown' | 'html'

/**
 * A body as it travels: the formats it is spoken in (the first is the default) and one codec between the wire and our values. The codec must
 * work both ways, so no one-way `.transform()`. Bodies that others send us are strict objects; bodies that a vendor answers tolerate unknown keys.
 */
export interface Body<S extends z.ZodType = z.ZodType> {
  readonly media: readonly Media[]
  readonly codec: S
  /** How the value is spelled in XML; needed when `media` has xml. */
  readonly xml?: XmlShape
  /** How the value reads as Markdown; needed when `media` has markdown, which is only ever answered. */
  readonly markdown?: (value: z.output<S>) => string
  /** The value is the text itself: nothing parses, checks or prints it on its way. */
  readonly verbatim?: true
  /** What the body looks like where the codec takes any message. Describes, and checks nothing. */
  readonly shape?: NamedSchema
}

/** A JSON Schema under a name of its own, made when it is asked for. `refer` makes the reference to another one. */
export interface NamedSchema {
  readonly name: string
  readonly schema: (refer: (other: NamedSchema) => { readonly $ref: string }) => Readonly<Record<string, unknown>>
}

export const json = <S extends z.ZodType>(codec: S): Body<S> => ({ media: ['json'], codec })
/** SCIM speaks application/scim+json and, for clients that know no better, application/json. */
export const scim = <S extends z.ZodType>(codec: S, shape?: NamedSchema): Body<S> => ({
  media: ['scim', 'json'],
  codec,
  ...(shape && { shape }),
})
export const form = <S extends z.ZodType>(codec: S): Body<S> => ({ media: ['form'], codec })
/** XML unless JSON is asked for. */
export const xmlOrJson = <S extends z.ZodType>(codec: S, xml: XmlShape): Body<S> => ({ media: ['xml', 'json'], codec, xml })

/** JSON unless Markdown is asked for. */
export const jsonOrMarkdown = <S extends z.ZodType>(codec: S, markdown: (value: z.output<S>) => string): Body<S> => ({
  media: ['json', 'markdown'],
  codec,
  markdown,
})

/** A reply whose JSON text the handler has already made, at no further cost. */
export const jsonText: Body<z.ZodString> = { media: ['json'], codec: z.string(), verbatim: true }
/** A page for people, as the handler has made it. */
export const htmlText: Body<z.ZodString> = { media: ['html'], codec: z.string(), verbatim: true }
/** The same for SCIM. */
export const scimText: Body<z.ZodString> = { media: ['scim', 'json'], codec: z.string(), verbatim: true }

/**
 * One endpoint of an API, written once. `serve` decodes `request` and encodes `reply`; `call` encodes `request` and decodes `reply`;
 * `describe` documents it. Paths are below the dialect's base and name parameters with a colon: `/accounts/:accountId/users`.
 */
export interface Operation<
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Req extends Body | undefined = Body | undefined,
  Rep extends Body | undefined = Body | undefined,
> {
  readonly name: string
  readonly summary: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Decodes the query's strings (an object of strings; of a repeated name the last one counts, except for `repeated`). */
  readonly query: Query
  /** Names of the query that may be repeated: the codec gets a list of strings for each of them. */
  readonly repeated?: readonly string[]
  readonly request: Req
  /** The status of success. */
  readonly status: number
  /** Further statuses that are not errors, such as 204 or 304. Answering an undeclared one is a bug. */
  readonly alsoStatus?: readonly number[]
  readonly reply: Rep
  /** The header by which a caller binds it to the version that it has: another one is refused, or the same one answered 304. */
  readonly precondition?: 'If-Match' | 'If-None-Match'
  /** Answered without a credential. */
  readonly open?: boolean
  /** In a list of people, the member of the reply that holds them, such as `Users`. */
  readonly listMember?: string
}

type Parts = 'query' | 'request' | 'reply'

/** Declares an operation; the parts that it does not have are undefined. The path stays known to the type, so that a client can ask for its parameters. */
export function operation<
  const Path extends string,
  Query extends z.ZodType | undefined = undefined,
  Req extends Body | undefined = undefined,
  Rep extends Body | undefined = undefined,
>(
  parts: Omit<Operation<Query, Req, Rep>, 'path' | 'query' | 'request' | 'reply'> & {
    readonly path: Path
    readonly query?: Query
    readonly request?: Req
    readonly reply?: Rep
  },
): Operation<Query, Req, Rep> & { readonly path: Path }
export function operation(parts: Omit<Operation, Parts> & Partial<Pick<Operation, Parts>>): Operation {
  return { ...parts, query: parts.query, request: parts.request, reply: parts.reply }
}

/** The decoded value of a body, or of a query schema. */
export type Value<B> = B extends Body<infer S> ? z.output<S> : B extends z.ZodType ? z.output<B> : undefined

/** A body or query that cannot be read: `syntax` (not the format at all), `shape` (not what the codec describes), `mediaType` (a format not spoken here). */
export class WireError extends Error {
  override name = 'WireError'
  readonly kind: 'syntax' | 'shape' | 'mediaType'
  /** Path of the first offending member, such as `emails.0.value`. */
  readonly field: string | undefined
  constructor(
    kind: 'syntax' | 'shape' | 'mediaType',
    message: string,
    detail: { readonly field?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: detail.cause })
    this.kind = kind
    this.field = detail.field
  }
}
