import { isDeepStrictEqual } from 'node:util'
import { command, query, unchanged, type Call } from './call.ts'
import type { Condition } from './condition.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import { checkExtensions, claimExtensionKeys, type ExtensionChange } from './extension-values.ts'
import type { FactDraft } from './fact.ts'
import { checkGroup, type Addition, type Group, type GroupChange, type GroupInput } from './group.ts'
import { changeMembers } from './group-members.ts'
import type { OrderedPage, Page, Reader, Writer } from './store.ts'

export interface ChangeGroup {
  readonly id: string
  /** The version that the caller saw; another one is refused as `stale`. */
  readonly ifVersion?: number | undefined
  readonly changes: readonly GroupChange[]
}

export function groupCommands({ store, newId }: Parts) {
  return {
    /** Creates a group with its first members: people, and whatever `additions` say. A displayName that is in use is refused as `taken`, an unknown member as `invalid`. */
    addGroup: command(
      store,
      'write',
      async (
        tx,
        call,
        {
          membershipIds,
          additions = [],
          ...input
        }: GroupInput & { readonly membershipIds: readonly string[]; readonly additions?: readonly Addition[] },
      ) => {
        const changes = await checkInput(tx, call, input, undefined)
        const group: Group = {
          ...input,
          id: newId(),
          organizationId: call.organizationId,
          createdAt: call.now,
          updatedAt: call.now,
          version: 1,
        }
        await tx.putGroup(group)
        await claimExtensionKeys(tx, changes, group.id)
        const added: FactDraft[] = []
        for (const addition of [{ kind: 'addMembers', membershipIds } as const, ...additions])
          added.push(...(await changeMembers(tx, group, addition)))
        return [
          group,
          { action: 'group.created', subject: group.id, detail: { displayName: group.displayName, roleIds: group.roleIds } },
          ...added,
        ]
      },
    ),

    /** Applies the changes in order, all or none. Members that are there already, or gone already, are no change. A group that would be in itself is refused as `conflict`. */
    changeGroup: command(store, 'write', async (tx, call, { id, ifVersion, changes }: ChangeGroup) => {
      const current = await findGroup(tx, call, id)
      if (ifVersion !== undefined && ifVersion !== current.version)
        throw new DirectoryError('stale', 'The group was changed since it was read. Read it again and repeat the change.')
      let group = current
      const facts: FactDraft[] = []
      for (const change of changes) {
        if (change.kind === 'set') group = { ...group, ...change.change }
        else if (change.kind === 'setAttributes') group = { ...group, attributes: change.change(group) }
        else facts.push(...(await changeMembers(tx, group, change)))
      }
      if (!isDeepStrictEqual(content(group), content(current))) {
        await claimExtensionKeys(tx, await checkInput(tx, call, group, current), id)
        facts.unshift({
          action: 'group.changed',
          subject: id,
          detail: { displayName: group.displayName, roleIds: group.roleIds },
        })
      }
      const [first, ...rest] = facts
      if (!first) return unchanged(current)
      const next: Group = { ...group, updatedAt: call.now, version: current.version + 1 }
      await tx.putGroup(next)
      return [next, first, ...rest]
    }),

    /** Removes a group for good. Its people and groups stay; the groups that it is in lose it. */
    removeGroup: command(
      store,
      'write',
      async (tx, call, { id, ifVersion }: { readonly id: string; readonly ifVersion?: number | undefined }) => {
        const current = await findGroup(tx, call, id)
        if (ifVersion !== undefined && ifVersion !== current.version)
          throw new DirectoryError('stale', 'The group was changed since it was read. Read it again and repeat the removal.')
        const left: FactDraft[] = []
        for (const outer of await tx.groupsAround(call.organizationId, id)) {
          left.push(...(await changeMembers(tx, outer, { kind: 'removeGroups', groupIds: [id] })))
          await tx.putGroup({ ...outer, updatedAt: call.now, version: outer.version + 1 })
        }
        await tx.removeGroup(call.organizationId, id)
        return [current, { action: 'group.removed', subject: id, detail: { displayName: current.displayName } }, ...left]
      },
    ),

    getGroup: query(store, 'read', (tx, call, { id }: { readonly id: string }) => findGroup(tx, call, id)),
    findGroupByDisplayName: query(store, 'read', (tx, call, { displayName }: { readonly displayName: string }) =>
      tx.groupByDisplayName(call.organizationId, displayName),
    ),
    listGroups: query(store, 'read', (tx, call, page: Page) => tx.groups(call.organizationId, page)),
    listGroupsInOrder: query(store, 'read', (tx, call, page: OrderedPage) => tx.groupsInOrder(call.organizationId, page)),
    countGroups: query(store, 'read', (tx, call, { where }: { readonly where?: Condition | undefined }) =>
      tx.countGroups(call.organizationId, where),
    ),
    listGroupMembers: query(
      store,
      'read',
      (tx, call, { id, ...page }: { readonly id: string; readonly after?: string | undefined; readonly limit: number }) =>
        tx.groupMembers(call.organizationId, id, page),
    ),
    /** A group with the ids of all whom it holds itself, as they were at one moment. */
    getGroupWithMembers: query(store, 'read', async (tx, call, { id }: { readonly id: string }) => {
      const found = await tx.groupWithMembers(call.organizationId, id)
      if (!found) throw noGroup()
      return found
    }),
    /** What members of groups are called, people and groups, by id. Ids of neither are left out. */
    listMemberNames: query(store, 'read', (tx, call, { ids }: { readonly ids: readonly string[] }) =>
      tx.memberNames(call.organizationId, ids),
    ),
    /** The groups that a group holds itself. */
    listGroupsInGroup: query(store, 'read', (tx, call, { id }: { readonly id: string }) => tx.groupsIn(call.organizationId, id)),
  }
}

export async function findGroup(tx: Reader, call: Call, id: string): Promise<Group> {
  const group = await tx.group(call.organizationId, id)
  if (!group) throw noGroup()
  return group
}

const noGroup = () => new DirectoryError('notFound', 'There is no such group in this organization.', { field: 'id' })

/** Refuses what the organization cannot hold beside its other groups; answers what is to be claimed once it stands. */
async function checkInput(
  tx: Writer,
  call: Call,
  input: GroupInput,
  current: Group | undefined,
): Promise<readonly ExtensionChange[]> {
  checkGroup(input)
  const holder = await tx.groupByDisplayName(call.organizationId, input.displayName)
  if (holder && holder.id !== current?.id)
    throw new DirectoryError('taken', 'A group has this displayName already.', { field: 'displayName' })
  if (input.roleIds.length > 0) await checkRoles(tx, call, input.roleIds)
  const before = current?.attributes ?? {}
  if (isDeepStrictEqual(input.attributes, before)) return []
  const organization = await tx.organization(call.organizationId)
  if (!organization) throw new DirectoryError('notFound', 'There is no such organization.')
  return checkExtensions(tx, organization, { type: 'Group', before, after: input.attributes })
}

async function checkRoles(tx: Writer, call: Call, roleIds: readonly string[]): Promise<void> {
  const known = new Set((await tx.roles(call.organizationId)).map((role) => role.id))
  if (!roleIds.every((id) => known.has(id)))
    throw new DirectoryError('invalid', 'A role does not exist in this organization. List the roles for their ids.', {
      field: 'roleIds',
    })
}

const content = ({ displayName, externalId, roleIds, attributes }: GroupInput) =>
  JSON.parse(JSON.stringify({ displayName, externalId, roleIds, attributes })) as unknown
