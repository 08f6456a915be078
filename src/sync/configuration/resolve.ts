import { DirectoryError } from '../../directory/errors.ts'
import { fold } from '../../directory/fold.ts'
import type { Assignment } from '../connection.ts'
import { distinct } from '../distinct-assignments.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import type { Assign, Configuration, Difference, NamedConnection } from './configuration.ts'
import { withApproverIds } from './approvers.ts'
import { policyNamed } from './effective.ts'

export interface Resolved {
  readonly connections: readonly NamedConnection[]
  /** Assignments that name somebody who is not here: they are left as they stand, since a slip of the pen must take nobody's access away. */
  readonly unknown: readonly Difference[]
}

/** What a configuration names of each connection, with the ids of the groups and members that it names. */
export async function resolve(parts: SyncParts, organizationId: string, configuration: Configuration): Promise<Resolved> {
  const connections: NamedConnection[] = []
  const unknown: Difference[] = []
  for (const [name, { credentials: _, ...entry }] of Object.entries(configuration.connections ?? {})) {
    const { ids, missing } = entry.assign
      ? await findAssigned(parts, organizationId, entry.assign)
      : { ids: undefined, missing: [] }
    connections.push({
      ...entry,
      name,
      policy: await withApproverIds(parts, organizationId, {
        configuration,
        connection: name,
        policy: policyNamed(configuration, name),
      }),
      ...(ids && missing.length === 0 && { assignments: distinct(ids) }),
    })
    if (missing.length > 0)
      unknown.push({
        path: `connections.${name}.assign`,
        note: `There is no ${missing.join(', and no ')} yet: whoever is assigned stays assigned, and nobody else. It is done as the file says once your identity provider has pushed it, or somebody has created it.`,
        kept: true,
      })
  }
  return { connections, unknown }
}

/** Whom a file assigns, by their ids, and who of them is not here. */
export async function findAssigned(
  parts: SyncParts,
  organizationId: string,
  assign: Assign,
): Promise<{ readonly ids: readonly Assignment[]; readonly missing: readonly string[] }> {
  if (assign === 'everyone') return { ids: [{ kind: 'everyone' }], missing: [] }
  const call = systemCall(parts, organizationId)
  const ids: Assignment[] = []
  const missing: string[] = []
  for (const displayName of assign.groups ?? []) {
    const [group] = await parts.directory.listGroups(call, {
      where: {
        kind: 'compare',
        attribute: { names: ['displayName'] },
        operator: 'eq',
        value: { type: 'folded', value: fold(displayName) },
      },
      limit: 1,
    })
    if (group) ids.push({ kind: 'group', groupId: group.id })
    else missing.push(`group "${displayName}"`)
  }
  for (const userName of assign.members ?? []) {
    const member = await parts.directory.findMemberByUserName(call, { userName })
    if (member) ids.push({ kind: 'member', membershipId: member.id })
    else missing.push(`member "${userName}"`)
  }
  return { ids, missing }
}

/** How many people are named by their user names; of more, only the number is told. */
const mostMembers = 20

/** Who is assigned, by the names that a file would give them. */
export async function nameAssigned(
  parts: SyncParts,
  organizationId: string,
  assignments: readonly Assignment[],
): Promise<'everyone' | { readonly groups: readonly string[]; readonly members: readonly string[] | number }> {
  if (assignments.some(({ kind }) => kind === 'everyone')) return 'everyone'
  const call = systemCall(parts, organizationId)
  const groupIds = assignments.flatMap((one) => (one.kind === 'group' ? [one.groupId] : []))
  const memberIds = assignments.flatMap((one) => (one.kind === 'member' ? [one.membershipId] : []))
  const groups: string[] = []
  const members: string[] = []
  for (const id of groupIds) groups.push(await nameOr(id, async () => (await parts.directory.getGroup(call, { id })).displayName))
  if (memberIds.length > mostMembers) return { groups, members: memberIds.length }
  for (const id of memberIds) members.push(await nameOr(id, async () => (await parts.directory.getMember(call, { id })).userName))
  return { groups, members }
}

/** Who was assigned and is gone has no name any more. */
async function nameOr(id: string, find: () => Promise<string>): Promise<string> {
  try {
    return await find()
  } catch (cause) {
    if (cause instanceof DirectoryError && cause.refusal === 'notFound') return id
    throw cause
  }
}
