import type { Call } from '../../../directory/call.ts'
import type { Placed } from '../../../directory/condition.ts'
import type { Directory } from '../../../directory/directory.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Group, GroupChange, GroupWithMembers } from '../../../directory/group.ts'
import type { Json } from '../../../directory/json.ts'
import { groupColumns } from '../columns.ts'
import { applyPatch } from '../patch.ts'
import type { PatchStep } from '../patch-steps.ts'
import { wants, type Projection } from '../project.ts'
import type { Resource } from '../resource.ts'
import { ownUrns } from '../schema/extended-type.ts'
import { findTarget, indexType, type IndexedType, type ResourceType } from '../schema/resource-type.ts'
import { fromExtensions, fromGroup, toGroup, versionTag } from '../translate.ts'
import { keepImmutable } from '../validate.ts'
import type { Asking, Binding, Target } from './binding.ts'
import { keyOf, uniqueTextOf } from './key.ts'
import {
  checkMemberStep,
  difference,
  memberKinds,
  membersAfter,
  needsNames,
  readMembers,
  toAdditions,
  toMember,
  toMemberChanges,
  withoutStrangers,
  type MemberKind,
  type MemberManners,
  type NamedMembers,
} from './members.ts'

/** How many members are shown in one portion, and how often a change is tried again that another one overtook. */
const membersPerPortion = 1000
const attempts = 5

