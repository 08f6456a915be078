import type { JsonObject } from './json.ts'

/** Signs what is told to others as JSON Web Tokens, with a key that anybody may ask for. */
export interface TokenSigner {
  /** The public keys as JSON Web Keys (RFC 7517), the one that signs first. */
  readonly keys: readonly JsonObject[]
  /** A compact JWS over the claims; `type` is its `typ`, such as `secevent+jwt`. */
  readonly sign: (claims: JsonObject, type: string) => Promise<string>
}
