import type { Kysely } from 'kysely'
import type { Credential } from '../directory/credential.ts'
import type { CallingCredential, Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { gather } from './gather.ts'
import { addRow, dateOf, dateOrNone, msOf, msOrNull, putRow } from './rows.ts'
import type { CredentialRow, OrganizationRow, Schema } from './schema.ts'
import { statement } from './statement.ts'

const byId = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('credentials').selectAll().where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const all = statement((db, p: { readonly organization_id: string }) =>
  db.selectFrom('credentials').selectAll().where('organization_id', '=', p.organization_id).orderBy('id'),
)
const calling = (db: Kysely<Schema>) =>
  db
    .selectFrom('credentials')
    .leftJoin('organizations', 'organizations.id', 'credentials.organization_id')
    .selectAll('credentials')
    .select('organizations.extensions_revision')
const byIdentifier = statement((db, p: { readonly identifier: string }) => calling(db).where('identifier', '=', p.identifier))
/** `identifiers` is a JSON array. */
const byIdentifiers = statement((db, p: { readonly identifiers: string }, dialect) =>
  calling(db).where('identifier', 'in', dialect.texts(p.identifiers)),
)
const put = putRow('credentials', {
  key: ['organization_id', 'id'],
  rest: [
    'kind',
    'name',
    'identifier',
    'secret_hash',
    'scopes',
    'created_at',
    'expires_at',
    'last_used_at',
    'revoked_at',
    'workspace_id',
    'connection_id',
    'assertion',
    'expiry_told_at',
  ],
})

const ending = statement((db, p: { readonly after: number; readonly before: number }) =>
  db
    .selectFrom('credentials')
    .selectAll()
    .where('expires_at', '>', p.after)
    .where('expires_at', '<=', p.before)
    .where('revoked_at', 'is', null)
    .where('expiry_told_at', 'is', null)
    .orderBy('expires_at')
    .limit(1_000),
)

interface Taken {
  readonly organization_id: string
  readonly credential_id: string
  readonly id: string
}
const taken = statement((db, p: Taken) =>
  db
    .selectFrom('taken_assertions')
    .select('id')
    .where('organization_id', '=', p.organization_id)
    .where('credential_id', '=', p.credential_id)
    .where('id', '=', p.id),
)
const take = addRow('taken_assertions', { key: ['organization_id', 'credential_id', 'id'], rest: ['expires_at'] })
const forget = statement((db, p: { readonly organization_id: string; readonly until: number }) =>
  db.deleteFrom('taken_assertions').where('organization_id', '=', p.organization_id).where('expires_at', '<', p.until),
)

export function readCredentials(executor: Executor) {
  return {
    credential: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && toCredential(row)
    },
    credentials: async (organizationId) => (await executor.all(all, { organization_id: organizationId })).map(toCredential),
    credentialByIdentifier: async (identifier) => {
      const row = await executor.first(byIdentifier, { identifier })
      return row && toCalling(row)
    },
    credentialsEnding: async ({ after, before }) =>
      (await executor.all(ending, { after: msOf(after), before: msOf(before) })).map(toCredential),
  } satisfies Partial<Reader>
}

/** Every request looks for one: what was found is kept until something is written. */
export function rememberCredentials(
  { credentialByIdentifier }: Pick<Reader, 'credentialByIdentifier'>,
  commits: () => number,
): Reader['credentialByIdentifier'] {
  const known = new Map<string, CallingCredential>()
  let knownAt = commits()
  return async (identifier) => {
    const now = commits()
    if (now !== knownAt || known.size > 1_000) known.clear()
    knownAt = now
    const remembered = known.get(identifier)
    if (remembered) return remembered
    const found = await credentialByIdentifier(identifier)
    if (found && knownAt === now) known.set(identifier, found)
    return found
  }
}

/** Looks for those together that are presented in the same turn. */
export function gatherCredentials(executor: Executor): Reader['credentialByIdentifier'] {
  const find = gather(async (_everybody, identifiers) => {
    const rows = await executor.all(byIdentifiers, { identifiers: JSON.stringify(identifiers) })
    return new Map(rows.map((row) => [row.identifier, toCalling(row)]))
  })
  return (identifier) => find('', identifier)
}

export function writeCredentials(executor: Executor) {
  return {
    putCredential: async (credential) => {
      await executor.run(put, {
        organization_id: credential.organizationId,
        id: credential.id,
        kind: credential.kind,
        name: credential.name,
        identifier: credential.identifier,
        secret_hash: credential.secretHash,
        scopes: JSON.stringify(credential.scopes),
        created_at: msOf(credential.createdAt),
        expires_at: msOrNull(credential.expiresAt),
        last_used_at: msOrNull(credential.lastUsedAt),
        revoked_at: msOrNull(credential.revokedAt),
        workspace_id: credential.workspaceId ?? null,
        connection_id: credential.connectionId ?? null,
        assertion: credential.assertion ? JSON.stringify(credential.assertion) : null,
        expiry_told_at: msOrNull(credential.expiryToldAt),
      })
    },
    takeAssertion: async ({ organizationId, id: credentialId }, { id, expiresAt, now }) => {
      const key = { organization_id: organizationId, credential_id: credentialId, id }
      await executor.run(forget, { organization_id: organizationId, until: msOf(now) })
      if (await executor.first(taken, key)) return false
      await executor.run(take, { ...key, expires_at: msOf(expiresAt) })
      return true
    },
  } satisfies Partial<Writer>
}

const toCredential = (row: CredentialRow): Credential => ({
  id: row.id,
  organizationId: row.organization_id,
  kind: row.kind,
  name: row.name,
  identifier: row.identifier,
  secretHash: row.secret_hash,
  scopes: JSON.parse(row.scopes),
  createdAt: dateOf(row.created_at),
  expiresAt: dateOrNone(row.expires_at),
  lastUsedAt: dateOrNone(row.last_used_at),
  revokedAt: dateOrNone(row.revoked_at),
  ...(row.workspace_id !== null && { workspaceId: row.workspace_id }),
  ...(row.connection_id !== null && { connectionId: row.connection_id }),
  ...(row.assertion !== null && { assertion: JSON.parse(row.assertion) }),
  ...(row.expiry_told_at !== null && { expiryToldAt: dateOf(row.expiry_told_at) }),
})

const toCalling = (
  row: CredentialRow & { readonly extensions_revision: OrganizationRow['extensions_revision'] | null },
): CallingCredential => ({
  ...toCredential(row),
  ...(row.extensions_revision && { extensionsRevision: row.extensions_revision }),
})
