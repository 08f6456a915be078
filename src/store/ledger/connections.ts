import type { Assignment, Connection } from '../../sync/connection.ts'
import type { LedgerReader, LedgerWriter, Wanted } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { toWanted, wantedMembers } from './wanted.ts'

interface Owned {
  readonly organization_id: string
}
interface OfConnection extends Owned {
  readonly connection_id: string
}

const byId = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('connections').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byName = statement((db, p: Owned & { readonly name: string }) =>
  db.selectFrom('connections').select('content').where('organization_id', '=', p.organization_id).where('name', '=', p.name),
)
const all = statement((db, p: Owned) =>
  db.selectFrom('connections').select('content').where('organization_id', '=', p.organization_id).orderBy('id'),
)
const put = putRow('connections', { key: ['organization_id', 'id'], rest: ['name', 'content'] })
const remove = statement((db, p: OfConnection) =>
  db.deleteFrom('connections').where('organization_id', '=', p.organization_id).where('id', '=', p.connection_id),
)
const removeOwned = (
  [
    'assignments',
    'snapshots',
    'accounts',
    'aside_accounts',
    'links',
    'markings',
    'questions',
    'findings',
    'plan_cursors',
    'rotations',
    'exclusions',
  ] as const
).map((table) =>
  statement((db, p: OfConnection) =>
    db.deleteFrom(table).where('organization_id', '=', p.organization_id).where('connection_id', '=', p.connection_id),
  ),
)
const removeWork = statement((db, p: OfConnection) =>
  db.deleteFrom('work').where('organization_id', '=', p.organization_id).where('subject', '=', p.connection_id),
)
const startCursor = statement((db, p: Owned) =>
  db
    .insertInto('cursors')
    .values({ organization_id: p.organization_id, sequence: 0 })
    .onConflict((conflict) => conflict.doNothing()),
)

const assignments = statement((db, p: OfConnection) =>
  db
    .selectFrom('assignments')
    .select(['kind', 'subject'])
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .orderBy('kind')
    .orderBy('subject'),
)
const clearAssignments = statement((db, p: OfConnection) =>
  db.deleteFrom('assignments').where('organization_id', '=', p.organization_id).where('connection_id', '=', p.connection_id),
)
const putAssignment = putRow('assignments', { key: ['organization_id', 'connection_id', 'kind', 'subject'], rest: [] })

const wanted = statement((db, p: OfConnection & { readonly after: string; readonly limit: number }) =>
  wantedMembers(db, p).where('memberships.id', '>', p.after).orderBy('memberships.id').limit(p.limit),
)

export function readConnections(executor: Executor) {
  const toOne = (row: { readonly content: string } | undefined) => row && decode<Connection>(row.content)
  return {
    connection: async (organizationId, id) => toOne(await executor.first(byId, { organization_id: organizationId, id })),
    connectionByName: async (organizationId, name) =>
      toOne(await executor.first(byName, { organization_id: organizationId, name })),
    connections: async (organizationId) =>
      (await executor.all(all, { organization_id: organizationId })).map((row) => decode<Connection>(row.content)),
    assignments: async (organizationId, connectionId) =>
      (await executor.all(assignments, { organization_id: organizationId, connection_id: connectionId })).map(toAssignment),
    wanted: async (organizationId, connectionId, { after, limit }): Promise<readonly Wanted[]> => {
      const rows = await executor.all(wanted, {
        organization_id: organizationId,
        connection_id: connectionId,
        after: after ?? '',
        limit,
      })
      return toWanted(executor, organizationId, rows)
    },
  } satisfies Partial<LedgerReader>
}

export function writeConnections(executor: Executor) {
  return {
    putConnection: async (connection) => {
      const { organizationId, id, name } = connection
      await executor.run(put, { organization_id: organizationId, id, name, content: encode(connection) })
      await executor.run(startCursor, { organization_id: organizationId })
    },
    removeConnection: async (organizationId, id) => {
      const owned = { organization_id: organizationId, connection_id: id }
      for (const table of [remove, removeWork, ...removeOwned]) await executor.run(table, owned)
    },
    setAssignments: async (organizationId, connectionId, wantedAssignments) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      await executor.run(clearAssignments, owned)
      for (const assignment of wantedAssignments)
        await executor.run(putAssignment, { ...owned, kind: assignment.kind, subject: subjectOf(assignment) })
    },
  } satisfies Partial<LedgerWriter>
}

function subjectOf(assignment: Assignment): string {
  if (assignment.kind === 'group') return assignment.groupId
  return assignment.kind === 'member' ? assignment.membershipId : ''
}

function toAssignment({ kind, subject }: { readonly kind: string; readonly subject: string }): Assignment {
  if (kind === 'group') return { kind, groupId: subject }
  return kind === 'member' ? { kind, membershipId: subject } : { kind: 'everyone' }
}
