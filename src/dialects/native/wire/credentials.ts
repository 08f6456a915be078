import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, when } from './page.ts'

export const duties = ['owner', 'operator', 'approver', 'auditor'] as const
export const scopes = ['read', 'write', 'administer', 'operate', 'approve', 'audit'] as const

export const Credential = z.object({
  id,
  kind: z.string(),
  name: z.string(),
  identifier: z.string(),
  scopes: z.array(z.enum(scopes)),
  createdAt: when,
  expiresAt: when.optional(),
  lastUsedAt: when.optional(),
  revokedAt: when.optional(),
  connectionId: id.optional(),
  /** Of a client that signs assertions and has no secret. */
  assertion: z.object({ issuer: z.string(), subject: z.string(), audience: z.string(), keysUrl: z.string() }).optional(),
})

export const listCredentials = operation({
  name: 'listCredentials',
  summary: 'The credentials of the organization, revoked ones too, all on one page. Secrets are never shown again',
  method: 'GET',
  path: '/credentials',
  status: 200,
  reply: json(page(Credential)),
})

export const createCredential = operation({
  name: 'createCredential',
  summary:
    'Makes a native key for a duty, a further credential of another kind, or with a connectionId the token of that connection’s SCIM address. The answer carries the one copy of the secret. ' +
    'A scimclient asks for access tokens at tokenUrl; its identifier is the client_id',
  method: 'POST',
  path: '/credentials',
  request: json(
    z.strictObject({
      name: z.string(),
      duty: z.enum(duties).optional(),
      kind: z.string().max(40).optional(),
      expiresAt: when.optional(),
      connectionId: id.optional(),
    }),
  ),
  status: 201,
  reply: json(z.object({ credential: Credential, key: z.string(), tokenUrl: z.string().optional() })),
})

export const createAssertingClient = operation({
  name: 'createAssertingClient',
  summary:
    'Makes a scimclient without a secret: it asks for access tokens at tokenUrl by assertions that it signs with published keys (RFC 7523). ' +
    'They name its identifier as subject, and tokenUrl as audience, where the request says nothing else',
  method: 'POST',
  path: '/credentials/asserting',
  request: json(
    z.strictObject({
      name: z.string(),
      issuer: z.string(),
      keysUrl: z.string(),
      subject: z.string().optional(),
      audience: z.string().optional(),
      expiresAt: when.optional(),
      connectionId: id.optional(),
    }),
  ),
  status: 201,
  reply: json(z.object({ credential: Credential, tokenUrl: z.string() })),
})

export const revokeCredential = operation({
  name: 'revokeCredential',
  summary: 'Revokes a credential: from the moment this answers, it proves nothing',
  method: 'POST',
  path: '/credentials/:credentialId/revoke',
  status: 200,
  reply: json(Credential),
})
