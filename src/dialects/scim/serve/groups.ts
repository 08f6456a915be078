import type { Call } from '../../../directory/call.ts'
import type { Placed } from '../../../directory/condition.ts'
import type { Directory } from '../../../directory/directory.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Group, GroupChange, GroupMember } from '../../../directory/group.ts'
import { groupColumns } from '../columns.ts'
import type { ScimIds } from '../ids.ts'
import { applyPatch } from '../patch.ts'
import type { PatchStep } from '../patch-steps.ts'
import { wants } from '../project.ts'
import type { Resource } from '../resource.ts'
import { ownUrns } from '../schema/extended-type.ts'
import { indexType, type ResourceType } from '../schema/resource-type.ts'
import { fromExtensions, fromGroup, toGroup, versionTag } from '../translate.ts'
import { keepImmutable } from '../validate.ts'
import type { Asking, Binding, Target } from './binding.ts'
import { keyOf, uniqueTextOf } from './key.ts'
import { checkMemberStep, membersAfter, readMemberIds, toMember, toMemberChanges, withoutStrangers } from './members.ts'

/** How many members are read at a time, and how often a change is tried again that another one overtook. */
const membersPerRead = 1000
const attempts = 5

/** Groups of people. Adding or removing one member touches that member alone, however large the group is. */
export function bindGroups(
  directory: Directory,
  {
    ids,
    type: resourceType,
    madeUp,
  }: { readonly ids: ScimIds; readonly type: ResourceType; readonly madeUp: 'refused' | 'dropped' },
): Binding {
  const type = indexType(resourceType)
  const own = ownUrns(resourceType)
  const plain = { base: '', ids, own, members: undefined }
  const membersIn = (resource: Resource) =>
    readMemberIds(madeUp === 'refused' ? resource['members'] : withoutStrangers(resource['members'], ids), ids)

  const show = async ({ call, base, projection }: Asking, group: Group): Promise<Resource> => {
    const members = wants(projection, 'members') ? await readMembers(directory, call, group.id) : undefined
    return toGroup(group, { base, ids, own, members: members?.map((member) => toMember(member, { base, ids })) })
  }

  /** Makes the members what `after` says; who is in the group and what it becomes belong to one version of it. */
  const setMembers = async (
    { call }: Asking,
    { id, ifVersion }: Target,
    after: (
      group: Group,
      members: readonly GroupMember[],
    ) => { readonly ids: ReadonlySet<string>; readonly changes: readonly GroupChange[] },
  ): Promise<Group> => {
    for (let attempt = 1; ; attempt++) {
      const group = await directory.getGroup(call, { id })
      if (ifVersion !== undefined && ifVersion !== group.version) throw stale()
      const members = await readMembers(directory, call, id)
      const { ids: wanted, changes } = after(group, members)
      try {
        return await directory.changeGroup(call, {
          id,
          ifVersion: group.version,
          changes: [...changes, ...difference(members, wanted)],
        })
      } catch (error) {
        const overtaken = error instanceof DirectoryError && error.refusal === 'stale' && ifVersion === undefined
        if (!overtaken) throw error
        if (attempt === attempts)
          throw new DirectoryError('conflict', 'Others keep changing this group. Send the request again.', { cause: error })
      }
    }
  }

  return {
    type,
    columns: groupColumns(ids, own),
    patchAnswer: 'nothing',

    read: async (asking, id) => show(asking, await directory.getGroup(asking.call, { id: checkId(id, ids) })),

    shortcut: async (asking, filter) => {
      const unique = uniqueTextOf(filter, type, own)
      if (unique) {
        const id = await directory.findExtensionHolder(asking.call, unique)
        if (id === undefined) return []
        const equal = {
          kind: 'compare',
          operator: 'eq',
          attribute: { names: ['id'] },
          value: { type: 'text', value: id },
        } as const
        const [group] = await directory.listGroups(asking.call, { where: equal, limit: 1 })
        return group ? [await show(asking, group)] : []
      }
      const key = keyOf(filter, type, ['displayName'])
      const group = key && (await directory.findGroupByDisplayName(asking.call, { displayName: key.value }))
      if (!key) return undefined
      return group ? [await show(asking, group)] : []
    },

    list: async (asking, page) => {
      const shown: Resource[] = []
      for (const group of await directory.listGroups(asking.call, page)) shown.push(await show(asking, group))
      return shown
    },
    listInOrder: async (asking, page) => {
      const shown: Placed<Resource>[] = []
      for (const { item, place } of await directory.listGroupsInOrder(asking.call, page))
        shown.push({ item: await show(asking, item), place })
      return shown
    },
    count: (asking, where) => directory.countGroups(asking.call, { where }),

    create: async (asking, resource) => {
      const membershipIds = membersIn(resource)
      return show(
        asking,
        await directory.addGroup(asking.call, {
          ...fromGroup(resource),
          roleIds: [],
          attributes: fromExtensions(resource, {}, own),
          membershipIds,
        }),
      )
    },

    replace: async (asking, target, resource) => {
      const members = new Set(membersIn(resource))
      const changes: readonly GroupChange[] = [
        { kind: 'set', change: fromGroup(resource) },
        ...extensionChanges((current) => keepImmutable(current, resource, type)),
      ]
      return show(asking, await setMembers(asking, { ...target, id: checkId(target.id, ids) }, () => ({ ids: members, changes })))
    },

    patch: async (asking, target, steps) => {
      const id = checkId(target.id, ids)
      const memberSteps = steps.filter(isMemberStep)
      const ownSteps = steps.filter((step) => !isMemberStep(step))
      memberSteps.forEach(checkMemberStep)
      const named = toMemberChanges(memberSteps, ids)
      const group = named
        ? await directory.changeGroup(asking.call, {
            id,
            ifVersion: target.ifVersion,
            changes: [
              ...(ownSteps.length > 0 ? ownChanges(await directory.getGroup(asking.call, { id }), ownSteps) : []),
              ...named,
            ],
          })
        : await setMembers(asking, { ...target, id }, (current, members) => ({
            ids: membersAfter(members, memberSteps, ids),
            changes: ownChanges(current, ownSteps),
          }))
      return { version: versionTag(group.version), show: () => show(asking, group) }
    },

    remove: async (asking, { id, ifVersion }) => {
      await directory.removeGroup(asking.call, { id: checkId(id, ids), ifVersion })
    },
  }

  /** What the steps change of the group itself, and no more: what another change sets meanwhile stands. */
  function ownChanges(group: Group, steps: readonly PatchStep[]): readonly GroupChange[] {
    const patched = (current: Resource) => applyPatch(current, steps, { type, missing: 'refuse' })
    const { displayName, externalId } = fromGroup(patched(toGroup(group, plain)))
    return [
      {
        kind: 'set',
        change: {
          ...(displayName !== group.displayName && { displayName }),
          ...(externalId !== group.externalId && { externalId }),
        },
      },
      ...extensionChanges(patched),
    ]
  }

  /** What becomes of the organization's extensions, of whatever they are by then; nothing where it has none. */
  function extensionChanges(change: (current: Resource) => Resource): readonly GroupChange[] {
    if (own.size === 0) return []
    const next = (current: Group) => fromExtensions(change(toGroup(current, plain)), current.attributes, own)
    return [{ kind: 'setAttributes', change: next }]
  }
}

