import { createHash } from 'node:crypto'
import { fold } from '../../directory/fold.ts'
import type { Group } from '../../directory/group.ts'
import { fromHex } from '../../directory/id.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import { displayNameOf, emailOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import { changedAtOf, type Account, type VendorRole } from '../../sync/vendor.ts'
import { keptAttributes, partsOf, referencesOf, slugsOf } from './roles.ts'
import type { InviteUser } from './wire.ts'
import { hiddenNumber, type TeamRole, type User, type UserMembership, type UserPreview } from './wire-record.ts'

/** What a membership is shown with, beside itself. */
export interface Surroundings {
  readonly roles: readonly Role[]
  /** Sessions that have not ended, by membership id. */
  readonly sessions: ReadonlyMap<string, number>
  /** Who vouches for external ids: the organization's identity provider. */
  readonly provider: string | undefined
  readonly phoneNumbers: 'shown' | 'hidden'
}

const statuses = { active: 'active', invited: 'invited', suspended: 'banned' } as const

/** A member as Bird's membership, around a whole user or a preview. */
export const toMembership = (member: Membership, around: Surroundings, shown: 'whole' | 'preview'): UserMembership => {
  const { refs, ids, slugs } = partsOf(member, around.roles)
  const slugById = slugsOf(around.roles)
  const names = slugs.flatMap((id) => slugById.get(id) ?? [])
  const attributes = { ...keptAttributes(member), ...(names.length > 0 && { roles: names }) }
  return {
    user: shown === 'preview' ? toPreview(member, around) : toUser(member, around),
    status: statuses[member.status],
    createdAt: member.createdAt.toISOString(),
    updatedAt: member.updatedAt.toISOString(),
    attributes: Object.keys(attributes).length > 0 ? attributes : null,
    roleIds: ids.length > 0 ? [...ids] : null,
    roleRefs: refs.length > 0 ? referencesOf(refs, around.roles) : null,
  }
}

/** The groups of a member as Bird's teams. */
export const toTeamRoles = (groups: readonly Group[], roles: readonly Role[]): TeamRole[] =>
  groups.map((group) => ({
    id: group.id,
    name: group.displayName,
    roleRefs: group.roleIds.length > 0 ? referencesOf(group.roleIds, roles) : null,
  }))

/** The user's own status says whether they ever accepted; what the organization makes of them is the membership's (BIRD-20). */
const common = (member: Membership, { sessions }: Surroundings) => {
  const email = emailOf(member)
  const { locale, timezone, photos } = member.attributes
  const [photo] = primaryFirst(photos)
  return {
    id: member.personId,
    name: displayNameOf(member),
    status: member.acceptedAt ? 'active' : 'pending',
    activeSessions: sessions.get(member.id) ?? 0,
    createdAt: member.createdAt.toISOString(),
    updatedAt: member.updatedAt.toISOString(),
    ...(email !== undefined && { defaultEmail: email }),
    ...(photo !== undefined && { avatarUrl: photo.value }),
    ...(typeof locale === 'string' && isLocale(locale) && { locale }),
    ...(typeof timezone === 'string' && isTimezone(timezone) && { timezone }),
  }
}

const toPreview = (member: Membership, around: Surroundings): UserPreview => common(member, around)

