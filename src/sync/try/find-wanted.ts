import type { Call } from '../../directory/call.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Membership } from '../../directory/membership.ts'
import { asApplicationSays } from '../application/wanted.ts'
import type { Connection } from '../connection.ts'
import type { LedgerReader, Wanted } from '../ledger.ts'

/** How the connection wants one member; undefined when it does not. */
export async function findWanted(tx: LedgerReader, connection: Connection, { id }: Membership): Promise<Wanted | undefined> {
  // Ids that start alike are few, and follow at once on what they start with.
  const near = await tx.wanted(connection.organizationId, connection.id, { after: id.slice(0, -1), limit: 16 })
  const wanted = near.find(({ member }) => member.id === id)
  return wanted && asApplicationSays(connection, wanted)
}

/** What assigns a member to the connection, in words; empty where nothing does. */
export async function assignedBy(
  call: Call,
  {
    tx,
    directory,
    connection,
    member,
  }: {
    readonly tx: LedgerReader
    readonly directory: Directory
    readonly connection: Connection
    readonly member: Membership
  },
): Promise<readonly string[]> {
  const groups = (await directory.listGroupsOfMembers(call, { ids: [member.id] })).get(member.id) ?? []
  const assignments = await tx.assignments(connection.organizationId, connection.id)
  return assignments.flatMap((assignment) => {
    if (assignment.kind === 'everyone') return ['as everybody is']
    if (assignment.kind === 'member') return assignment.membershipId === member.id ? ['by name'] : []
    const group = groups.find(({ id }) => id === assignment.groupId)
    return group ? [`by the group ${group.displayName}`] : []
  })
}
