import type { MembershipText } from '../../directory/membership.ts'
import type { ResourceText } from './resource-text.ts'
import { resourceText } from './resource-text.ts'
import { userSchema } from './schema/user.ts'
import type { IndexedType } from './schema/resource-type.ts'
import { timeText } from './time-text.ts'
import { isShownAttribute, isVouchedFor, toGroupRefs, versionTag, type UserSurroundings } from './translate.ts'

/** Users as text, made around the text that their profiles are kept as: reading and writing those anew would cost more than all the rest. */
export interface UserTexts {
  /** Whether the User is its profile as it stands, with what is known beside it; else it is toUser's to make. */
  readonly isPlain: (member: MembershipText) => boolean
  /** What JSON.stringify makes of toUser, for a member that is plain. */
  readonly write: (member: MembershipText, surroundings: Pick<UserSurroundings, 'base' | 'groups'>) => ResourceText
}

/** How many layouts are known at a time: there are as many as there are sets of attributes that people have. */
const mostLayouts = 1_000

export function createUserTexts(type: IndexedType, { ids, lifecycle }: Pick<UserSurroundings, 'ids' | 'lifecycle'>): UserTexts {
  /** By the attributes' names: the schemas that they are of, as JSON; undefined where not all of them are shown as they are kept. */
  const schemas = new Map<string, string | undefined>()
  const schemasOf = (names: string): string | undefined => {
    if (!schemas.has(names)) {
      if (schemas.size >= mostLayouts) schemas.clear()
      schemas.set(names, readSchemas(names, type))
    }
    return schemas.get(names)
  }
  return {
    isPlain: (member) =>
      member.attributeNames !== undefined &&
      member.roleIds === '[]' &&
      (lifecycle === 'hidden' || (lifecycle === 'shown' && isVouchedFor(member))) &&
      schemasOf(member.attributeNames) !== undefined,
    write: (member, { base, groups }) => {
      const { externalId, userName, status, createdAt, updatedAt, attributeNames = '', profile } = member
      const id = ids.toUser(member.id)
      const location = `${base}/Users/${id}`
      const version = versionTag(member.version)
      const meta = `"resourceType":"User","created":"${timeText(createdAt)}","lastModified":"${timeText(updatedAt)}","location":${quoted(location)},"version":${quoted(version)}`
      const external = externalId === undefined ? '' : `"externalId":${quoted(externalId)},`
      const own = `"id":${quoted(id)},${external}"meta":{${meta}},"userName":${quoted(userName)},"active":${status !== 'suspended'}`
      const inGroups = groups.length === 0 ? '' : `,"groups":${JSON.stringify(toGroupRefs(groups, { base, ids }))}`
      const text = `{"schemas":${schemasOf(attributeNames)},${own}${membersOf(profile)}${inGroups}}`
      return resourceText({ id, version, location, text })
    },
  }
}

function readSchemas(attributeNames: string, type: IndexedType): string | undefined {
  const names: readonly string[] = JSON.parse(attributeNames)
  if (!names.every((name) => isShownAttribute(name) && !type.hidden.includes(name))) return undefined
  return JSON.stringify([userSchema.id, ...names.filter((name) => name.startsWith('urn:'))])
}

const quoted = (text: string): string => JSON.stringify(text)

/** What stands between the braces of a profile, with the attributes beside the rest instead of in it, each member after a comma. No quote stands in a JSON string without a backslash before it. */
function membersOf(profile: string): string {
  const end = profile.indexOf(attributesStart)
  const named = profile.slice(1, end).replace('"name":{},', '')
  const rest = named.endsWith('"emails":[]') ? named.slice(0, -12) : named
  const attributes = profile.slice(end + attributesStart.length, -2)
  return (rest && `,${rest}`) + (attributes && `,${attributes}`)
}

const attributesStart = ',"attributes":{'
