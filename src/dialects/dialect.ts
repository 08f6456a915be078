import type { Call } from '../directory/call.ts'
import type { Credential, Presented, Scope } from '../directory/credential.ts'
import type { Directory } from '../directory/directory.ts'
import type { Refusal } from '../directory/errors.ts'
import type { Organization, PlanTier } from '../directory/organization.ts'
import type { Json } from '../directory/json.ts'
import type { TokenSigner } from '../directory/token-signer.ts'
import type { Engine } from '../sync/engine.ts'
import type { Vendor } from '../sync/vendor.ts'
import type { Remote } from '../wire/call.ts'
import type { SecurityScheme } from '../wire/openapi.ts'
import type { Body, Operation } from '../wire/operation.ts'
import type { Mount } from '../wire/serve.ts'

/** What can be known of a request before its body is read. */
export interface RequestHead {
  readonly method: string
  /** Path and query as received, below the dialect's base. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** A refusal on its way to the caller. `internal` is a bug of ours: its message is never shown. */
export interface Problem {
  readonly refusal: Refusal | 'internal'
  readonly message: string
  readonly field: string | undefined
  readonly code: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly requestId: string
}

/** A problem as the dialect spells it. */
export interface ProblemReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly type: string
  readonly text: string
}

/** What a served dialect works with. */
export interface ServeServices {
  readonly directory: Directory
  /** The base of this dialect's own links, without a trailing slash, as this caller reaches it: `http://127.0.0.1:8080/scim/v2`. */
  readonly baseUrlOf: (call: Call) => string
  /** The lifecycle engine; absent where only the API is served (a twin). */
  readonly engine: Engine | undefined
  /** The operator's settings for this dialect; parsed by it, a ConfigError says what is wrong. */
  readonly settings: Json
  /** The starting and further credentials of every dialect that is served: which kinds can be made, and the scopes each carries. */
  readonly startingCredentials: readonly StartingCredential[]
  /**
   * Proves a credential that came in the body of an open operation; the answer is the call that it stands for. Throws DirectoryError, `limited` too: an
   * address and a client may only try so often.
   */
  readonly authenticate: (presented: Presented | undefined, call: Call) => Promise<Call>
  /** Proves what a request to an open operation carries as any other would. Throws DirectoryError `unauthenticated` or `wrongCredential`. */
  readonly identify: (presented: Presented, call: Call) => Promise<Call>
  /** Keys of 32 bytes for tokens of this dialect, the same in every process of an installation: the first signs, all verify. Empty where none can be made. */
  readonly tokenKeys: readonly Uint8Array[]
  /** Signs what is told to others; absent where nothing is (a twin). */
  readonly tokenSigner: TokenSigner | undefined
  /** Resolves when the causes of what this process refused before are stored (Directory.listExplanations). */
  readonly explained: () => Promise<void>
  /** Resolves when the organization has further facts, as far as this process knows, or after so many milliseconds; with false when the server closes. */
  readonly nextFacts: (organizationId: string, ms: number) => Promise<boolean>
}

