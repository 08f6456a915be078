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
    'Makes a native key for a duty, a further credential of another kind, or with a connectionId the token of that connection’s SCIM address. The answer carries the one copy of the secret',
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
  reply: json(z.object({ credential: Credential, key: z.string() })),
})

export const revokeCredential = operation({
  name: 'revokeCredential',
  summary: 'Revokes a credential: from the moment this answers, it proves nothing',
  method: 'POST',
  path: '/credentials/:credentialId/revoke',
  status: 200,
  reply: json(Credential),
})
