/**
 * Why the product refused. The one error vocabulary: every dialect translates the whole of it, so that a refusal added here
 * does not compile until each dialect answers it.
 */
export type Refusal =
  | 'unauthenticated' // no credential, or one that is not valid
  | 'wrongCredential' // a valid credential of another kind
  | 'forbidden' // valid, but without the scope
  | 'foreign' // valid, but for another organization
  | 'notFound'
  | 'taken' // a unique value is in use
  | 'malformed' // the body cannot be parsed at all
  | 'mediaType' // the body, or the answer asked for, is in a format that is not spoken here
  | 'invalid'
  | 'readOnly' // the attribute cannot be changed by the caller
  | 'weakPassword'
  | 'lastOwner' // the organization would be left without an owner
  | 'conflict' // the state of the thing does not allow it
  | 'stale' // a precondition on the version, or on a plan, no longer holds
  | 'keyReused' // an idempotency key came again with another request
  | 'planGate' // not on this plan
  | 'ssoGate' // not without single sign-on configured
  | 'needsApproval'
  | 'unsafe' // a guard refused a plan or its application
  | 'limited' // too many requests
  | 'tooLarge'
  | 'unsupported' // the operation does not exist here
  | 'unavailable' // the store cannot be reached; nothing was changed

/** Details that some dialects spell out. `field` is a neutral attribute name, `cause` never holds a secret. */
export interface RefusalDetail {
  readonly field?: string
  /** A dialect's own narrower word for the refusal; thrown and spelled by the same dialect. */
  readonly code?: string
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** A refusal that the caller can act on. Its message says what to do and never holds a secret or a request body. */
export class DirectoryError extends Error {
  override name = 'DirectoryError'
  readonly refusal: Refusal
  readonly field: string | undefined
  readonly code: string | undefined
  readonly retryAfterSeconds: number | undefined
  constructor(refusal: Refusal, message: string, detail: RefusalDetail = {}) {
    super(message, { cause: detail.cause })
    this.refusal = refusal
    this.field = detail.field
    this.code = detail.code
    this.retryAfterSeconds = detail.retryAfterSeconds
  }
}

/** The installation is set up wrongly: a flag, a file, a key, a database. The message says what to set. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}
