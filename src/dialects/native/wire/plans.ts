import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
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

const accountState = z.object({
  userName: z.string().optional(),
  email: z.string().optional(),
  givenName: z.string().optional(),
  familyName: z.string().optional(),
  roleIds: z.array(z.string()),
})

const Step = z.object({
  id,
  position: z.int(),
  kind: z.enum(stepKinds),
  memberId: id.optional(),
  accountId: z.string().optional(),
  subject: z.string(),
  desired: accountState.optional(),
  observed: accountState.optional(),
  changes: z.array(z.object({ attribute: z.string(), from: z.string().optional(), to: z.string().optional() })),
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
  reason: z.string(),
})

/** `text` is the plan for people to read. */
export const Plan = PlanSummary.extend({ steps: z.array(Step), approvals: z.array(Approval), text: z.string() })

export const createPlan = operation({
  name: 'createPlan',
  summary: 'Reads the vendor and plans the whole difference. The same difference as an open plan answers that plan',
  method: 'POST',
  path: '/connections/:connectionId/plans',
  status: 200,
  reply: json(Plan),
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
  reply: json(Plan),
})

export const approvePlan = operation({
  name: 'approvePlan',
  summary:
    'Approves the plan that has this digest. None of its authors can. Beyond the limit, the number of removals has to be named',
  method: 'POST',
  path: '/plans/:planId/approvals',
  request: json(
    z.strictObject({
      digest: z.string().max(200),
      removals: z.int().min(0).optional(),
      reason: z.string().trim().min(1).max(1000),
    }),
  ),
  status: 201,
  reply: json(Approval),
})

export const applyPlan = operation({
  name: 'applyPlan',
  summary: 'Carries out what the plan holds and may be carried out; answers when each of those steps has ended',
  method: 'POST',
  path: '/plans/:planId/apply',
  status: 200,
  reply: json(Plan),
})
