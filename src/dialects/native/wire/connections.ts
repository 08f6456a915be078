import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { Finding } from './findings.ts'
import { id, page, when } from './page.ts'

const approvalModes = ['automatic', 'approval'] as const
const policyParts = {
  additions: z.enum(approvalModes),
  changes: z.enum(approvalModes),
  onLeave: z.enum(['suspend', 'remove']),
  leavers: z.strictObject({ suspendAtOnce: z.enum(approvalModes) }),
  drift: z.enum(['report', 'revert']),
  matchBy: z.array(z.enum(['userName', 'externalId', 'emailAndName', 'email'])).max(4),
  findings: z.strictObject({ staleInvitationDays: z.int().exactOptional(), keyMaxAgeDays: z.int().exactOptional() }),
  roleMap: z.record(z.string(), z.string()),
  defaultRoles: z.array(z.string()).max(1000),
  protectedAccounts: z.array(z.string()).max(10_000),
}
const Policy = z.object({
  ...policyParts,
  onLeave: policyParts.onLeave.exactOptional(),
  leavers: policyParts.leavers.exactOptional(),
  findings: policyParts.findings.exactOptional(),
  removalLimit: z.object({ accounts: z.int(), percent: z.number() }),
})
const PolicyChange = z.strictObject({
  additions: policyParts.additions.exactOptional(),
  changes: policyParts.changes.exactOptional(),
  onLeave: policyParts.onLeave.exactOptional(),
  leavers: policyParts.leavers.exactOptional(),
  drift: policyParts.drift.exactOptional(),
  matchBy: policyParts.matchBy.exactOptional(),
  findings: policyParts.findings.exactOptional(),
  roleMap: policyParts.roleMap.exactOptional(),
  defaultRoles: policyParts.defaultRoles.exactOptional(),
  protectedAccounts: policyParts.protectedAccounts.exactOptional(),
  removalLimit: z.strictObject({ accounts: z.int().min(0), percent: z.number().min(0).max(100) }).exactOptional(),
})

const Assignment = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  z.strictObject({ kind: z.literal('group'), groupId: id }),
  z.strictObject({ kind: z.literal('member'), memberId: id }),
])

const Connection = z.object({
  id,
  name: z.string(),
  vendor: z.string(),
  baseUrl: z.string(),
  writesEnabled: z.boolean(),
  policy: Policy,
  createdAt: when,
  updatedAt: when,
})

export const Snapshot = z.object({
  id,
  startedAt: when,
  finishedAt: when,
  certificate: z.object({
    complete: z.boolean(),
    reasons: z.array(z.string()),
    pages: z.int(),
    accounts: z.int(),
    declaredTotal: z.int().optional(),
    repeatedIds: z.int(),
    passes: z.int().optional(),
    changedMeanwhile: z.int().optional(),
    provenGone: z.int(),
    digest: z.string(),
  }),
})

const Capabilities = z.object({
  create: z.boolean(),
  update: z.boolean(),
  suspend: z.boolean(),
  remove: z.boolean(),
  setRoles: z.boolean(),
  invite: z.boolean(),
  cancelInvitation: z.boolean(),
  notes: z.array(z.string()),
})

export const listConnections = operation({
  name: 'listConnections',
  summary: 'The vendor accounts that are acted on, all on one page. Their secrets are never shown',
  method: 'GET',
  path: '/connections',
  status: 200,
  reply: json(page(Connection)),
})

export const createConnection = operation({
  name: 'createConnection',
  summary: 'Connects a vendor account. It only reads until writes are enabled',
  method: 'POST',
  path: '/connections',
  request: json(
    z.strictObject({
      name: z.string(),
      vendor: z.string(),
      baseUrl: z.string(),
      credentials: z.record(z.string(), z.json()),
      assignments: z.array(Assignment).max(10_000),
      policy: PolicyChange.optional(),
    }),
  ),
  status: 201,
  reply: json(Connection),
})

export const readConnection = operation({
  name: 'readConnection',
  summary: 'One connection with whom it is for, what its vendor can do, and its last read',
  method: 'GET',
  path: '/connections/:connectionId',
  status: 200,
  reply: json(
    z.object({
      connection: Connection,
      assignments: z.array(Assignment),
      capabilities: Capabilities,
      snapshot: Snapshot.optional(),
    }),
  ),
})

export const changeConnection = operation({
  name: 'changeConnection',
  summary: 'Changes what is given and keeps the rest. Assignments are replaced whole, of the policy only what is named',
  method: 'PATCH',
  path: '/connections/:connectionId',
  request: json(
    z.strictObject({
      writesEnabled: z.boolean().optional(),
      policy: PolicyChange.optional(),
      credentials: z.record(z.string(), z.json()).optional(),
      baseUrl: z.string().optional(),
      assignments: z.array(Assignment).max(10_000).optional(),
    }),
  ),
  status: 200,
  reply: json(Connection),
})

export const deleteConnection = operation({
  name: 'deleteConnection',
  summary: 'Forgets a connection and its secret. Nothing is changed at the vendor; facts, plans and receipts stay',
  method: 'DELETE',
  path: '/connections/:connectionId',
  status: 204,
})

export const checkConnection = operation({
  name: 'checkConnection',
  summary: 'Sends harmless requests to the vendor and says what they show',
  method: 'POST',
  path: '/connections/:connectionId/check',
  status: 200,
  reply: json(
    z.object({
      usable: z.boolean(),
      findings: z.array(z.object({ level: z.enum(['ok', 'warning', 'problem']), message: z.string() })),
    }),
  ),
})

export const importAccounts = operation({
  name: 'importAccounts',
  summary: 'Reads the vendor completely, matches people, opens and closes findings. Changes nothing at the vendor',
  method: 'POST',
  path: '/connections/:connectionId/import',
  status: 200,
  reply: json(z.object({ snapshot: Snapshot, matched: z.int(), findings: z.array(Finding) })),
})
