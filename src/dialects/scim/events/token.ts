import type { Fact } from '../../../directory/fact.ts'
import type { JsonObject } from '../../../directory/json.ts'
import type { TokenSigner } from '../../../directory/token-signer.ts'
import { messageIdOf } from '../../../directory/webhook.ts'
import { toEvent } from './event.ts'

/** The `typ` of security event tokens (RFC 8417 §2.3). */
const type = 'secevent+jwt'

export interface Telling {
  /** The base of SCIM as the outside reaches it. */
  readonly issuer: string
  /** Whom it is told to. */
  readonly audience: string
  readonly now: Date
}

/**
 * A fact as a security event token (RFC 8417, RFC 9967 §2): `jti` is the message's name, the same each time it is told; `txn` is the id of the request
 * that it comes from. A fact that is no event becomes a verification event, which asks nothing of whoever gets it.
 */
export function signEvent(signer: TokenSigner, fact: Fact, { issuer, audience, now }: Telling): Promise<string> {
  const event = toEvent(fact)
  const claims: JsonObject = {
    iss: issuer,
    iat: Math.floor(now.getTime() / 1_000),
    jti: messageIdOf(fact),
    aud: audience,
    txn: fact.requestId,
    sub_id: {
      format: 'scim',
      uri: event?.resource ?? '/',
      ...(event?.id !== undefined && { id: event.id }),
    },
    events: event ? { [event.uri]: event.payload } : { [verificationUri]: {} },
  }
  return signer.sign(claims, type)
}

/** Of the Shared Signals Framework: says nothing but that telling works. */
const verificationUri = 'https://schemas.openid.net/secevent/ssf/event-type/verification'
