import { applicationGroupName, nameInApplication } from '../../directory/application.ts'
import type { Call } from '../../directory/call.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Group, GroupChange } from '../../directory/group.ts'
import { applicationOf, type Application } from './connection-call.ts'
import { groupsOf, peopleOf } from './connection-where.ts'
import { refusal } from './errors.ts'

type Groups = Pick<
  Directory,
  | 'addGroup'
  | 'changeGroup'
  | 'removeGroup'
  | 'getGroup'
  | 'findGroupByDisplayName'
  | 'listGroups'
  | 'listGroupsInOrder'
  | 'countGroups'
  | 'getGroupWithMembers'
>

/** How many members are looked for in one question. */
const membersPerLook = 200

/**
 * The groups that an application pushed. In the directory they carry its name, so that two applications may push groups of one name; at the vendor
 * they are looked up among the roles under the name that was pushed.
 */
export function groupsOfApplications(directory: Directory): Groups {
  const find = async (call: Call, id: string): Promise<Group> => {
    const group = seenGroup(await directory.getGroup(call, { id }), applicationOf(call))
    if (!group) throw new DirectoryError('notFound', 'There is no Group with this id.', { field: 'id' })
    return group
  }

  const shown = (call: Call, group: Group): Group => {
    const own = seenGroup(group, applicationOf(call))
    if (!own) throw new TypeError('a group of an application that lost its name')
    return own
  }

  /** Refuses people whom the application does not know. */
  const checkMembers = async (call: Call, ids: readonly string[]): Promise<void> => {
    const distinct = [...new Set(ids)]
    for (let start = 0; start < distinct.length; start += membersPerLook) {
      const part = distinct.slice(start, start + membersPerLook)
      const named = part.map(
        (value) => ({ kind: 'compare', attribute: { names: ['id'] }, operator: 'eq', value: { type: 'text', value } }) as const,
      )
      const where = { kind: 'and', of: [peopleOf(applicationOf(call), undefined), { kind: 'or', of: named }] } as const
      if ((await directory.countMembers(call, { where })) < part.length)
        throw refusal('invalidValue', 'A member of a group must be assigned to the application first.', 'members')
    }
  }

  const qualified = (call: Call, name: string): string => {
    if (!name.trim()) throw refusal('invalidValue', 'displayName must not be empty.', 'displayName')
    return applicationGroupName(applicationOf(call).name, name)
  }

  return {
    addGroup: async (call, input) => {
      await checkMembers(call, input.membershipIds)
      return shown(call, await directory.addGroup(call, { ...input, displayName: qualified(call, input.displayName) }))
    },
    changeGroup: async (call, { changes, ...target }) => {
      await find(call, target.id)
      await checkMembers(
        call,
        changes.flatMap((change) => (change.kind === 'addMembers' ? change.membershipIds : [])),
      )
      const own = changes.map((change): GroupChange =>
        change.kind === 'set' && change.change.displayName !== undefined
          ? { kind: 'set', change: { ...change.change, displayName: qualified(call, change.change.displayName) } }
          : change,
      )
      return shown(call, await directory.changeGroup(call, { ...target, changes: own }))
    },
    removeGroup: async (call, target) => {
      await find(call, target.id)
      return directory.removeGroup(call, target)
    },
    getGroup: (call, { id }) => find(call, id),
    findGroupByDisplayName: async (call, { displayName }) => {
      const { name } = applicationOf(call)
      const group = await directory.findGroupByDisplayName(call, { displayName: applicationGroupName(name, displayName) })
      return group && shown(call, group)
    },
    listGroups: async (call, { where, ...page }) => {
      const application = applicationOf(call)
      return seenGroups(await directory.listGroups(call, { ...page, where: groupsOf(application, where) }), application)
    },
    listGroupsInOrder: async (call, { where, ...page }) => {
      const application = applicationOf(call)
      const groups = await directory.listGroupsInOrder(call, { ...page, where: groupsOf(application, where) })
      return groups.map(({ item, place }) => ({ item: shown(call, item), place }))
    },
    countGroups: (call, { where }) => directory.countGroups(call, { where: groupsOf(applicationOf(call), where) }),
    getGroupWithMembers: async (call, input) => {
      await find(call, input.id)
      const found = await directory.getGroupWithMembers(call, input)
      return { ...found, group: shown(call, found.group) }
    },
  }
}

/** The application's own among the groups, under the names that it gave them. */
export const seenGroups = <G extends { readonly displayName: string }>(
  groups: readonly G[],
  application: Application,
): readonly G[] => groups.flatMap((group) => seenGroup(group, application) ?? [])

function seenGroup<G extends { readonly displayName: string }>(group: G, { name }: Application): G | undefined {
  const displayName = nameInApplication(name, group.displayName)
  return displayName === undefined ? undefined : { ...group, displayName }
}
