import { command, query, unchanged, type Call } from './call.ts'
import { hashSecret, type AssertionRule, type Credential, type Scope } from './credential.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import type { Outbound } from './outbound.ts'
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

/** A client that proves itself by what it signs; where it names no subject, that is the client's own identifier. */
export type CreateAssertingClient = Omit<CreateCredential, 'atMost' | 'workspaceId'> & {
  readonly assertion: Omit<AssertionRule, 'subject'> & { readonly subject?: string | undefined }
}

/** How long before its end a credential is told of, in milliseconds. */
export const expiryNoticeMs = 14 * 24 * 60 * 60 * 1_000

export function credentialCommands({ store, newId, newSecret, outbound }: Parts) {
  return {
    /** Makes a credential; the answer carries the one copy of its secret. Nobody can hand out a scope that they do not hold. */
    createCredential: command(store, 'administer', async (tx, call, input: CreateCredential) => {
      await checkPlace(tx, call, input)
      const { issued, fact } = await issueCredential(tx, call, { ...input, id: newId(), newSecret })
      return [issued, fact]
    }),

    /** Makes a credential without a secret: whoever signs with the published keys, and says what the rule wants, is its holder. */
    createAssertingClient: command(store, 'administer', async (tx, call, input: CreateAssertingClient) => {
      const { keysUrl, issuer, audience } = input.assertion
      const { identifier } = newSecret(input.kind)
      const assertion: AssertionRule = {
        issuer: checkText(issuer, 'issuer'),
        subject: checkText(input.assertion.subject ?? identifier, 'subject'),
        audience: checkText(audience, 'audience'),
        keysUrl: checkKeysUrl(keysUrl, outbound),
      }
      const { credential, fact } = describe(call, { ...input, id: newId() }, { identifier, secretHash: '' })
      const asserting: Credential = { ...credential, assertion }
      await tx.putCredential(asserting)
      return [view(asserting), { ...fact, detail: { ...fact.detail, issuer: assertion.issuer, subject: assertion.subject } }]
    }),

    /** Tells by a fact that a credential ends soon, once; one that does not, or was told of, is left alone. */
    tellExpiry: command(store, 'administer', async (tx, call, { id }: { readonly id: string }) => {
      const credential = await tx.credential(call.organizationId, id)
      const { expiresAt } = credential ?? {}
      const isDue = expiresAt && expiresAt > call.now && expiresAt.getTime() - call.now.getTime() <= expiryNoticeMs
      if (!credential || !isDue || credential.revokedAt || credential.expiryToldAt) return unchanged(undefined)
      await tx.putCredential({ ...credential, expiryToldAt: call.now })
      const { kind, name } = credential
      return [
        undefined,
        { action: 'credential.expiring', subject: id, detail: { kind, name, expiresAt: expiresAt.toISOString() } },
      ]
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
  const { identifier, secret } = input.newSecret(input.kind)
  const { credential, fact } = describe(call, input, { identifier, secretHash: hashSecret(secret) })
  await tx.putCredential(credential)
  return { issued: { credential: view(credential), secret }, fact }
}

/** A new credential and the fact of it, once it is known that it may be made. */
function describe(
  call: Call,
  input: CreateCredential & { readonly id: string },
  proof: Pick<Credential, 'identifier' | 'secretHash'>,
): { readonly credential: Credential; readonly fact: FactDraft } {
  const name = input.name.trim()
  if (!name || name.length > 100)
    throw new DirectoryError('invalid', 'Give the credential a name of 1 to 100 characters.', { field: 'name' })
  if (!input.scopes.every((scope) => call.scopes.has(scope)))
    throw new DirectoryError('forbidden', 'A credential cannot be given scopes that its maker lacks.', { field: 'scopes' })
  if (input.expiresAt && input.expiresAt <= call.now)
    throw new DirectoryError('invalid', 'The expiry lies in the past.', { field: 'expiresAt' })
  const credential: Credential = {
    id: input.id,
    organizationId: call.organizationId,
    kind: input.kind,
    name,
    ...proof,
    scopes: input.scopes,
    createdAt: call.now,
    expiresAt: input.expiresAt,
    lastUsedAt: undefined,
    revokedAt: undefined,
    ...(input.workspaceId !== undefined && { workspaceId: input.workspaceId }),
    ...(input.connectionId !== undefined && { connectionId: input.connectionId }),
  }
  return {
    credential,
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

const longestText = 500

function checkText(text: string, field: string): string {
  if (text === '' || text.length > longestText)
    throw new DirectoryError('invalid', `Give the ${field} of the assertions, with at most ${longestText} characters.`, { field })
  return text
}

function checkKeysUrl(text: string, outbound: Outbound): string {
  const url = text.length <= longestText && URL.canParse(text) ? new URL(text) : undefined
  const refusal = url ? outbound.refusalOfUrl(url) : 'Give the URL of the published keys, such as https://login.example.com/keys.'
  if (!url || refusal !== undefined) throw new DirectoryError('invalid', refusal ?? '', { field: 'keysUrl' })
  return url.href
}

const view = ({ secretHash: _, ...rest }: Credential): CredentialView => rest
