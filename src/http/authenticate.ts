import type { Call } from '../directory/call.ts'
import { secretMatches, type Credential, type Presented } from '../directory/credential.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Store } from '../directory/store.ts'
import type { VerifyAssertion } from './client-assertion.ts'

/** Makes sure that a token was made for a credential and still holds. Throws DirectoryError `unauthenticated`. */
export type VerifyToken = (token: string, credential: Credential, now: Date) => Promise<void>

/** What is behind the refusal of a credential: the `cause` of the error, for those who run the installation and never for the caller. */
export class RefusedCredential extends Error {
  override name = 'RefusedCredential'
  /** Whose credential it is, where it was proven. */
  readonly organizationId: string | undefined
  constructor(message: string, organizationId?: string) {
    super(message)
    this.organizationId = organizationId
  }
}

export interface Authenticator {
  /** The call that the presented credential stands for; `verifyToken` decides on tokens, without it none holds. Throws DirectoryError `unauthenticated` or `wrongCredential`. */
  readonly authenticate: (
    presented: Presented | undefined,
    request: Pick<Call, 'now' | 'requestId' | 'via'>,
    verifyToken?: VerifyToken,
  ) => Promise<Call>
  /** Resolves when every last use that was noted so far is stored, or could not be. */
  readonly flush: () => Promise<void>
}

const lastUseEveryMs = 60_000
/** Compared with when there is no such credential, so that both answers take the same work. The hash of no known secret. */
const noSecretHash = '0'.repeat(64)

/** `failed` is told when a last use could not be stored; no request waits for it or fails by it. */
export function createAuthenticator({
  store,
  failed,
  verifyAssertion,
}: {
  readonly store: Store
  /** Without it no assertion holds. */
  readonly verifyAssertion?: VerifyAssertion | undefined
  readonly failed: (error: unknown) => void
}): Authenticator {
  const notedMs = new Map<string, number>()
  const writing = new Set<Promise<void>>()

  const noteUse = (credential: Credential, now: Date): void => {
    const last = Math.max(credential.lastUsedAt?.getTime() ?? 0, notedMs.get(credential.id) ?? 0)
    if (now.getTime() - last < lastUseEveryMs) return
    notedMs.set(credential.id, now.getTime())
    const write = storeUse(store, credential, now).catch(failed)
    writing.add(write)
    void write.finally(() => writing.delete(write))
  }

  const canVerify = ({ proof }: Presented, credential: Credential, verifyToken: VerifyToken | undefined): boolean =>
    proof === 'token' ? verifyToken !== undefined : verifyAssertion !== undefined && credential.assertion !== undefined

  return {
    authenticate: async (presented, request, verifyToken) => {
      if (!presented || presented.identifier === '' || presented.secret === '')
        throw unauthenticated(new RefusedCredential('The request carries no credential in the form that this API reads.'))
      const credential = await store.read((reader) => reader.credentialByIdentifier(presented.identifier))
      // The comparison runs in every case.
      // A token proves nothing before it is verified, not even that a credential of another kind is there.
      const isSecret = presented.proof === undefined
      const isKnown = isSecret
        ? matches(credential, presented.secret)
        : credential?.kind === presented.kind && canVerify(presented, credential, verifyToken)
      if (!credential || !isKnown || credential.revokedAt || (credential.expiresAt && credential.expiresAt <= request.now))
        throw unauthenticated(causeOf(credential, { isKnown, isToken: !isSecret }))
      if (credential.kind !== presented.kind)
        throw new DirectoryError('wrongCredential', 'This credential was made for another API. Use one that was made for this.', {
          cause: new RefusedCredential(
            `The credential ${quoted(credential)} is of the kind ${credential.kind}; this operation takes ${presented.kind}.`,
            isSecret ? credential.organizationId : undefined,
          ),
        })
      if (presented.proof === 'token') await verifyToken?.(presented.secret, credential, request.now)
      if (presented.proof === 'assertion') await verifyAssertion?.(presented.secret, credential, request.now)
      noteUse(credential, request.now)
      return {
        organizationId: credential.organizationId,
        actor: credential.id,
        scopes: new Set(
          presented.scopes ? credential.scopes.filter((scope) => presented.scopes?.includes(scope)) : credential.scopes,
        ),
        workspaceId: credential.workspaceId,
        connectionId: credential.connectionId,
        extensionsRevision: credential.extensionsRevision,
        now: request.now,
        requestId: request.requestId,
        via: request.via,
      }
    },
    flush: async () => {
      while (writing.size > 0) await Promise.all(writing)
    },
  }
}

const unauthenticated = (cause: RefusedCredential) =>
  new DirectoryError('unauthenticated', 'Send a credential that is valid for this API.', { cause })

/** Only a proven credential names its organization: nobody else's request may show up among its own. */
function causeOf(
  credential: Credential | undefined,
  { isKnown, isToken }: { readonly isKnown: boolean; readonly isToken: boolean },
): RefusedCredential {
  if (!credential)
    return new RefusedCredential(
      'No credential has the identifier that was sent. It may be mistyped, or of another installation.',
    )
  if (!isKnown)
    return new RefusedCredential('There is a credential with the identifier that was sent, and its secret is another one.')
  const ended = credential.revokedAt
    ? `was revoked at ${credential.revokedAt.toISOString()}`
    : `expired at ${credential.expiresAt?.toISOString()}`
  return new RefusedCredential(`The credential ${quoted(credential)} ${ended}.`, isToken ? undefined : credential.organizationId)
}

const quoted = ({ name, id }: Credential): string => `"${name}" (${id})`

/** A credential whose hash was never set matches nothing. */
function matches(credential: Credential | undefined, secret: string): boolean {
  const isSet = credential !== undefined && /^[0-9a-f]{64}$/.test(credential.secretHash)
  return secretMatches({ secretHash: isSet ? credential.secretHash : noSecretHash }, secret) && isSet
}

/** Read again inside the transaction: a revocation that came meanwhile must stand. */
async function storeUse(store: Store, { organizationId, id }: Credential, now: Date): Promise<void> {
  await store.write(organizationId, async (writer) => {
    const credential = await writer.credential(organizationId, id)
    if (credential && (credential.lastUsedAt?.getTime() ?? 0) < now.getTime())
      await writer.putCredential({ ...credential, lastUsedAt: now })
  })
}
