import { isDeepStrictEqual } from 'node:util'
import type { Call, Outcome } from '../directory/call.ts'
import { command, unchanged } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import { requireOperator, systemCall, type SyncParts } from './parts.ts'
import type { JsonObject } from '../directory/json.ts'
import { checkBaseUrl, checkName, checkPolicy } from './check-connection.ts'
import type { StandingConnection } from './configuration/differences.ts'
import { managedIn, newlyDrifted } from './configuration/managed.ts'
import { defaultPolicy, type Assignment, type Connection, type ConnectionView } from './connection.ts'
import { distinct } from './distinct-assignments.ts'
import { disconnect } from './leaver/open.ts'
import type { LedgerReader, LedgerWriter } from './ledger.ts'
import type { AddConnection, ChangeConnection } from './engine.ts'
import { openVendor, refusingConfigErrors, secretContext } from './open-vendor.ts'
import { changePolicy } from './policy.ts'
import type { Health } from './quarantine/health.ts'

export function connectionCommands(parts: SyncParts) {
  const { ledger, newId, sealer } = parts

  const add = command(
    ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, input: AddConnection): Promise<Outcome<ConnectionView>> => {
      const id = newId()
      const connection: Connection = {
        id,
        organizationId: call.organizationId,
        name: checkName(input.name),
        vendor: input.vendor,
        baseUrl: checkBaseUrl(input.baseUrl),
        sealedSecret: sealer.seal(JSON.stringify(input.credentials), secretContext(id)),
        writesEnabled: false,
        policy: checkPolicy(changePolicy(defaultPolicy, input.policy)),
        createdAt: call.now,
        updatedAt: call.now,
      }
      if (await tx.connectionByName(call.organizationId, connection.name))
        throw new DirectoryError('taken', 'A connection has this name already.', { field: 'name' })
      refusingConfigErrors('credentials', () => openVendor(parts, connection))
      const head = await tx.chainHead(call.organizationId)
      await tx.putConnection(connection)
      await tx.setAssignments(call.organizationId, id, distinct(input.assignments))
      await tx.setPlannedUpTo(call.organizationId, id, head.sequence)
      await tx.schedule({ organizationId: call.organizationId, kind: 'reconcile', subject: id, dueAt: call.now })
      return [viewOf(connection), { action: 'connection.created', subject: id, detail: detailOf(connection, input.assignments) }]
    },
  )

  const alter = async (tx: LedgerWriter, call: Call, input: ChangeConnection): Promise<Outcome<ConnectionView>> => {
    const current = await findConnection(tx, call, input.id)
    const next: Connection = {
      ...current,
      ...(input.writesEnabled !== undefined && { writesEnabled: input.writesEnabled }),
      ...(input.baseUrl !== undefined && { baseUrl: checkBaseUrl(input.baseUrl) }),
      ...(input.credentials !== undefined && {
        sealedSecret: sealer.seal(JSON.stringify(input.credentials), secretContext(current.id)),
      }),
      policy: checkPolicy(changePolicy(current.policy, input.policy)),
      updatedAt: call.now,
      ...(current.health && mended(input) && { health: probedAt(current.health, call.now) }),
    }
    const before = distinct(await tx.assignments(call.organizationId, current.id))
    const assignments = input.assignments ? distinct(input.assignments) : before
    const changed = {
      writesEnabled: next.writesEnabled !== current.writesEnabled,
      baseUrl: next.baseUrl !== current.baseUrl,
      credentials: input.credentials !== undefined,
      policy: !isDeepStrictEqual(next.policy, current.policy),
      assignments: !isDeepStrictEqual(assignments, before),
    }
    const names = Object.entries(changed).flatMap(([name, is]) => (is ? [name] : []))
    if (names.length === 0) return unchanged(viewOf(current))
    if (changed.baseUrl || changed.credentials) refusingConfigErrors('credentials', () => openVendor(parts, next))
    await tx.putConnection(next)
    if (changed.assignments) await tx.setAssignments(call.organizationId, current.id, assignments)
    if (changed.policy) await addAuthor(tx, call, current.id)
    // What failed may have failed for what was just mended.
    for (const step of await tx.openSteps(call.organizationId, current.id))
      if (step.state === 'failed' && step.attempts > 0) await tx.putStep({ ...step, retryAt: call.now, updatedAt: call.now })
    await tx.schedule({ organizationId: call.organizationId, kind: 'reconcile', subject: current.id, dueAt: call.now })
    return [
      viewOf(next),
      { action: 'connection.changed', subject: current.id, detail: { ...detailOf(next, assignments), changed: names } },
    ]
  }

  const applyFile = command(ledger, 'operate', alter)
  /** Whoever changes what a file names is let do it, and a fact tells. */
  const change = command(
    ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, input: ChangeConnection): Promise<Outcome<ConnectionView>> => {
      const before = await standingOf(tx, call, input.id)
      const [view, first, ...rest] = await alter(tx, call, input)
      const after = await standingOf(tx, call, input.id)
      const applied = await tx.configuration(call.organizationId)
      const shown = { ...view, ...managedIn(parts, applied, after) }
      const settings = newlyDrifted(parts, applied, { before, after })
      if (typeof first === 'symbol') return unchanged(shown)
      const drifted: FactDraft[] =
        settings.length > 0 && applied
          ? [{ action: 'configuration.drifted', subject: view.id, detail: { name: view.name, file: applied.file, settings } }]
          : []
      return [shown, first, ...rest, ...drifted]
    },
  )

  const remove = command(
    ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, { id }: { readonly id: string }): Promise<Outcome<ConnectionView>> => {
      const connection = await findConnection(tx, call, id)
      const ended = await disconnect(tx, call, { connectionId: id, parts })
      await tx.removeConnection(call.organizationId, id)
      return [
        viewOf(connection),
        {
          action: 'connection.removed',
          subject: id,
          detail: { name: connection.name, vendor: connection.vendor, baseUrl: connection.baseUrl },
        },
        ...ended,
      ]
    },
  )

  return {
    add: async (call: Call, input: AddConnection): Promise<ConnectionView> => {
      await requireOperator(parts, call)
      await checkAssignments(parts, call, input.assignments)
      return add(call, input)
    },
    change: async (call: Call, input: ChangeConnection): Promise<ConnectionView> => {
      await requireOperator(parts, call)
      if (input.assignments) await checkAssignments(parts, call, input.assignments)
      return change(call, input)
    },
    remove,
    /** A change within a transaction that does more. */
    alter,
    /** As `change`, for a file: what it names is not taken away from what it says. */
    applyFile,
  }
}

