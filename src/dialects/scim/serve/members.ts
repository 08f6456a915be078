import type { GroupChange, GroupMember } from '../../../directory/group.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import type { Filter } from '../filter/filter.ts'
import { elementMatches } from '../filter/matches.ts'
import type { ScimIds } from '../ids.ts'
import type { PatchStep } from '../patch-steps.ts'
import { isList, isObject } from '../resource.ts'

/** A member as a Group shows it. */
export const toMember = (
  { membershipId, displayName }: GroupMember,
  { base, ids }: { readonly base: string; readonly ids: ScimIds },
): JsonObject => ({
  value: ids.toUser(membershipId),
  $ref: `${base}/Users/${ids.toUser(membershipId)}`,
  type: 'User',
  display: displayName,
})

/** The ids of members in a body. Refuses groups, and what cannot be a person of this organization. */
export function readMemberIds(value: Json | undefined, ids: ScimIds): readonly string[] {
  return [...new Set((isList(value) ? value : []).map((member) => readMemberId(member, ids)))]
}

/** The members in a body whose ids are spelled as ids are here. */
export const withoutStrangers = (value: Json | undefined, ids: ScimIds): Json =>
  (isList(value) ? value : []).filter((member) => {
    const { value: id } = isObject(member) ? member : {}
    return typeof id === 'string' && ids.fromUser(id) !== undefined
  })

/**
 * The members' part of a PATCH as changes that touch only the members that it names; undefined where it takes knowing who is in the group: a list that
 * replaces another, or brackets that say more than an id.
 */
export function toMemberChanges(steps: readonly PatchStep[], ids: ScimIds): readonly GroupChange[] | undefined {
  const changes: GroupChange[] = []
  for (const step of steps) {
    const change = toChange(step, ids)
    if (!change) return undefined
    changes.push(change)
  }
  return changes
}

/** Who is in the group after the steps, in order. */
export function membersAfter(
  members: readonly GroupMember[],
  steps: readonly PatchStep[],
  spelled: ScimIds,
): ReadonlySet<string> {
  const names = new Map(members.map(({ membershipId, displayName }) => [membershipId, displayName]))
  const ids = new Set(names.keys())
  for (const step of steps) {
    const chosen = step.where ? chooseMembers(ids, step, { names, spelled }) : undefined
    if (step.op === 'replace' && chosen?.length === 0) throw refusal('noTarget', 'No member satisfies the path.', 'path')
    if (step.op === 'remove' && step.listed) for (const id of namedIds(step.value, spelled)) ids.delete(id)
    else if (step.op === 'remove' || step.op === 'replace') for (const id of chosen ?? [...ids]) ids.delete(id)
    if (step.op !== 'remove') for (const id of addedIds(step, spelled)) ids.add(id)
  }
  return ids
}

/** Refuses what a PATCH cannot do to members: a member is added or removed, never altered. */
export function checkMemberStep({ sub }: PatchStep): void {
  if (sub) throw refusal('mutability', `members.${sub.name} cannot be changed. Remove the member and add another.`, 'members')
}

function toChange(step: PatchStep, ids: ScimIds): GroupChange | undefined {
  if (step.op === 'replace') return step.where || step.value !== undefined ? undefined : { kind: 'removeAllMembers' }
  if (step.op === 'add') return { kind: 'addMembers', membershipIds: addedIds(step, ids) }
  if (step.listed) return { kind: 'removeMembers', membershipIds: namedIds(step.value, ids) }
  if (!step.where) return { kind: 'removeAllMembers' }
  const named = idsOf(step.where)
  return named && { kind: 'removeMembers', membershipIds: named.map(ids.fromUser).filter((id) => id !== undefined) }
}

/** The members that a step adds; one that is only named in brackets, as `members[value eq "…"]`, too. */
function addedIds({ where, value }: PatchStep, ids: ScimIds): readonly string[] {
  if (isObject(value) && value['value'] !== undefined) return [readMemberId(value, ids)]
  if (isList(value)) return readMemberIds(value, ids)
  if (!where) return []
  const named = idsOf(where)
  if (!named) throw refusal('noTarget', 'No member satisfies the path.', 'path')
  return named.map((id) => readMemberId({ value: id }, ids))
}

/** The ids that a filter names and nothing else; undefined where it says more. */
function idsOf(where: Filter): readonly string[] | undefined {
  if (
    where.kind === 'compare' &&
    where.operator === 'eq' &&
    where.attribute.toLowerCase() === 'value' &&
    typeof where.value === 'string'
  )
    return [where.value]
  if (where.kind !== 'or') return undefined
  const parts = where.of.map(idsOf)
  return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

/** Those of the members whom the brackets describe; of one who was only just added, the name is not known. */
function chooseMembers(
  ids: ReadonlySet<string>,
  { where, attribute }: PatchStep,
  { names, spelled }: { readonly names: ReadonlyMap<string, string>; readonly spelled: ScimIds },
): readonly string[] {
  if (!where) return []
  return [...ids].filter((id) =>
    elementMatches(
      where,
      toMember({ membershipId: id, displayName: names.get(id) ?? '' }, { base: '', ids: spelled }),
      attribute,
    ),
  )
}

/** Ids in a list of members to remove; what names nobody removes nobody. */
const namedIds = (value: Json | undefined, ids: ScimIds): readonly string[] =>
  (isList(value) ? value : [])
    .map((item) => (isObject(item) && typeof item['value'] === 'string' ? ids.fromUser(item['value']) : undefined))
    .filter((id) => id !== undefined)

function readMemberId(member: Json, ids: ScimIds): string {
  const { value, type, $ref } = isObject(member) ? member : {}
  if (type === 'Group' || (typeof $ref === 'string' && $ref.includes('/Groups/')))
    throw refusal('invalidValue', 'A group cannot be a member of a group here. Add its people instead.', 'members')
  const id = typeof value === 'string' ? ids.fromUser(value) : undefined
  if (id === undefined)
    throw refusal(
      'invalidValue',
      'A member to add does not exist in this organization: value must be the id of a User.',
      'members',
    )
  return id
}