function toUser(member: Membership, around: Surroundings): User {
  const shared = common(member, around)
  const { id: userId, createdAt, updatedAt } = shared
  const defaultEmail = emailOf(member)
  const numbers = primaryFirst(member.attributes['phoneNumbers']).flatMap(({ value }) => toNumber(value) ?? [])
  const isShown = around.phoneNumbers === 'shown'
  return {
    ...shared,
    emails: distinct(member.emails.map(({ value }) => value)).map((email) => ({
      id: recordId(userId, fold(email)),
      userId,
      email,
      verified: member.acceptedAt !== undefined && email === defaultEmail,
      // This directory signs nobody in: it keeps no passwords and no tokens.
      passwordSet: false,
      tokenSet: false,
      createdAt,
      updatedAt,
    })),
    phoneNumbers: (isShown ? distinct(numbers) : []).map((phoneNumber, index) => ({
      id: recordId(userId, phoneNumber),
      userId,
      phoneNumber,
      verified: false,
      primary: index === 0,
      createdAt,
      updatedAt,
    })),
    ...(numbers[0] !== undefined && { phoneNumber: isShown ? numbers[0] : hiddenNumber }),
    ...(member.externalId !== undefined && {
      identities: [
        { id: member.externalId, ...(around.provider !== undefined && { provider: around.provider }), createdAt, updatedAt },
      ],
    }),
  }
}

/** The state that an invitation asks for; roles and attributes are laid on by the caller. */
export const fromInvitation = ({ name, email }: InviteUser): MemberState => ({
  userName: email,
  externalId: undefined,
  displayName: name,
  name: {},
  emails: [{ value: email, primary: true }],
  roleIds: [],
  suspended: false,
  attributes: {},
})

const accountStatuses: ReadonlyMap<string, Account['status']> = new Map([
  ['active', 'active'],
  ['invited', 'invited'],
  ['banned', 'suspended'],
])

/** A vendor's membership in our words, whether the user is whole or a preview. `raw` is the record as it came. */
export function fromMembership({ user, ...membership }: UserMembership, raw: unknown): Account {
  const email = user.defaultEmail || ('emails' in user ? user.emails[0]?.email : undefined) || undefined
  return {
    id: user.id,
    userName: email ?? user.name,
    email,
    givenName: undefined,
    familyName: undefined,
    status: accountStatuses.get(membership.status) ?? 'unknown',
    roles: rolesOfMembership(membership),
    ...(user.activeSessions !== undefined && { activeSessions: user.activeSessions }),
    ...changedAtOf(membership.updatedAt, user.updatedAt),
    raw,
  }
}

/** Every role that is held directly: by slug, and by id where it came through one of the legacy members. Null and absent mean none. */
export function rolesOfMembership({
  attributes,
  roleIds,
  roleRefs,
}: Pick<UserMembership, 'attributes' | 'roleIds' | 'roleRefs'>): readonly VendorRole[] {
  const slugs = attributes?.['roles']
  const ids = [
    ...(Array.isArray(slugs) ? slugs.filter((slug: unknown): slug is string => typeof slug === 'string') : []),
    ...(roleRefs ?? []).map((reference) => reference.id),
    ...(roleIds ?? []),
  ]
  return distinct(ids).map((id) => ({ id, name: id }))
}

interface Valued {
  readonly value: string
  readonly primary: boolean
}

/** The values of a SCIM list such as `phoneNumbers`, the primary one first. */
function primaryFirst(list: Json | undefined): readonly Valued[] {
  if (!Array.isArray(list)) return []
  const items = list.flatMap((item: Json) => {
    if (!isObject(item) || typeof item['value'] !== 'string') return []
    return [{ value: item['value'], primary: item['primary'] === true }]
  })
  return items.toSorted((a, b) => Number(b.primary) - Number(a.primary))
}

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** As E.164 has it; undefined for what is no international number. */
function toNumber(text: string): string | undefined {
  const number = text.replace(/^tel:/i, '').replace(/[\s().-]/g, '')
  return /^\+[1-9][0-9]{4,14}$/.test(number) ? number : undefined
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const distinct = (texts: readonly string[]): readonly string[] => [...new Map(texts.map((text) => [fold(text), text])).values()]

/** An id that stays the same for the same record of the same user (RFC 9562 §5.8). */
function recordId(userId: string, record: string): string {
  const hex = createHash('sha256').update(`${userId} ${record}`).digest('hex')
  return fromHex(`${hex.slice(0, 12)}8${hex.slice(13, 16)}a${hex.slice(17, 32)}`)!
}
