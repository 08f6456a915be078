import { DirectoryError } from './errors.ts'
import type { Organization } from './organization.ts'
import type { JsonObject } from './json.ts'

export type MemberStatus = 'invited' | 'active' | 'suspended'

/** The parts of a name, as RFC 7643 §4.1.1 calls them. */
export interface PersonName {
  readonly formatted?: string
  readonly familyName?: string
  readonly givenName?: string
  readonly middleName?: string
  readonly honorificPrefix?: string
  readonly honorificSuffix?: string
}

export interface Email {
  readonly value: string
  readonly type?: string
  readonly display?: string
  readonly primary?: boolean
}

/** What a caller may write of a membership. */
export interface MemberState {
  readonly userName: string
  readonly externalId: string | undefined
  readonly displayName: string | undefined
  readonly name: PersonName
  /** At most one is primary. The primary one, else the first, is the address that is unique in the organization. */
  readonly emails: readonly Email[]
  /** Roles held directly, by id; those that a group grants are not in it. */
  readonly roleIds: readonly string[]
  readonly suspended: boolean
  /** Every further attribute by its RFC 7643 name, extensions under their URN; stored as sent, never interpreted by the core. */
  readonly attributes: JsonObject
}

/** A person in one organization, as that organization sees them. */
export interface Membership extends Omit<MemberState, 'suspended'> {
  readonly id: string
  readonly organizationId: string
  readonly personId: string
  readonly status: MemberStatus
  /** When the person accepted the invitation, or was added without one. A suspended member without it resumes as invited. */
  readonly acceptedAt: Date | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Counts the changes, from 1. */
  readonly version: number
}

/** The part of a membership that is kept whole, as one text. */
export type Profile = Pick<MemberState, 'displayName' | 'name' | 'emails' | 'attributes'>

/** A membership as it is kept: who only hands it on need not read its profile. Times are in milliseconds. */
export interface MembershipText extends Omit<Membership, keyof Profile | 'roleIds' | 'acceptedAt' | 'createdAt' | 'updatedAt'> {
  readonly acceptedAtMs: number | undefined
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** The profile as JSON without blanks: displayName where there is one, then name, emails and attributes. */
  readonly profile: string
  /** JSON, a list of the names of the attributes, in their order; undefined where it is not known, or one of them is null. */
  readonly attributeNames: string | undefined
  /** JSON. */
  readonly roleIds: string
}

/** A membership with its profile read, or not yet. */
export type AnyMembership = Membership | MembershipText

export const isUnread = (member: AnyMembership): member is MembershipText => 'profile' in member

/** The membership with its profile read. */
export function readMembership(member: AnyMembership): Membership {
  if (!isUnread(member)) return member
  const { profile: text, attributeNames: _, roleIds, acceptedAtMs, createdAtMs, updatedAtMs, ...rest } = member
  const { displayName, name, emails, attributes }: Profile = JSON.parse(text)
  return {
    ...rest,
    acceptedAt: acceptedAtMs === undefined ? undefined : new Date(acceptedAtMs),
    createdAt: new Date(createdAtMs),
    updatedAt: new Date(updatedAtMs),
    displayName,
    name,
    emails,
    roleIds: JSON.parse(roleIds),
    attributes,
  }
}

/** The address that stands for the member: the primary one, else the first. */
export const emailOf = (member: Pick<MemberState, 'emails'>): string | undefined =>
  (member.emails.find((email) => email.primary) ?? member.emails[0])?.value

/** The same addresses with another one in the place of the primary (or first) one. */
export function withEmail(emails: readonly Email[], value: string): readonly Email[] {
  const current = emails.find((email) => email.primary) ?? emails[0]
  if (!current) return [{ value, primary: true }]
  return emails.map((email) => (email === current ? { ...email, value } : email))
}

/** A name for people to read: the display name, else the name's parts, else the user name. */
export function displayNameOf(member: Pick<MemberState, 'displayName' | 'name' | 'userName'>): string {
  const parts = [member.name.givenName, member.name.familyName].filter(Boolean).join(' ')
  return member.displayName || member.name.formatted || parts || member.userName
}

export const stateOf = (member: Membership): MemberState => ({
  userName: member.userName,
  externalId: member.externalId,
  displayName: member.displayName,
  name: member.name,
  emails: member.emails,
  roleIds: member.roleIds,
  suspended: member.status === 'suspended',
  attributes: member.attributes,
})

/** The status that follows from what is known: suspended wins, and only acceptance makes active. */
export const statusOf = (suspended: boolean, acceptedAt: Date | undefined): MemberStatus =>
  suspended ? 'suspended' : acceptedAt ? 'active' : 'invited'

/** Refuses a state that no organization may hold; uniqueness is the command's to check. */
export function checkMember(state: MemberState, organization: Organization): void {
  if (!state.userName.trim()) throw new DirectoryError('invalid', 'userName must not be empty.', { field: 'userName' })
  if (state.userName.length > 256)
    throw new DirectoryError('invalid', 'userName is longer than 256 characters.', { field: 'userName' })
  if (state.externalId !== undefined && state.externalId.length > 256)
    throw new DirectoryError('invalid', 'externalId is longer than 256 characters.', { field: 'externalId' })
  if (state.emails.filter((email) => email.primary).length > 1)
    throw new DirectoryError('invalid', 'Only one e-mail address can be primary.', { field: 'emails' })
  for (const { value } of state.emails) {
    if (value.length > 320 || !/^[^\s@]+@[^\s@]+$/.test(value))
      throw new DirectoryError('invalid', 'An e-mail address must look like name@example.com.', { field: 'emails' })
    const domain = value.slice(value.lastIndexOf('@') + 1).toLowerCase()
    if (organization.emailDomains.length > 0 && !organization.emailDomains.includes(domain))
      throw new DirectoryError(
        'invalid',
        `The organization does not allow e-mail addresses at ${domain}. Allow the domain first.`,
        { field: 'emails' },
      )
  }
}