/** A credential that a new organization is given for this dialect. */
export interface StartingCredential {
  readonly kind: string
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** Whom a limit holds for: every plan and every request where none is named. */
interface LimitScope {
  readonly plans?: readonly PlanTier[] | undefined
  /** `tokens` are requests in which an open operation checks a secret (ServeServices.authenticate); they are counted by address and by client. */
  readonly of?: 'reads' | 'writes' | 'tokens' | undefined
  /** Each operation is counted by itself. */
  readonly each?: 'operation' | undefined
  /** Each credential is counted by itself; the organization as a whole where it is not given. */
  readonly per?: 'credential' | undefined
}

/** So many requests of an organization, or of one of its credentials, in so long a time, in bursts of at most that many. */
export interface RateRule extends LimitScope {
  readonly requests: number
  readonly perSeconds: number
}

/** So many requests of an organization, or of one of its credentials, that are being answered at the same time. */
export interface ConcurrencyRule extends LimitScope {
  readonly atOnce: number
}

export type LimitRule = RateRule | ConcurrencyRule

/** How a caller stands with the tightest rule that holds for it, after its request. */
export interface RateState {
  readonly limit: number
  /** Whole requests that may follow at once. */
  readonly remaining: number
  /** When all of `limit` may be sent again. */
  readonly fullAt: Date
  /** Only for a refused request. */
  readonly waitSeconds: number | undefined
}

/** Everything that a connector needs from outside. */
export interface ConnectOptions {
  readonly baseUrl: string
  /** The vendor's object as `organization create` prints it; parsed strictly by the connector, which throws ConfigError with what is missing. */
  readonly credentials: Json
  readonly fetch: typeof fetch
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly trace?: Remote['trace']
  /** The system's own where it is not given. */
  readonly clock?: () => Date
}

/** What the OpenAPI document and the reference page of a dialect say that its operations and its `problem` do not tell. */
export interface DialectDescription {
  readonly title: string
  /** Of the API as its callers know it. */
  readonly version: string
  /** One line, without a full stop. */
  readonly summary: string
  /** What a caller has to know before the first request. */
  readonly description: string
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  /** The schemes of which an operation takes any one; all where it is not given. */
  readonly securityOf?: (operation: Operation) => readonly string[]
  /** The bodies of refusals by name, and which of them an operation answers; the first where that is not given. */
  readonly problems: Readonly<Record<string, Body>>
  readonly problemOf?: (operation: Operation) => string
  /** What an operation may refuse by, of what one of its kind usually may (http/openapi.ts). */
  readonly refusalsOf?: (operation: Operation, usual: readonly Problem['refusal'][]) => readonly Problem['refusal'][]
  /** The heading under which an operation stands: the first noun of its path where it is not given. */
  readonly tagOf?: (operation: Operation) => string
  /** Documented bodies by operation name, as JSON on the wire. */
  readonly examples?: Readonly<Record<string, { readonly request?: unknown; readonly reply?: unknown }>>
  /** Every refusal with its place on the reference page, where problems lead there. */
  readonly glossary?: readonly ProblemNote[]
}

export interface ProblemNote {
  /** The fragment of the page's address. */
  readonly anchor: string
  /** As a problem spells it. */
  readonly type: string
  readonly status: number
  /** A full sentence or more. */
  readonly meaning: string
}

/** An API that we serve, and, where it is a vendor's, call. One folder, one value of this type, one line in index.ts. */
export interface Dialect {
  readonly name: string
  /** Where it is mounted: `/scim/v2`. Operation paths follow. */
  readonly basePath: string
  /** Host names under which the whole dialect answers at the root, such as `dashboard.bandwidth.com`, with the base path that the vendor has there. */
  readonly hosts: Readonly<Record<string, string>>
  readonly operations: readonly Operation[]
  /** Paths of operations that answer at the root of the server too, where nobody calls it by a vendor's name. */
  readonly rootPaths?: readonly string[]
  /** Slashes that are doubled, or stand at a path's end, count for nothing: a base URL is pasted with one or without. */
  readonly slashes?: 'folded'
  /** Its writes honour an Idempotency-Key header: the key comes with the call. */
  readonly idempotent?: true
  readonly startingCredentials: readonly StartingCredential[]
  /** Kinds that an organization is not given at its start and that can be made later. */
  readonly furtherCredentials?: readonly StartingCredential[]
  /** What the request proves itself with; undefined when there is nothing to check. Pure. */
  readonly credentials: (head: RequestHead, operation: Operation) => Presented | undefined
  /** Makes sure that a token (Presented.proof) was made for the credential and still holds. Throws DirectoryError `unauthenticated`. */
  readonly verifyToken?: (
    token: string,
    detail: { readonly credential: Credential; readonly keys: readonly Uint8Array[]; readonly now: Date },
  ) => Promise<void>
  /** The problem in the dialect's own shape and media type. Total over every refusal. */
  readonly problem: (problem: Problem, head: RequestHead) => ProblemReply
  readonly serve: (mount: Mount<Call>, services: ServeServices) => void
  /** For the document and the page about it; asked when somebody first looks at one. */
  readonly describe: () => DialectDescription
  /** The vendor's rate headers on every answer where a limit holds; without it there are none. Only `problem` spells Retry-After. */
  readonly rateHeaders?: (state: RateState, now: Date) => Readonly<Record<string, string>>
  /** The vendor's figures where it has any; in force where the operator's settings say `documented`. */
  readonly documentedLimits?: readonly LimitRule[]
  /** What `organization create` prints for a caller of this dialect. `origin` is the server's URL without a trailing slash. */
  readonly access: (input: {
    readonly origin: string
    readonly organization: Organization
    /** By kind. */
    readonly secrets: Readonly<Record<string, { readonly id: string; readonly identifier: string; readonly secret: string }>>
  }) => Record<string, string>
  /** Present where this is a vendor that we act on. */
  readonly connect?: (options: ConnectOptions) => Vendor
}
