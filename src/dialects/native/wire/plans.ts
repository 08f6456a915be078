import { z } from 'zod'
import { json, jsonOrMarkdown, operation } from '../../../wire/operation.ts'
import { planAsMarkdown } from '../plan-markdown.ts'
import { id, page, pageQuery, when } from './page.ts'

export const stepKinds = [
  'invite',
  'create',
  'update',
  'setRoles',
  'suspend',
  'resume',
  'remove',
  'cancelInvitation',
  'createKey',
  'deleteKey',
] as const
export const stepStates = ['planned', 'approved', 'sending', 'done', 'failed', 'unknown', 'unsupported', 'superseded'] as const
export const planStates = ['open', 'closed', 'superseded'] as const

export const graveRisks = ['lastOwner', 'lastBilling'] as const
export const riskKinds = [
  ...graveRisks,
  'ownsKeys',
  'keysUnread',
  'openSessions',
  'residue',
  'keepsAccess',
  'invitationPending',
] as const

const accountState = z.object({
  userName: z.string().optional(),
  email: z.string().optional(),
  givenName: z.string().optional(),
  familyName: z.string().optional(),
  roleIds: z.array(z.string()),
})

const change = z.object({ attribute: z.string(), from: z.string().optional(), to: z.string().optional() })

const Step = z.object({
  id,
  position: z.int(),
  kind: z.enum(stepKinds),
  memberId: id.optional(),
  accountId: z.string().optional(),
  subject: z.string(),
  desired: accountState.optional(),
  observed: accountState.optional(),
  changes: z.array(change),
  risks: z.array(z.object({ kind: z.enum(riskKinds), weight: z.enum(['grave', 'note']), message: z.string() })).optional(),
  stale: z.object({ changes: z.array(change), changedAt: when.optional(), changedBy: z.string().optional() }).optional(),
  state: z.enum(stepStates),
  reason: z.string(),
  attempts: z.int(),
  retryAt: when.optional(),
  updatedAt: when,
})

const PlanSummary = z.object({
  id,
  connectionId: id,
  snapshotId: id,
  digest: z.string(),
  authors: z.array(z.string()),
  reason: z.string(),
  origin: z.enum(['schedule', 'fact', 'person']).optional(),
  accounts: z.int(),
  removals: z.int(),
  state: z.enum(planStates),
  supersededBy: id.optional(),
  createdAt: when,
})

const Approval = z.object({
  id,
  planId: id,
  digest: z.string(),
  actor: z.string(),
  at: when,
  removals: z.int().optional(),
  accepted: z.array(z.enum(riskKinds)).optional(),
  reason: z.string(),
})

/** Where the plan stands with those who decide; `expiresAt` is until when it may be approved or, approved, carried out. */
const Standing = z.object({
  decision: z.enum(['none', 'waits', 'approved', 'expired']),
  quorum: z.int(),
  approvedBy: z.array(z.string()),
  expiresAt: when,
  removalsToName: z.int().optional(),
  risksToName: z.array(z.enum(riskKinds)),
})

/** `text` is the plan for people to read, `next` what there is to do with it. Both and `standing` are absent or say so where the connection was removed. */
export const Plan = PlanSummary.extend({
  connection: z.object({ name: z.string(), vendor: z.string() }).optional(),
  steps: z.array(Step),
  approvals: z.array(Approval),
  standing: Standing.optional(),
  next: z.array(z.string()).optional(),
  text: z.string(),
})
export type PlanBody = z.output<typeof Plan>

/** Markdown, for a pull request, with `Accept: text/markdown`. */
const planReply = jsonOrMarkdown(Plan, planAsMarkdown)

export const createPlan = operation({
  name: 'createPlan',
  summary: 'Reads the vendor and plans the whole difference. The same difference as an open plan answers that plan',
  method: 'POST',
  path: '/connections/:connectionId/plans',
  status: 200,
  reply: planReply,
})

export const listPlans = operation({
  name: 'listPlans',
  summary: 'Plans, newest first, without their steps',
  method: 'GET',
  path: '/plans',
  query: z.strictObject({ ...pageQuery, connectionId: id.optional(), state: z.enum(planStates).optional() }),
  status: 200,
  reply: json(page(PlanSummary)),
})

export const readPlan = operation({
  name: 'readPlan',
  summary: 'One plan with its steps, what became of each, and who approved it',
  method: 'GET',
  path: '/plans/:planId',
  status: 200,
  reply: planReply,
})

export const approvePlan = operation({
  name: 'approvePlan',
  summary:
    'Approves the plan that has this digest. None of its authors can. Beyond the limit the number of removals has to be named, and each grave risk in any case',
  method: 'POST',
  path: '/plans/:planId/approvals',
  request: json(
    z.strictObject({
      digest: z.string().max(200),
      removals: z.int().min(0).optional(),
      accept: z.array(z.enum(graveRisks)).max(10).optional(),
      reason: z.string().trim().min(1).max(1000),
    }),
  ),
  status: 201,
  reply: json(Approval),
})

export const applyPlan = operation({
  name: 'applyPlan',
  summary:
    'Carries out what the plan holds and may be carried out, of this digest where one is given; answers when each of those steps has ended',
  method: 'POST',
  path: '/plans/:planId/apply',
  query: z.strictObject({ digest: z.string().max(200).optional() }),
  status: 200,
  reply: planReply,
})
