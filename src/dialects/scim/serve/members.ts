import type { Addition, GroupChange } from '../../../directory/group.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import type { Filter } from '../filter/filter.ts'
import { elementMatches } from '../filter/matches.ts'
import type { ScimIds } from '../ids.ts'
import type { PatchStep } from '../patch-steps.ts'
import { isList, isObject } from '../resource.ts'

/** What a member is; of an id that came without its type, the directory finds out. */
export const memberKinds = ['User', 'Group'] as const
export type MemberKind = (typeof memberKinds)[number]
export type NamedMembers = ReadonlyMap<string, MemberKind | 'either'>

/** How a face spells members, and what it takes for one. */
export interface MemberManners {
  readonly ids: ScimIds
  readonly holding: 'people' | 'peopleAndGroups'
}

/** A member as a Group shows it; without a name where that is not asked for. */
export function toMember(
  { id, kind, name }: { readonly id: string; readonly kind: MemberKind; readonly name: string | undefined },
  { base, ids }: { readonly base: string; readonly ids: ScimIds },
): JsonObject {
  const value = kind === 'User' ? ids.toUser(id) : ids.toGroup(id)
  return { value, $ref: `${base}/${kind}s/${value}`, type: kind, ...(name !== undefined && { display: name }) }
}

/** The members in a body. Refuses what cannot be one here. */
export const readMembers = (value: Json | undefined, manners: MemberManners): NamedMembers =>
  new Map((isList(value) ? value : []).map((member) => readMember(member, manners)))

/** The members in a body whose ids are spelled as ids are here. */
export const withoutStrangers = (value: Json | undefined, { ids }: MemberManners): Json =>
  (isList(value) ? value : []).filter((member) => {
    const { value: id } = isObject(member) ? member : {}
    return typeof id === 'string' && (ids.fromUser(id) ?? ids.fromGroup(id)) !== undefined
  })

/** What puts members into a group. */
export function toAdditions(members: NamedMembers): readonly Addition[] {
  const [people, groups, either] = [idsOf(members, 'User'), idsOf(members, 'Group'), idsOf(members, 'either')]
  return [
    ...(people.length > 0 ? [{ kind: 'addMembers', membershipIds: people } as const] : []),
    ...(groups.length > 0 ? [{ kind: 'addGroups', groupIds: groups } as const] : []),
    ...(either.length > 0 ? [{ kind: 'addAny', ids: either } as const] : []),
  ]
}

/**
 * The members' part of a PATCH as changes that touch only the members that it names; undefined where it takes knowing who is in the group: a list that
 * replaces another, or brackets that say more than an id.
 */
export function toMemberChanges(steps: readonly PatchStep[], manners: MemberManners): readonly GroupChange[] | undefined {
  const changes: GroupChange[] = []
  for (const step of steps) {
    const change = toChanges(step, manners)
    if (!change) return undefined
    changes.push(...change)
  }
  return changes
}

/** Whether what the steps do to the members depends on what members are called. */
export const needsNames = (steps: readonly PatchStep[]): boolean => steps.some(({ where }) => where && mentionsDisplay(where))

/** Who is in the group after the steps, in order. */
export function membersAfter(
  members: ReadonlyMap<string, MemberKind>,
  steps: readonly PatchStep[],
  { names, manners }: { readonly names: ReadonlyMap<string, string>; readonly manners: MemberManners },
): NamedMembers {
  const after = new Map<string, MemberKind | 'either'>(members)
  for (const step of steps) {
    const chosen = step.where ? chooseMembers(after, step, { names, manners }) : undefined
    if (step.op === 'replace' && chosen?.length === 0) throw refusal('noTarget', 'No member satisfies the path.', 'path')
    if (step.op === 'remove' && step.listed) for (const id of namedIds(step.value, manners)) after.delete(id)
    else if (step.op === 'remove' || step.op === 'replace') for (const id of chosen ?? [...after.keys()]) after.delete(id)
    if (step.op !== 'remove') for (const [id, kind] of added(step, manners)) after.set(id, kind)
  }
  return after
}

/** What turns the members of a group into others, without touching those that stay. */
export function difference(before: ReadonlyMap<string, MemberKind>, after: NamedMembers): readonly GroupChange[] {
  const gone = [...before].filter(([id]) => !after.has(id))
  const come = [...after].filter(([id, kind]) => before.get(id) !== kind && !(before.has(id) && kind === 'either'))
  const [people, groups] = [idsOf(new Map(gone), 'User'), idsOf(new Map(gone), 'Group')]
  return [
    ...(people.length > 0 ? [{ kind: 'removeMembers', membershipIds: people } as const] : []),
    ...(groups.length > 0 ? [{ kind: 'removeGroups', groupIds: groups } as const] : []),
    ...toAdditions(new Map(come)),
  ]
}

