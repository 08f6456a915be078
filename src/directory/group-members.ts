import { isOwnGroup } from './application.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import type { Group, GroupChange } from './group.ts'
import type { Writer } from './store.ts'

/** Puts people and groups into a group, or takes them out, and tells what that changed; nothing where it is so already. */
export async function changeMembers(
  tx: Writer,
  group: Group,
  change: Exclude<GroupChange, { readonly kind: 'set' | 'setAttributes' }>,
): Promise<readonly FactDraft[]> {
  const { organizationId, id } = group
  switch (change.kind) {
    case 'addMembers':
      return addPeople(tx, group, await checkPeople(tx, group, change.membershipIds))
    case 'addGroups':
      return addGroups(tx, group, change.groupIds)
    case 'addAny': {
      const people: string[] = []
      const others: string[] = []
      for (const each of new Set(change.ids)) ((await tx.membership(organizationId, each)) ? people : others).push(each)
      return [...(await addPeople(tx, group, people)), ...(await addGroups(tx, group, others))]
    }
    case 'removeMembers':
      return removed(id, { membershipIds: await tx.removeGroupMembers(organizationId, id, change.membershipIds) })
    case 'removeGroups':
      return removed(id, { groupIds: await tx.removeGroupsFromGroup(organizationId, id, change.groupIds) })
    case 'removeAny': {
      const membershipIds = await tx.removeGroupMembers(organizationId, id, change.ids)
      const people = new Set(membershipIds)
      const others = change.ids.filter((each) => !people.has(each))
      const groupIds = others.length > 0 ? await tx.removeGroupsFromGroup(organizationId, id, others) : []
      return [...removed(id, { membershipIds }), ...removed(id, { groupIds })]
    }
    case 'removeAllMembers': {
      const all = await tx.removeAllGroupMembers(organizationId, id)
      return all > 0 ? [{ action: 'group.membersRemoved', subject: id, detail: { all } }] : []
    }
    default: {
      change.kind satisfies 'removeAllGroups'
      const inside = (await tx.groupsIn(organizationId, id)).map((each) => each.id)
      return removed(id, { groupIds: inside.length > 0 ? await tx.removeGroupsFromGroup(organizationId, id, inside) : [] })
    }
  }
}

async function checkPeople(tx: Writer, { organizationId }: Group, ids: readonly string[]): Promise<readonly string[]> {
  const wanted = [...new Set(ids)]
  for (const id of wanted) if (!(await tx.membership(organizationId, id))) throw noMember()
  return wanted
}

/** The people are known to be there. */
async function addPeople(tx: Writer, group: Group, ids: readonly string[]): Promise<readonly FactDraft[]> {
  if (ids.length === 0) return []
  const added = await tx.addGroupMembers(group.organizationId, group.id, ids)
  return added.length > 0 ? [{ action: 'group.membersAdded', subject: group.id, detail: { membershipIds: added } }] : []
}

/** The transaction holds the organization: of two that would close a circle, the later one sees what the earlier one did. */
async function addGroups(tx: Writer, group: Group, ids: readonly string[]): Promise<readonly FactDraft[]> {
  const { organizationId } = group
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return []
  for (const id of wanted) if (!(await tx.group(organizationId, id))) throw noMember()
  if (isOwnGroup(group))
    throw new DirectoryError(
      'conflict',
      'This group holds the people whom an identity provider assigned to a connection, and no groups. Assign the other group to the connection instead.',
      { field: 'members' },
    )
  if (await tx.isGroupWithin(organizationId, group.id, wanted))
    throw new DirectoryError(
      'conflict',
      'The group would be in itself: a group to add is this group, or holds it. Take it out there first.',
      { field: 'members' },
    )
  const added = await tx.addGroupsToGroup(organizationId, group.id, wanted)
  return added.length > 0 ? [{ action: 'group.membersAdded', subject: group.id, detail: { groupIds: added } }] : []
}

const noMember = () => new DirectoryError('invalid', 'A member to add does not exist in this organization.', { field: 'members' })

function removed(
  subject: string,
  detail: { readonly membershipIds: readonly string[] } | { readonly groupIds: readonly string[] },
): readonly FactDraft[] {
  return Object.values(detail).some((ids) => ids.length > 0) ? [{ action: 'group.membersRemoved', subject, detail }] : []
}