/** Whether it may be for what is changed that the vendor failed. */
const mended = ({ credentials, baseUrl }: ChangeConnection): boolean => credentials !== undefined || baseUrl !== undefined

/** A connection that waits in quarantine is probed at once. */
const probedAt = (health: Health, now: Date): Health =>
  health.quarantine?.probeAt ? { ...health, quarantine: { ...health.quarantine, probeAt: now } } : health

/** Whoever changes what a plan is judged by has a hand in it: of the plans that are open they decide none, and an approval of theirs counts no more. */
async function addAuthor(tx: LedgerWriter, { organizationId, actor }: Call, connectionId: string): Promise<void> {
  for (const plan of await tx.plans(organizationId, { connectionId, state: 'open', limit: 10_000 }))
    if (!plan.authors.includes(actor)) await tx.putPlan({ ...plan, authors: [...plan.authors, actor] })
}

/** What anybody may see: everything but the secret. */
export function viewOf({ sealedSecret: _sealedSecret, ...view }: Connection): ConnectionView {
  return view
}

export async function findConnection(tx: LedgerReader, call: Call, id: string): Promise<Connection> {
  const connection = await tx.connection(call.organizationId, id)
  if (!connection) throw new DirectoryError('notFound', 'There is no such connection in this organization.', { field: 'id' })
  return connection
}

async function standingOf(tx: LedgerReader, call: Call, id: string): Promise<StandingConnection> {
  const connection = await findConnection(tx, call, id)
  return { connection, assignments: await tx.assignments(call.organizationId, id) }
}

/** Refuses groups and members that the organization does not have. */
async function checkAssignments(
  { directory, clock, newId }: SyncParts,
  { organizationId }: Call,
  assignments: readonly Assignment[],
): Promise<void> {
  const call = systemCall({ clock, newId }, organizationId)
  try {
    for (const assignment of assignments) {
      if (assignment.kind === 'group') await directory.getGroup(call, { id: assignment.groupId })
      if (assignment.kind === 'member') await directory.getMember(call, { id: assignment.membershipId })
    }
  } catch (cause) {
    if (cause instanceof DirectoryError && cause.refusal === 'notFound')
      throw new DirectoryError('invalid', `An assignment names somebody who is not here. ${cause.message}`, {
        field: 'assignments',
        cause,
      })
    throw cause
  }
}

const detailOf = (connection: Connection, assignments: readonly Assignment[]): JsonObject => ({
  name: connection.name,
  vendor: connection.vendor,
  baseUrl: connection.baseUrl,
  writesEnabled: connection.writesEnabled,
  policy: { ...connection.policy },
  assignments: assignments.map((assignment) => ({ ...assignment })),
})
