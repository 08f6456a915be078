import type { Call } from '../directory/call.ts'
import { secretMatches, type Credential, type Presented } from '../directory/credential.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Store } from '../directory/store.ts'

export interface Authenticator {
  /** The call that the presented credential stands for. Throws DirectoryError `unauthenticated` or `wrongCredential`. */
  readonly authenticate: (presented: Presented | undefined, request: Pick<Call, 'now' | 'requestId' | 'via'>) => Promise<Call>
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
}: {
  readonly store: Store
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

  return {
    authenticate: async (presented, request) => {
      if (!presented || presented.identifier === '' || presented.secret === '') throw unauthenticated()
      const credential = await store.read((reader) => reader.credentialByIdentifier(presented.identifier))
      // The comparison runs in every case.
      const isKnown = matches(credential, presented.secret)
      if (!credential || !isKnown || credential.revokedAt || (credential.expiresAt && credential.expiresAt <= request.now))
        throw unauthenticated()
      if (credential.kind !== presented.kind)
        throw new DirectoryError('wrongCredential', 'This credential was made for another API. Use one that was made for this.')
      noteUse(credential, request.now)
      return {
        organizationId: credential.organizationId,
        actor: credential.id,
        scopes: new Set(credential.scopes),
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

const unauthenticated = () => new DirectoryError('unauthenticated', 'Send a credential that is valid for this API.')

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
