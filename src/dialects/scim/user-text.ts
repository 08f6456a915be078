import type { MembershipText } from '../../directory/membership.ts'
import { resourceText, type ResourceText } from './resource-text.ts'
import { userSchema } from './schema/user.ts'
import type { IndexedType } from './schema/resource-type.ts'
import { createTimeText } from './time-text.ts'
import { isShownAttribute, isVouchedFor, toGroupRefs, versionTag, type UserSurroundings } from './translate.ts'

/** How many layouts are known at a time: there are as many as there are sets of attributes that people have. */
const mostLayouts = 1_000

/**
 * What JSON.stringify makes of toUser, around the text that the profile is kept as: reading and writing that anew would cost more than all the rest. Undefined
 * where the User is more than its profile as it stands, and what is known beside it.
 */
export type UserText = (
  member: MembershipText,
  surroundings: Pick<UserSurroundings, 'base' | 'groups'>,
) => ResourceText | undefined

export function createUserText(
  type: IndexedType,
  { ids, lifecycle, own: extensions }: Pick<UserSurroundings, 'ids' | 'lifecycle' | 'own'>,
): UserText {
  /** By the names of attributes: the schemas that they are of, as JSON; none where not all of them are shown as they are kept. */
  const layouts = new Map<string, string>()
  // One person mostly has what the one before has.
  let last = { names: '[]', schemas: readSchemas('[]', type, extensions) }
  const schemasOf = (names: string): string => {
    if (names === last.names) return last.schemas
    const schemas = layouts.get(names) ?? readSchemas(names, type, extensions)
    if (layouts.size >= mostLayouts) layouts.clear()
    layouts.set(names, schemas)
    last = { names, schemas }
    return schemas
  }
  const timeText = createTimeText()
  /** What locations begin with, as JSON: ids are ours, and need no escapes. */
  let users = { base: '', start: '"/Users/' }
  const isTold = ({ acceptedAtMs, createdAtMs }: MembershipText) =>
    lifecycle === 'hidden' || (lifecycle === 'shown' && isVouchedFor(acceptedAtMs, createdAtMs))

  return (member, { base, groups }) => {
    const { externalId, userName, status, createdAtMs, updatedAtMs, attributeNames, profile } = member
    if (attributeNames === undefined || member.roleIds !== '[]' || !isTold(member)) return undefined
    const schemas = schemasOf(attributeNames)
    if (schemas === '') return undefined
    const id = ids.toUser(member.id)
    if (base !== users.base) users = { base, start: quoted(`${base}/Users/`).slice(0, -1) }
    const meta = `"resourceType":"User","created":"${timeText(createdAtMs)}","lastModified":"${timeText(updatedAtMs)}","location":${users.start}${id}","version":"W/\\"${member.version}\\""`
    const external = externalId === undefined ? '' : `"externalId":${quoted(externalId)},`
    const own = `"id":"${id}",${external}"meta":{${meta}},"userName":${quoted(userName)},"active":${status !== 'suspended'}`
    const inGroups = groups.length === 0 ? '' : `,"groups":${JSON.stringify(toGroupRefs(groups, { base, ids }))}`
    const text = `{"schemas":${schemas},${own}${membersOf(profile)}${inGroups}}`
    return resourceText({ id, version: versionTag(member.version), location: `${base}/Users/${id}`, text })
  }
}

function readSchemas(attributeNames: string, type: IndexedType, own: UserSurroundings['own']): string {
  const names: readonly string[] = JSON.parse(attributeNames)
  if (!names.every((name) => isShownAttribute(name, own) && !type.hidden.includes(name))) return ''
  return JSON.stringify([userSchema.id, ...names.filter((name) => name.startsWith('urn:'))])
}

const quoted = (text: string): string => JSON.stringify(text)

/**
 * The members of a profile, each after a comma, its attributes beside the others and what is empty left out. Inside of a JSON string no quote stands without a
 * backslash before it, so that none of this is ever found there.
 */
function membersOf(profile: string): string {
  const end = profile.indexOf(attributesStart) + 1
  let named = profile.slice(1, end)
  if (named.includes('{},"emails":')) named = named.replace('"name":{},', '')
  if (named.endsWith('"emails":[]')) named = named.slice(0, -',"emails":[]'.length)
  const attributes = profile.slice(end - 1 + attributesStart.length, -2)
  return (named && `,${named}`) + (attributes && `,${attributes}`)
}

/** Emails, a list, stand before them. */
const attributesStart = '],"attributes":{'