/** Groups of people, and of groups where the face has those. Adding or removing one member touches that member alone, however large the group is. */
export function bindGroups(
  directory: Directory,
  {
    type: resourceType,
    madeUp,
    ...manners
  }: MemberManners & { readonly type: ResourceType; readonly madeUp: 'refused' | 'dropped' },
): Binding {
  const { ids, holding } = manners
  const type = indexType(resourceType)
  const own = ownUrns(resourceType)
  const plain = { base: '', ids, own, members: undefined }
  const membersIn = (resource: Resource) =>
    readMembers(madeUp === 'refused' ? resource['members'] : withoutStrangers(resource['members'], manners), manners)
  /** The ids of whom the face shows, by what they are. */
  const idsIn = ({ membershipIds, groupIds }: GroupWithMembers): Readonly<Record<MemberKind, readonly string[]>> => ({
    User: membershipIds,
    Group: holding === 'people' ? [] : groupIds,
  })

  /** All members of one moment, in portions; only their names are as they are when their portion is made. */
  async function* portionsOf({ call, base, projection }: Asking, found: GroupWithMembers): AsyncGenerator<readonly Json[]> {
    const named = tellsNames(projection, type)
    const all = idsIn(found)
    for (const kind of memberKinds)
      for (let start = 0; start < all[kind].length; start += membersPerPortion) {
        const portion = all[kind].slice(start, start + membersPerPortion)
        const names = named ? await directory.listMemberNames(call, { ids: portion }) : undefined
        yield portion.map((id) => toMember({ id, kind, name: names?.get(id) }, { base, ids }))
      }
  }

  const headOf = (group: Group, { base }: Asking) => toGroup(group, { base, ids, own, members: undefined })

  const showWhole = async (asking: Asking, found: GroupWithMembers): Promise<Resource> => {
    const members: Json[] = []
    for await (const portion of portionsOf(asking, found)) members.push(...portion)
    return toGroup(found.group, { base: asking.base, ids, own, members })
  }

  const show = async (asking: Asking, group: Group): Promise<Resource> => {
    if (!wants(asking.projection, 'members')) return headOf(group, asking)
    try {
      return await showWhole(asking, await directory.getGroupWithMembers(asking.call, { id: group.id }))
    } catch (error) {
      // Removed in the meantime: this is what it was.
      if (error instanceof DirectoryError && error.refusal === 'notFound') return headOf(group, asking)
      throw error
    }
  }

  /** Makes the members what `after` says; who is in the group and what it becomes belong to one version of it. */
  const setMembers = async (
    { call }: Asking,
    { id, ifVersion }: Target,
    after: (
      group: Group,
      members: ReadonlyMap<string, MemberKind>,
    ) => Promise<{ readonly members: NamedMembers; readonly changes: readonly GroupChange[] }>,
  ): Promise<Group> => {
    for (let attempt = 1; ; attempt++) {
      const found = await directory.getGroupWithMembers(call, { id })
      const { group } = found
      if (ifVersion !== undefined && ifVersion !== group.version) throw stale()
      const all = idsIn(found)
      const before = new Map(memberKinds.flatMap((kind) => all[kind].map((each) => [each, kind] as const)))
      const { members, changes } = await after(group, before)
      try {
        return await directory.changeGroup(call, {
          id,
          ifVersion: group.version,
          changes: [...changes, ...difference(before, members)],
        })
      } catch (error) {
        const overtaken = error instanceof DirectoryError && error.refusal === 'stale' && ifVersion === undefined
        if (!overtaken) throw error
        if (attempt === attempts)
          throw new DirectoryError('conflict', 'Others keep changing this group. Send the request again.', { cause: error })
      }
    }
  }

  const read: Binding['read'] = async (asking, id) => {
    const known = checkId(id)
    if (!wants(asking.projection, 'members')) return headOf(await directory.getGroup(asking.call, { id: known }), asking)
    return showWhole(asking, await directory.getGroupWithMembers(asking.call, { id: known }))
  }

  return {
    type,
    columns: groupColumns(ids, own),
    patchAnswer: 'nothing',

    read,

    readLarge: async (asking, id) => {
      if (!wants(asking.projection, 'members')) return { resource: await read(asking, id) }
      const found = await directory.getGroupWithMembers(asking.call, { id: checkId(id) })
      const { User: people, Group: groups } = idsIn(found)
      if (people.length + groups.length <= membersPerPortion) return { resource: await showWhole(asking, found) }
      return { resource: headOf(found.group, asking), list: 'members', portions: portionsOf(asking, found) }
    },

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
      const additions = toAdditions(membersIn(resource))
      return show(
        asking,
        await directory.addGroup(asking.call, {
          ...fromGroup(resource),
          roleIds: [],
          attributes: fromExtensions(resource, {}, own),
          membershipIds: additions.flatMap((addition) => (addition.kind === 'addMembers' ? addition.membershipIds : [])),
          additions: additions.filter(({ kind }) => kind !== 'addMembers'),
        }),
      )
    },

    replace: async (asking, target, resource) => {
      const members = membersIn(resource)
      const changes: readonly GroupChange[] = [
        { kind: 'set', change: fromGroup(resource) },
        ...extensionChanges((current) => keepImmutable(current, resource, type)),
      ]
      return show(asking, await setMembers(asking, { ...target, id: checkId(target.id) }, async () => ({ members, changes })))
    },

    patch: async (asking, target, steps) => {
      const { call } = asking
      const id = checkId(target.id)
      const memberSteps = steps.filter(isMemberStep)
      const ownSteps = steps.filter((step) => !isMemberStep(step))
      memberSteps.forEach(checkMemberStep)
      const named = toMemberChanges(memberSteps, manners)
      const group = named
        ? await directory.changeGroup(call, {
            id,
            ifVersion: target.ifVersion,
            changes: [...(ownSteps.length > 0 ? ownChanges(await directory.getGroup(call, { id }), ownSteps) : []), ...named],
          })
        : await setMembers(asking, { ...target, id }, async (current, members) => {
            const names = needsNames(memberSteps)
              ? await namesOf(directory, call, [...members.keys()])
              : new Map<string, string>()
            return {
              members: membersAfter(members, memberSteps, { names, manners }),
              changes: ownChanges(current, ownSteps),
            }
          })
      return { version: versionTag(group.version), show: () => show(asking, group) }
    },

    remove: async (asking, { id, ifVersion }) => {
      await directory.removeGroup(asking.call, { id: checkId(id), ifVersion })
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

  function checkId(text: string): string {
    const id = ids.fromGroup(text)
    if (id === undefined) throw new DirectoryError('notFound', 'There is no Group with this id.', { field: 'id' })
    return id
  }
}

const isMemberStep = ({ extension, attribute }: PatchStep): boolean => extension === undefined && attribute.name === 'members'

/** Whether an answer tells what members are called: asked for by name, or by the whole of `members`, it always does. */
function tellsNames(projection: Projection, type: IndexedType): boolean {
  if (projection.kind === 'only') return projection.names.has('members') || projection.names.has('members.display')
  return findTarget(type, 'members.display')?.sub?.returned === 'default'
}

async function namesOf(directory: Directory, call: Call, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (let start = 0; start < ids.length; start += membersPerPortion) {
    const portion = await directory.listMemberNames(call, { ids: ids.slice(start, start + membersPerPortion) })
    for (const [id, name] of portion) names.set(id, name)
  }
  return names
}

const stale = () => new DirectoryError('stale', 'The group was changed since it was read. Read it again and repeat the change.')
