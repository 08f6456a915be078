import { isId } from '../../../directory/id.ts'
import type { GroupChange, GroupMember } from '../../../directory/group.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import type { Filter } from '../filter/filter.ts'
import { elementMatches } from '../filter/matches.ts'
import type { PatchStep } from '../patch-steps.ts'
import { isList, isObject } from '../resource.ts'

/** A member as a Group shows it. */
export const toMember = ({ membershipId, displayName }: GroupMember, base: string): JsonObject => ({
  value: membershipId,
  $ref: `${base}/Users/${membershipId}`,
  type: 'User',
  display: displayName,
})

/** The ids of members in a body. Refuses groups, and what cannot be a person of this organization. */
export function readMemberIds(value: Json | undefined): readonly string[] {
  return [...new Set((isList(value) ? value : []).map(readMemberId))]
}

/**
 * The members' part of a PATCH as changes that touch only the members that it names; undefined where it takes knowing who is in the group: a list that
 * replaces another, or brackets that say more than an id.
 */
export function toMemberChanges(steps: readonly PatchStep[]): readonly GroupChange[] | undefined {
  const changes: GroupChange[] = []
  for (const step of steps) {
    const change = toChange(step)
    if (!change) return undefined
    changes.push(change)
  }
  return changes
}

/** Who is in the group after the steps, in order. */
export function membersAfter(members: readonly GroupMember[], steps: readonly PatchStep[]): ReadonlySet<string> {
  const names = new Map(members.map(({ membershipId, displayName }) => [membershipId, displayName]))
  const ids = new Set(names.keys())
  for (const step of steps) {
    const chosen = step.where ? chooseMembers(ids, step, names) : undefined
    if (step.op === 'replace' && chosen?.length === 0) throw refusal('noTarget', 'No member satisfies the path.', 'path')
    if (step.op === 'remove' && step.listed) for (const id of namedIds(step.value)) ids.delete(id)
    else if (step.op === 'remove' || step.op === 'replace') for (const id of chosen ?? [...ids]) ids.delete(id)
    if (step.op !== 'remove') for (const id of addedIds(step)) ids.add(id)
  }
  return ids
}

/** Refuses what a PATCH cannot do to members: a member is added or removed, never altered. */
export function checkMemberStep({ sub }: PatchStep): void {
  if (sub) throw refusal('mutability', `members.${sub.name} cannot be changed. Remove the member and add another.`, 'members')
}

function toChange(step: PatchStep): GroupChange | undefined {
  if (step.op === 'replace') return step.where || step.value !== undefined ? undefined : { kind: 'removeAllMembers' }
  if (step.op === 'add') return { kind: 'addMembers', membershipIds: addedIds(step) }
  if (step.listed) return { kind: 'removeMembers', membershipIds: namedIds(step.value) }
  if (!step.where) return { kind: 'removeAllMembers' }
  const membershipIds = idsOf(step.where)
  return membershipIds && { kind: 'removeMembers', membershipIds }
}

/** The members that a step adds; one that is only named in brackets, as `members[value eq "…"]`, too. */
function addedIds({ where, value }: PatchStep): readonly string[] {
  if (isObject(value) && value['value'] !== undefined) return [readMemberId(value)]
  if (isList(value)) return readMemberIds(value)
  if (!where) return []
  const ids = idsOf(where)
  if (!ids) throw refusal('noTarget', 'No member satisfies the path.', 'path')
  return ids.map((id) => readMemberId({ value: id }))
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
  names: ReadonlyMap<string, string>,
): readonly string[] {
  if (!where) return []
  return [...ids].filter((id) =>
    elementMatches(where, toMember({ membershipId: id, displayName: names.get(id) ?? '' }, ''), attribute),
  )
}

/** Ids in a list of members to remove; what names nobody removes nobody. */
const namedIds = (value: Json | undefined): readonly string[] =>
  (isList(value) ? value : []).map((item) => (isObject(item) ? item['value'] : undefined)).filter((id) => typeof id === 'string')

function readMemberId(member: Json): string {
  const { value, type, $ref } = isObject(member) ? member : {}
  if (type === 'Group' || (typeof $ref === 'string' && $ref.includes('/Groups/')))
    throw refusal('invalidValue', 'A group cannot be a member of a group here. Add its people instead.', 'members')
  if (typeof value !== 'string' || !isId(value))
    throw refusal(
      'invalidValue',
      'A member to add does not exist in this organization: value must be the id of a User.',
      'members',
    )
  return value
}
