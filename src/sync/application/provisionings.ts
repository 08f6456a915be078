import { command, query, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import type { Membership } from '../../directory/membership.ts'
import { findConnection } from '../connections.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { causeOf } from '../raising.ts'
import type { ApplicationEngine, Provisioning } from './engine.ts'
import { findOpen, provisioningOf, type Position } from './provisioning.ts'

/** How many facts are looked through for what no plan shows yet. */
const factsAhead = 1000
/** How often it is looked whether a step has ended, where the parts do not look more often. */
const lookMs = 100

type Queries = Pick<ApplicationEngine, 'provisionings' | 'awaitProvisioning' | 'retrySteps'>

export function provisioningQueries(parts: SyncParts): Queries {
  const { ledger, directory } = parts

  /** Whose changes no plan shows yet; undefined when they may be everybody's. */
  const changedAhead = async ({ organizationId }: Call, connectionId: string, after: number) => {
    const facts = await directory.listFacts(systemCall(parts, organizationId), { after, limit: factsAhead })
    const ids = new Set<string>()
    for (const fact of facts) {
      const cause = causeOf(fact, connectionId)
      if (cause && !cause.membershipIds) return undefined
      for (const id of cause?.membershipIds ?? []) ids.add(id)
    }
    return ids
  }

  const positions = query(
    ledger,
    'read',
    async (tx: LedgerReader, call: Call, input: { readonly connectionId: string; readonly members: readonly Member[] }) => {
      const { organizationId } = call
      const { connectionId } = input
      const connection = await findConnection(tx, call, connectionId)
      // First: what is planned up to here has its steps by the time that they are read.
      const plannedUpTo = await tx.plannedUpTo(organizationId, connectionId)
      const steps = await tx.openSteps(organizationId, connectionId)
      const snapshot = await tx.latestSnapshot(organizationId, connectionId)
      const found: Omit<Position, 'changedSince' | 'now'>[] = []
      for (const { assigned, ...member } of input.members)
        found.push({
          connection,
          member,
          assigned,
          snapshot,
          link: await tx.linkOf(organizationId, connectionId, member.id),
          exclusion: await tx.exclusion(organizationId, connectionId, member.id),
          open: await findOpen(tx, call, steps, member.id),
        })
      return { found, plannedUpTo }
    },
  )

  const assignedAmong = async (
    call: Call,
    connectionId: string,
    members: readonly Membership[],
  ): Promise<ReadonlySet<string>> => {
    const assignments = await ledger.read((tx) => tx.assignments(call.organizationId, connectionId))
    if (assignments.some(({ kind }) => kind === 'everyone')) return new Set(members.map(({ id }) => id))
    const groupIds = new Set(assignments.flatMap((one) => (one.kind === 'group' ? [one.groupId] : [])))
    const direct = new Set(assignments.flatMap((one) => (one.kind === 'member' ? [one.membershipId] : [])))
    const groups = await directory.listGroupsOfMembers(call, { ids: members.map(({ id }) => id) })
    return new Set(
      members
        .map(({ id }) => id)
        .filter((id) => direct.has(id) || (groups.get(id) ?? []).some((group) => groupIds.has(group.id))),
    )
  }

  const retry = command(
    ledger,
    'write',
    async (
      tx: LedgerWriter,
      call: Call,
      input: { readonly connectionId: string; readonly membershipId: string },
    ): Promise<Outcome<undefined>> => {
      const { organizationId, now } = call
      const { connectionId } = input
      const failed = (await tx.openSteps(organizationId, connectionId)).filter(
        (step) => step.membershipId === input.membershipId && step.state === 'failed' && step.attempts > 0,
      )
      for (const step of failed) await tx.putStep({ ...step, retryAt: now, updatedAt: now })
      if (failed.length > 0) await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
      return unchanged(undefined)
    },
  )

  return {
    provisionings: async (call, { connectionId, members }) => {
      if (members.length === 0) return new Map()
      const assigned = await assignedAmong(call, connectionId, members)
      const { found, plannedUpTo } = await positions(call, {
        connectionId,
        members: members.map(({ id, userName, status }) => ({ id, userName, status, assigned: assigned.has(id) })),
      })
      const ahead = await changedAhead(call, connectionId, plannedUpTo)
      return new Map(
        found.map((position) => {
          const { id } = position.member
          return [id, provisioningOf({ ...position, changedSince: !ahead || ahead.has(id), now: parts.clock() })]
        }),
      )
    },

    awaitProvisioning: async (call, { connectionId, membershipId, since, waitMs }) => {
      const deadline = parts.clock().getTime() + waitMs
      const { sequence } = await directory.chainHead(systemCall(parts, call.organizationId), undefined)
      for (;;) {
        const member = await directory.getMember(systemCall(parts, call.organizationId), { id: membershipId })
        const assigned = (await assignedAmong(call, connectionId, [member])).has(membershipId)
        const { found, plannedUpTo } = await positions(call, { connectionId, members: [{ ...member, assigned }] })
        const [position] = found
        if (!position) throw new TypeError('a member without a position')
        const planned = plannedUpTo >= sequence
        const provisioning = provisioningOf({ ...position, changedSince: !planned, now: parts.clock() })
        const left = deadline - parts.clock().getTime()
        if (left <= 0 || isSettled(position, { provisioning, planned, since, now: parts.clock() })) return provisioning
        await parts.sleep(Math.min(parts.pollMs, lookMs, left))
      }
    },

    retrySteps: (call, input) => retry(call, input),
  }
}

type Member = Position['member'] & { readonly assigned: boolean }

/** Whether waiting longer would show nothing else: it ended, or only a person, or a later moment, moves it on. */
function isSettled(
  { open, connection }: Pick<Position, 'open' | 'connection'>,
  {
    provisioning,
    planned,
    since,
    now,
  }: { readonly provisioning: Provisioning; readonly planned: boolean; readonly since: Date; readonly now: Date },
): boolean {
  if (connection.health?.quarantine && provisioning.refused) return true
  if (!open) return provisioning.state === 'done' || planned || !connection.writesEnabled
  const { step } = open
  if (!planned && step.updatedAt < since) return false
  if (step.state === 'failed') return step.retryAt === undefined || step.retryAt > now
  return provisioning.state !== 'pending' || (!connection.writesEnabled && step.state !== 'sending' && step.state !== 'unknown')
}
