import { ownGroupKey } from '../../directory/application.ts'
import { command, query, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Group } from '../../directory/group.ts'
import type { Assignment } from '../connection.ts'
import { findConnection } from '../connections.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import type { Application, ApplicationEngine } from './engine.ts'

/** Assigning people to a connection through a group of its own: one row for each person, however many there are. */
export function assignmentCommands(
  parts: SyncParts,
): Pick<ApplicationEngine, 'getApplication' | 'assignToApplication' | 'unassignFromApplication'> {
  const { directory, ledger } = parts

  const attach = command(
    ledger,
    'write',
    async (
      tx: LedgerWriter,
      call: Call,
      { connectionId, groupId }: { readonly connectionId: string; readonly groupId: string },
    ): Promise<Outcome<undefined>> => {
      const { organizationId } = call
      const { name } = await findConnection(tx, call, connectionId)
      const before = await tx.assignments(organizationId, connectionId)
      if (before.some((assignment) => assignment.kind === 'group' && assignment.groupId === groupId)) return unchanged(undefined)
      const assignments: readonly Assignment[] = [...before, { kind: 'group', groupId }]
      await tx.setAssignments(organizationId, connectionId, assignments)
      const detail = { name, changed: ['assignments'], assignments: assignments.map((assignment) => ({ ...assignment })) }
      return [undefined, { action: 'connection.changed', subject: connectionId, detail }]
    },
  )

  const read = query(ledger, 'read', async (tx: LedgerReader, call: Call, connectionId: string) => ({
    connection: await findConnection(tx, call, connectionId),
    assignments: await tx.assignments(call.organizationId, connectionId),
  }))

  const findOwnGroup = async (call: Call, connectionId: string): Promise<Group | undefined> => {
    const value = ownGroupKey(connectionId)
    const where = {
      kind: 'compare',
      attribute: { names: ['externalId'] },
      operator: 'eq',
      value: { type: 'text', value },
    } as const
    return (await directory.listGroups(call, { where, limit: 1 }))[0]
  }

  const makeOwnGroup = async (call: Call, { connectionId, name }: Application): Promise<Group> => {
    const make = (displayName: string) =>
      directory.addGroup(call, {
        displayName,
        externalId: ownGroupKey(connectionId),
        roleIds: [],
        attributes: {},
        membershipIds: [],
      })
    try {
      return await make(`Assigned to ${name}`)
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.refusal !== 'taken') throw error
      // Another process was faster, or an older connection of this name left its group behind.
      return (await findOwnGroup(call, connectionId)) ?? make(`Assigned to ${name} (${connectionId})`)
    }
  }

  const getApplication = async (call: Call, { connectionId }: { readonly connectionId: string }): Promise<Application> => {
    const { connection, assignments } = await read(call, connectionId)
    return {
      connectionId,
      name: connection.name,
      vendor: connection.vendor,
      everyone: assignments.some(({ kind }) => kind === 'everyone'),
      groupIds: assignments.flatMap((assignment) => (assignment.kind === 'group' ? [assignment.groupId] : [])),
      membershipIds: assignments.flatMap((assignment) => (assignment.kind === 'member' ? [assignment.membershipId] : [])),
      ownGroupId: (await findOwnGroup(call, connectionId))?.id,
    }
  }

  return {
    getApplication,
    assignToApplication: async (call, { connectionId, membershipId }) => {
      const application = await getApplication(call, { connectionId })
      const groupId = application.ownGroupId ?? (await makeOwnGroup(call, application)).id
      await attach(call, { connectionId, groupId })
      await directory.changeGroup(call, { id: groupId, changes: [{ kind: 'addMembers', membershipIds: [membershipId] }] })
    },
    unassignFromApplication: async (call, { connectionId, membershipId }) => {
      const group = await findOwnGroup(call, connectionId)
      if (!group) return
      await directory.changeGroup(call, { id: group.id, changes: [{ kind: 'removeMembers', membershipIds: [membershipId] }] })
    },
  }
}
