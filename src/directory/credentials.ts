import { command, query, unchanged, type Call } from './call.ts'
import { hashSecret, type Credential, type Scope } from './credential.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import type { Writer } from './store.ts'

export interface CreateCredential {
  readonly kind: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Date | undefined
  /** The workspace to confine it to. */
  readonly workspaceId?: string
  /** The connection to confine it to; whether there is one, the caller makes sure. */
  readonly connectionId?: string
  /** How many of this kind may be valid at a time in the same place, with this one; more are refused as `conflict`. */
  readonly atMost?: number
}

/** What anybody may see of a credential. */
export type CredentialView = Omit<Credential, 'secretHash'>

export function credentialCommands({ store, newId, newSecret }: Parts) {
  return {
    /** Makes a credential; the answer carries the one copy of its secret. Nobody can hand out a scope that they do not hold. */
    createCredential: command(store, 'administer', async (tx, call, input: CreateCredential) => {
      await checkPlace(tx, call, input)
      const { issued, fact } = await issueCredential(tx, call, { ...input, id: newId(), newSecret })
      return [issued, fact]
    }),

    /** Revokes a credential: from the moment this answers, it proves nothing. */
    revokeCredential: command(store, 'administer', async (tx, call, { id }: { readonly id: string }) => {
      const credential = await tx.credential(call.organizationId, id)
      if (!credential) throw new DirectoryError('notFound', 'There is no such credential in this organization.')
      if (credential.revokedAt) return unchanged(view(credential))
      const revoked: Credential = { ...credential, revokedAt: call.now }
      await tx.putCredential(revoked)
      return [
        view(revoked),
        { action: 'credential.revoked', subject: id, detail: { kind: credential.kind, name: credential.name } },
      ]
    }),

    listCredentials: query(store, 'read', async (tx, call) => (await tx.credentials(call.organizationId)).map(view)),
  }
}

async function checkPlace(tx: Writer, call: Call, { kind, workspaceId, atMost }: CreateCredential): Promise<void> {
  if (workspaceId !== undefined && !(await tx.workspaces(call.organizationId)).some(({ id }) => id === workspaceId))
    throw new DirectoryError('invalid', 'There is no such workspace in this organization.', { field: 'workspaceId' })
  if (atMost === undefined) return
  const valid = (await tx.credentials(call.organizationId)).filter(
    (credential) =>
      credential.kind === kind &&
      credential.workspaceId === workspaceId &&
      !credential.revokedAt &&
      !(credential.expiresAt && credential.expiresAt <= call.now),
  )
  if (valid.length >= atMost)
    throw new DirectoryError(
      'conflict',
      `There are ${valid.length} credentials of this kind already, and ${atMost} are allowed. Delete one first.`,
    )
}

/** A new credential with the one copy of its secret. */
export interface IssuedCredential {
  readonly credential: CredentialView
  readonly secret: string
}

/** Stores a new credential inside a command that hands one out. */
export async function issueCredential(
  tx: Writer,
  call: Call,
  input: CreateCredential & { readonly id: string; readonly newSecret: Parts['newSecret'] },
): Promise<{ readonly issued: IssuedCredential; readonly fact: FactDraft }> {
  const name = input.name.trim()
  if (!name || name.length > 100)
    throw new DirectoryError('invalid', 'Give the credential a name of 1 to 100 characters.', { field: 'name' })
  if (!input.scopes.every((scope) => call.scopes.has(scope)))
    throw new DirectoryError('forbidden', 'A credential cannot be given scopes that its maker lacks.', { field: 'scopes' })
  if (input.expiresAt && input.expiresAt <= call.now)
    throw new DirectoryError('invalid', 'The expiry lies in the past.', { field: 'expiresAt' })
  const { identifier, secret } = input.newSecret(input.kind)
  const credential: Credential = {
    id: input.id,
    organizationId: call.organizationId,
    kind: input.kind,
    name,
    identifier,
    secretHash: hashSecret(secret),
    scopes: input.scopes,
    createdAt: call.now,
    expiresAt: input.expiresAt,
    lastUsedAt: undefined,
    revokedAt: undefined,
    ...(input.workspaceId !== undefined && { workspaceId: input.workspaceId }),
    ...(input.connectionId !== undefined && { connectionId: input.connectionId }),
  }
  await tx.putCredential(credential)
  return {
    issued: { credential: view(credential), secret },
    fact: {
      action: 'credential.created',
      subject: credential.id,
      detail: {
        kind: input.kind,
        name,
        scopes: input.scopes,
        workspaceId: input.workspaceId,
        ...(input.connectionId !== undefined && { connectionId: input.connectionId }),
      },
    },
  }
}

const view = ({ secretHash: _, ...rest }: Credential): CredentialView => rest