/** Refuses what a PATCH cannot do to members: a member is added or removed, never altered. */
export function checkMemberStep({ sub }: PatchStep): void {
  if (sub) throw refusal('mutability', `members.${sub.name} cannot be changed. Remove the member and add another.`, 'members')
}

const idsOf = (members: NamedMembers, wanted: MemberKind | 'either'): readonly string[] =>
  [...members].filter(([, kind]) => kind === wanted).map(([id]) => id)

function toChanges(step: PatchStep, manners: MemberManners): readonly GroupChange[] | undefined {
  if (step.op === 'replace') return step.where || step.value !== undefined ? undefined : removalOfAll(manners)
  if (step.op === 'add') return toAdditions(added(step, manners))
  if (step.listed) return toRemoval(namedIds(step.value, manners), manners)
  if (!step.where) return removalOfAll(manners)
  const named = idsNamed(step.where)
  return named && toRemoval(knownIds(named, manners), manners)
}

/** Groups that somebody put in another way, where they are not shown, stay. */
const removalOfAll = ({ holding }: MemberManners): readonly GroupChange[] => [
  { kind: 'removeAllMembers' },
  ...(holding === 'people' ? [] : [{ kind: 'removeAllGroups' } as const]),
]

const toRemoval = (ids: readonly string[], { holding }: MemberManners): readonly GroupChange[] => [
  holding === 'people' ? { kind: 'removeMembers', membershipIds: ids } : { kind: 'removeAny', ids },
]

/** The members that a step adds; one that is only named in brackets, as `members[value eq "…"]`, too. */
function added({ where, value }: PatchStep, manners: MemberManners): NamedMembers {
  if (isObject(value) && value['value'] !== undefined) return new Map([readMember(value, manners)])
  if (isList(value)) return readMembers(value, manners)
  if (!where) return new Map()
  const named = idsNamed(where)
  if (!named) throw refusal('noTarget', 'No member satisfies the path.', 'path')
  return new Map(named.map((id) => readMember({ value: id }, manners)))
}

/** The ids that a filter names and nothing else; undefined where it says more. */
function idsNamed(where: Filter): readonly string[] | undefined {
  if (
    where.kind === 'compare' &&
    where.operator === 'eq' &&
    where.attribute.toLowerCase() === 'value' &&
    typeof where.value === 'string'
  )
    return [where.value]
  if (where.kind !== 'or') return undefined
  const parts = where.of.map(idsNamed)
  return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

function mentionsDisplay(where: Filter): boolean {
  switch (where.kind) {
    case 'and':
    case 'or':
      return where.of.some(mentionsDisplay)
    case 'not':
      return mentionsDisplay(where.of)
    case 'element':
      return mentionsDisplay(where.where)
    default:
      return where.attribute.toLowerCase() === 'display'
  }
}

/** Those of the members whom the brackets describe; of one who was only just added, neither the name nor, perhaps, the type is known. */
function chooseMembers(
  members: NamedMembers,
  { where, attribute }: PatchStep,
  { names, manners: { ids } }: { readonly names: ReadonlyMap<string, string>; readonly manners: MemberManners },
): readonly string[] {
  if (!where) return []
  return [...members].flatMap(([id, kind]) => {
    const member = toMember({ id, kind: kind === 'either' ? 'User' : kind, name: names.get(id) ?? '' }, { base: '', ids })
    return elementMatches(where, member, attribute) ? [id] : []
  })
}

/** Ids in a list of members to remove; what names nobody removes nobody. */
const namedIds = (value: Json | undefined, manners: MemberManners): readonly string[] =>
  knownIds(
    (isList(value) ? value : []).flatMap((item) => (isObject(item) && typeof item['value'] === 'string' ? [item['value']] : [])),
    manners,
  )

const knownIds = (texts: readonly string[], { ids, holding }: MemberManners): readonly string[] =>
  texts
    .map((text) => ids.fromUser(text) ?? (holding === 'people' ? undefined : ids.fromGroup(text)))
    .filter((id) => id !== undefined)

function readMember(member: Json, { ids, holding }: MemberManners): readonly [string, MemberKind | 'either'] {
  const { value, type, $ref } = isObject(member) ? member : {}
  const said = typeof type === 'string' ? type.toLowerCase() : undefined
  const isGroup = said === 'group' || (said !== 'user' && typeof $ref === 'string' && $ref.includes('/Groups/'))
  if (isGroup && holding === 'people')
    throw refusal('invalidValue', 'A group cannot be a member of a group here. Add its people instead.', 'members')
  const kind = isGroup ? 'Group' : said === 'user' || holding === 'people' ? 'User' : 'either'
  const id = typeof value === 'string' ? (isGroup ? ids.fromGroup(value) : ids.fromUser(value)) : undefined
  if (id === undefined)
    throw refusal(
      'invalidValue',
      `A member to add does not exist in this organization: value must be the id of ${holding === 'people' ? 'a User' : 'a User or Group'}.`,
      'members',
    )
  return [id, kind]
}