const isMemberStep = ({ extension, attribute }: PatchStep): boolean => extension === undefined && attribute.name === 'members'

/** What turns the members of a group into others, without touching those that stay. */
function difference(before: readonly GroupMember[], after: ReadonlySet<string>): readonly GroupChange[] {
  const ids = new Set(before.map(({ membershipId }) => membershipId))
  const gone = [...ids].filter((id) => !after.has(id))
  const come = [...after].filter((id) => !ids.has(id))
  return [
    ...(gone.length > 0 ? [{ kind: 'removeMembers', membershipIds: gone } as const] : []),
    ...(come.length > 0 ? [{ kind: 'addMembers', membershipIds: come } as const] : []),
  ]
}

async function readMembers(directory: Directory, call: Call, id: string): Promise<readonly GroupMember[]> {
  const members: GroupMember[] = []
  for (;;) {
    const page = await directory.listGroupMembers(call, { id, after: members.at(-1)?.membershipId, limit: membersPerRead })
    members.push(...page)
    if (page.length < membersPerRead) return members
  }
}

function checkId(text: string, ids: ScimIds): string {
  const id = ids.fromGroup(text)
  if (id === undefined) throw new DirectoryError('notFound', 'There is no Group with this id.', { field: 'id' })
  return id
}

const stale = () => new DirectoryError('stale', 'The group was changed since it was read. Read it again and repeat the change.')
