import { createHash } from 'node:crypto'
import { assertionAlgorithms, type Credential } from '../directory/credential.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Store } from '../directory/store.ts'
import { RefusedCredential } from './authenticate.ts'
import type { PublishedKeys } from './published-keys.ts'

/** Makes sure that an assertion is the credential's holder's, still holds and was not used before. Throws DirectoryError `unauthenticated` or `unavailable`. */
export type VerifyAssertion = (assertion: string, credential: Credential, now: Date) => Promise<void>

const longest = 16_384
const longestLifeMs = 24 * 60 * 60 * 1_000
const clockToleranceSeconds = 60

/**
 * RFC 7523 §3: signature by a published key, issuer, subject and audience as the credential's rule has them, an end in the future and no more than a day
 * off. An assertion with an id (`jti`) holds once, in whichever process; one without may come again while it lasts, as its issuer meant it.
 */
export function createAssertionVerifier({
  store,
  keys,
}: {
  readonly store: Store
  readonly keys: PublishedKeys
}): VerifyAssertion {
  return async (assertion, credential, now) => {
    const { assertion: rule } = credential
    if (!rule || assertion.length > longest) throw refused('This client does not prove itself by assertions.')
    const { errors, jwtVerify } = await import('jose')
    const { payload } = await jwtVerify(assertion, keys(rule.keysUrl, now), {
      algorithms: [...assertionAlgorithms],
      issuer: rule.issuer,
      subject: rule.subject,
      audience: rule.audience,
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    }).catch((cause: unknown) => {
      if (cause instanceof errors.JOSEError) throw refused(reasonOf(cause), cause)
      throw cause
    })
    const expiresAt = new Date(((payload.exp ?? 0) + clockToleranceSeconds) * 1_000)
    if (!(expiresAt.getTime() - now.getTime() <= longestLifeMs + 2 * clockToleranceSeconds * 1_000))
      throw refused('The assertion holds for more than a day.')
    const { jti } = payload
    if (jti === undefined) return
    const id = createHash('sha256').update(jti).digest('base64url')
    const isFirst = await store.write(credential.organizationId, (writer) =>
      writer.takeAssertion(credential, { id, expiresAt, now }),
    )
    if (!isFirst) throw refused('The assertion was used before.')
  }
}

/** Only who signs with the published keys comes as far as a claim: the name of the wrong one tells nobody else anything. */
const reasonOf = (error: Error): string =>
  'claim' in error && typeof error.claim === 'string'
    ? `The assertion's "${error.claim}" is not what this client is registered with, or not in its time.`
    : 'The assertion is not signed by a key that this client publishes.'

const refused = (message: string, cause?: Error) =>
  new DirectoryError('unauthenticated', message, {
    code: 'assertion',
    cause: new RefusedCredential(cause ? `${message} ${cause.message}` : message),
  })
