import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { Finding } from './findings.ts'
import { id, page, when } from './page.ts'
import { Policy, PolicyChange } from './policy.ts'

const Assignment = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  z.strictObject({ kind: z.literal('group'), groupId: id }),
  z.strictObject({ kind: z.literal('member'), memberId: id }),
])

/** How the vendor answers, as every process knows it. */
const Health = z.object({
  state: z.enum(['unknown', 'works', 'failing', 'quarantine']),
  lastSuccessAt: when.optional(),
  lastReadAt: when.optional(),
  lastFailure: z.object({ at: when, side: z.enum(['reads', 'writes']), status: z.int(), message: z.string() }).optional(),
  failedReads: z.int(),
  failedWrites: z.int(),
  quarantine: z
    .object({
      cause: z.enum(['failures', 'credentials', 'planGate', 'person']),
      since: when,
      reason: z.string(),
      by: z.string().optional(),
      probeAt: when.optional(),
      probes: z.int(),
      successes: z.int(),
      lastProbe: z.string().optional(),
    })
    .optional(),
  silentSince: when.optional(),
})

const Connection = z.object({
  id,
  name: z.string(),
  vendor: z.string(),
  baseUrl: z.string(),
  writesEnabled: z.boolean(),
  policy: Policy,
  scimBaseUrl: z.string(),
  managedBy: z.object({ file: z.string(), appliedAt: when, drift: z.array(z.string()) }).optional(),
  plannedAt: when.optional(),
  health: Health,
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

const Because = z.strictObject({ reason: z.string().min(1).max(2000) })

export const quarantineConnection = operation({
  name: 'quarantineConnection',
  summary: 'Writes nothing to the vendor from now on, until somebody releases the connection. What is planned and approved waits',
  method: 'POST',
  path: '/connections/:connectionId/quarantine',
  request: json(Because),
  status: 200,
  reply: json(Connection),
})

export const releaseConnection = operation({
  name: 'releaseConnection',
  summary: 'Lets a connection out of quarantine: it goes on where it stopped',
  method: 'POST',
  path: '/connections/:connectionId/release',
  request: json(Because),
  status: 200,
  reply: json(Connection),
})
