import type { Assignment, ConnectionView, Policy } from '../../../sync/connection.ts'
import type { PlanView } from '../../../sync/engine.ts'
import type { Approval, Plan, Snapshot, Step, StoredReceipt } from '../../../sync/ledger.ts'
import { nextSteps, planAsText } from '../../../sync/render.ts'
import { unknownHealth, type Health } from '../../../sync/quarantine/health.ts'
import type { Standing } from '../../../sync/standing.ts'
import type { Value } from '../../../wire/operation.ts'
import type * as connections from '../wire/connections.ts'
import type * as plans from '../wire/plans.ts'
import type * as receipts from '../wire/receipts.ts'

type PlanBody = Value<(typeof plans.readPlan)['reply']>
type ConnectionBody = Value<(typeof connections.createConnection)['reply']>
type DetailBody = Value<(typeof connections.readConnection)['reply']>

/** `origin` is where the server's paths start, as the caller reaches it. */
export const toConnection = (connection: ConnectionView, origin: string): ConnectionBody => ({
  id: connection.id,
  name: connection.name,
  vendor: connection.vendor,
  baseUrl: connection.baseUrl,
  writesEnabled: connection.writesEnabled,
  policy: toPolicy(connection.policy),
  scimBaseUrl: `${origin}/scim/v2/connections/${connection.id}`,
  managedBy: connection.managedBy && { ...connection.managedBy, drift: [...connection.managedBy.drift] },
  plannedAt: connection.plannedAt,
  health: toHealth(connection.health),
  createdAt: connection.createdAt,
  updatedAt: connection.updatedAt,
})

const toHealth = (known: Health | undefined): ConnectionBody['health'] => {
  const { reads, writes, lastFailure, quarantine, ...health } = known ?? unknownHealth
  return {
    state: !known ? 'unknown' : quarantine ? 'quarantine' : reads.failures + writes.failures > 0 ? 'failing' : 'works',
    lastSuccessAt: health.lastSuccessAt,
    lastReadAt: health.lastReadAt,
    lastFailure,
    failedReads: reads.failures,
    failedWrites: writes.failures,
    quarantine,
    silentSince: health.silentSince,
  }
}

const toPolicy = ({ approvers, ownerRoles, billingRoles, ...policy }: Policy): ConnectionBody['policy'] => ({
  ...policy,
  ...(approvers && { approvers: [...approvers] }),
  ...(ownerRoles && { ownerRoles: [...ownerRoles] }),
  ...(billingRoles && { billingRoles: [...billingRoles] }),
  matchBy: [...policy.matchBy],
  roleMap: { ...policy.roleMap },
  defaultRoles: [...policy.defaultRoles],
  protectedAccounts: [...policy.protectedAccounts],
  removalLimit: { ...policy.removalLimit },
})

export const toAssignment = (assignment: Assignment): DetailBody['assignments'][number] =>
  assignment.kind === 'member' ? { kind: 'member', memberId: assignment.membershipId } : assignment

export const fromAssignment = (assignment: DetailBody['assignments'][number]): Assignment =>
  assignment.kind === 'member' ? { kind: 'member', membershipId: assignment.memberId } : assignment

export const toSnapshot = ({ id, startedAt, finishedAt, certificate }: Snapshot): NonNullable<DetailBody['snapshot']> => ({
  id,
  startedAt,
  finishedAt,
  certificate: { ...certificate, reasons: [...certificate.reasons] },
})

/** A plan with its text for people; plans outlive their connection. */
export function toPlan(view: PlanView, connections: readonly ConnectionView[]): PlanBody {
  const connection = connections.find(({ id }) => id === view.plan.connectionId)
  return {
    ...toPlanSummary(view.plan),
    steps: view.steps.map(toStep),
    approvals: view.approvals.map(toApproval),
    ...(connection
      ? {
          connection: { name: connection.name, vendor: connection.vendor },
          ...(view.standing && { standing: toStanding(view.standing) }),
          next: [...nextSteps(view, connection)],
          text: planAsText(view, connection),
        }
      : { text: `Plan ${view.plan.id}: its connection was removed, and nothing more of it will be carried out.` }),
  }
}

const toStanding = ({ approvedBy, risksToName, ...standing }: Standing): NonNullable<PlanBody['standing']> => ({
  ...standing,
  approvedBy: [...approvedBy],
  risksToName: [...risksToName],
})

export const toPlanSummary = (plan: Plan): Value<(typeof plans.listPlans)['reply']>['items'][number] => ({
  id: plan.id,
  connectionId: plan.connectionId,
  snapshotId: plan.snapshotId,
  digest: plan.digest,
  authors: [...plan.authors],
  reason: plan.reason,
  origin: plan.origin,
  accounts: plan.accounts,
  removals: plan.removals,
  state: plan.state,
  supersededBy: plan.supersededBy,
  createdAt: plan.createdAt,
})

const toStep = (step: Step): PlanBody['steps'][number] => ({
  id: step.id,
  position: step.position,
  kind: step.kind,
  memberId: step.membershipId,
  accountId: step.accountId,
  subject: step.subject,
  desired: step.desired && { ...step.desired, roleIds: [...step.desired.roleIds] },
  observed: step.observed && { ...step.observed, roleIds: [...step.observed.roleIds] },
  changes: step.changes.map((change) => ({ ...change })),
  risks: step.risks?.map((risk) => ({ ...risk })),
  stale: step.stale && { ...step.stale, changes: step.stale.changes.map((change) => ({ ...change })) },
  state: step.state,
  reason: step.reason,
  attempts: step.attempts,
  retryAt: step.retryAt,
  updatedAt: step.updatedAt,
})

export const toApproval = ({
  id,
  planId,
  digest,
  actor,
  at,
  removals,
  accepted,
  reason,
}: Approval): PlanBody['approvals'][number] => ({
  id,
  planId,
  digest,
  actor,
  at,
  removals,
  accepted: accepted && [...accepted],
  reason,
})

export const toReceiptSummary = (receipt: StoredReceipt): Value<(typeof receipts.listReceipts)['reply']>['items'][number] => ({
  id: receipt.id,
  connectionId: receipt.connectionId,
  stepId: receipt.stepId,
  subject: receipt.subject,
  issuedAt: receipt.issuedAt,
})
