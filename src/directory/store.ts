import type { Condition, Order, Place, Placed } from './condition.ts'
import type { Credential } from './credential.ts'
import type { ExtensionReader, ExtensionWriter } from './extension.ts'
import type { EventReceiverReader, EventReceiverWriter } from './event-receiver.ts'
import type { ChainHead, Fact, FactAction } from './fact.ts'
import type { Explanation } from './explanation.ts'
import type { Group, GroupMember, GroupOf, GroupWithMembers } from './group.ts'
import type { Invitation } from './invitation.ts'
import type { NewMail } from './mail.ts'
import type { AnyMembership, Membership } from './membership.ts'
import type { Organization, Workspace } from './organization.ts'
import type { ResourceReader, ResourceWriter } from './resource.ts'
import type { Role } from './role.ts'
import type { Session } from './session.ts'
import type { WebhookReader, WebhookWriter } from './webhook.ts'

/** A part of a list. `after` (an id) walks on from where a page ended at the same cost everywhere; `offset` skips and is for callers that can do no better. */
export interface Page {
  readonly where?: Condition | undefined
  readonly after?: string | undefined
  readonly offset?: number | undefined
  /** From the newest to the oldest; `after` is then followed by older ones. */
  readonly newestFirst?: true | undefined
  readonly limit: number
}

/** A part of a list that is in an order. `behind` walks on from where a page ended, whatever came, went or moved meanwhile; `offset` skips. */
export interface OrderedPage {
  readonly where?: Condition | undefined
  readonly order: Order
  readonly behind?: Place | undefined
  readonly offset?: number | undefined
  readonly limit: number
}

export interface MembershipInGroups {
  readonly member: AnyMembership
  /** Those that they are in, and those that they are in through them. */
  readonly groups: readonly Pick<GroupOf, 'id' | 'displayName' | 'membership'>[]
}

/** A credential with what every call has to know of its organization, so that nothing further is asked for it. */
export type CallingCredential = Credential & Pick<Organization, 'extensionsRevision'>

/** A part of the chain, in its order. */
export interface FactPage {
  readonly after?: number | undefined
  readonly upTo?: number | undefined
  /** Only these. */
  readonly actions?: readonly FactAction[] | undefined
  /** Only those that name this id, as their subject or in their detail. */
  readonly about?: string | undefined
  readonly limit: number
}

/** What a query may do. Lists are in the order of ids, which is the order of creation, except where a page says otherwise. Every method sees one organization, except where it says otherwise. */
export interface Reader extends WebhookReader, EventReceiverReader, ResourceReader, ExtensionReader {
  organization(id: string): Promise<Organization | undefined>
  /** Over the whole installation. */
  organizations(page: { readonly after?: string | undefined; readonly limit: number }): Promise<readonly Organization[]>
  workspaces(organizationId: string): Promise<readonly Workspace[]>
  roles(organizationId: string): Promise<readonly Role[]>

  membership(organizationId: string, id: string): Promise<Membership | undefined>
  membershipByUserName(organizationId: string, userName: string): Promise<Membership | undefined>
  /** A member with the groups they are in, in one look. */
  membershipInGroups(
    organizationId: string,
    key: { readonly id: string } | { readonly userName: string },
  ): Promise<MembershipInGroups | undefined>
  /** The ids of those who have this user name, and whom this address stands for. */
  holdersOfNames(
    organizationId: string,
    names: { readonly userName: string; readonly email: string | undefined },
  ): Promise<{ readonly userName: string | undefined; readonly email: string | undefined }>
  /** By the address that stands for the member (`emailOf`). */
  membershipByEmail(organizationId: string, email: string): Promise<Membership | undefined>
  membershipByPerson(organizationId: string, personId: string): Promise<Membership | undefined>
  /** Over the whole installation, newest first. */
  membershipsOfPerson(personId: string): Promise<readonly Membership[]>
  /** The user name that a person had when they were last removed from the organization. */
  formerUserName(organizationId: string, personId: string): Promise<string | undefined>
  memberships(organizationId: string, page: Page): Promise<readonly Membership[]>
  /** The same with the groups that they are in, in one look, for those who read few of the profiles. */
  membershipsInGroups(organizationId: string, page: Page): Promise<readonly MembershipInGroups[]>
  membershipsInOrder(organizationId: string, page: OrderedPage): Promise<readonly Placed<Membership>[]>
  countMemberships(organizationId: string, where?: Condition): Promise<number>
  /** How many active members hold one of the roles directly, leaving one member out. */
  countActiveHolders(organizationId: string, roleIds: readonly string[], exceptMembershipId: string): Promise<number>

  group(organizationId: string, id: string): Promise<Group | undefined>
  groupByDisplayName(organizationId: string, displayName: string): Promise<Group | undefined>
  groups(organizationId: string, page: Page): Promise<readonly Group[]>
  groupsInOrder(organizationId: string, page: OrderedPage): Promise<readonly Placed<Group>[]>
  countGroups(organizationId: string, where?: Condition): Promise<number>
  groupMembers(
    organizationId: string,
    groupId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly GroupMember[]>
  groupWithMembers(organizationId: string, id: string): Promise<GroupWithMembers | undefined>
  /** The groups of each of some members, those that they are in through others too, by membership id. Members without a group are left out. */
  groupsOf(organizationId: string, membershipIds: readonly string[]): Promise<ReadonlyMap<string, readonly GroupOf[]>>
  /** The groups that a group holds itself. */
  groupsIn(organizationId: string, groupId: string): Promise<readonly Group[]>
  /** The groups that hold a group themselves. */
  groupsAround(organizationId: string, groupId: string): Promise<readonly Group[]>
  /** Whether a group is one of some groups, or in one of them, however deep. */
  isGroupWithin(organizationId: string, groupId: string, groupIds: readonly string[]): Promise<boolean>
  /** What members of groups are called, people and groups, by id. Ids of neither are left out. */
  memberNames(organizationId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>

  invitation(organizationId: string, id: string): Promise<Invitation | undefined>
  /** Over the whole installation. */
  invitationByTokenHash(tokenHash: string): Promise<Invitation | undefined>
  invitationsOf(organizationId: string, membershipId: string): Promise<readonly Invitation[]>
  sessionsOf(organizationId: string, membershipId: string): Promise<readonly Session[]>
  /** How many sessions of each of some members have not ended, by membership id. Members without one are left out. */
  countOpenSessions(organizationId: string, membershipIds: readonly string[]): Promise<ReadonlyMap<string, number>>

  credential(organizationId: string, id: string): Promise<Credential | undefined>
  credentials(organizationId: string): Promise<readonly Credential[]>
  /** Over the whole installation: who calls is not known yet. */
  credentialByIdentifier(identifier: string): Promise<CallingCredential | undefined>
  /** Over the whole installation: those that end in that time, are not revoked, and were not told of; at most 1,000. */
  credentialsEnding(between: { readonly after: Date; readonly before: Date }): Promise<readonly Credential[]>

  facts(organizationId: string, page: FactPage): Promise<readonly Fact[]>
  /** The sequence of the first fact at that time or after it. */
  firstFactSince(organizationId: string, at: Date): Promise<number | undefined>
  chainHead(organizationId: string): Promise<ChainHead>
  /** Why a request of the organization was refused, oldest first, at most 100; empty when nothing is known. */
  explanations(organizationId: string, requestId: string): Promise<readonly Explanation[]>
}

/** What every transaction that changes something can do beside its own rows: report facts, and remember what it answered. */
export interface FactWriter {
  chainHead(organizationId: string): Promise<ChainHead>
  /** Facts of one organization that follow its head, in their order; at least one. */
  appendFacts(facts: readonly Fact[]): Promise<void>
  /** What the same key answered before, if it came within the last 24 hours. */
  savedResult(
    organizationId: string,
    actor: string,
    key: string,
    now: Date,
  ): Promise<{ readonly fingerprint: string; readonly result: unknown } | undefined>
  /** `result` is plain data with dates. It is sealed before it is stored: it may hold a secret that is handed out once. */
  saveResult(
    organizationId: string,
    actor: string,
    key: string,
    saved: { readonly fingerprint: string; readonly result: unknown; readonly at: Date },
  ): Promise<void>
}

/** What a command may do; only ever held inside a transaction, and only one transaction holds an organization at a time. */
export interface Writer extends Reader, FactWriter, WebhookWriter, EventReceiverWriter, ResourceWriter, ExtensionWriter {
  putOrganization(organization: Organization): Promise<void>
  putWorkspace(workspace: Workspace): Promise<void>
  putRole(role: Role): Promise<void>
  removeRole(organizationId: string, id: string): Promise<void>

  putPerson(person: { readonly id: string; readonly createdAt: Date }): Promise<void>
  /** Version 1 is somebody new. `current` is what stands there, for whoever read it in this transaction: it is not read again then. Refuses a user name or an e-mail address that another member has as `taken`. */
  putMembership(membership: Membership, current?: Membership): Promise<void>
  /** Takes the row away, its group memberships with it, and leaves a tombstone: the names are free again, the id never is. */
  removeMembership(membership: Membership, at: Date): Promise<void>

  putGroup(group: Group): Promise<void>
  removeGroup(organizationId: string, id: string): Promise<void>
  /** Ids that are not members of the organization are left out; answers those that were added. */
  addGroupMembers(organizationId: string, groupId: string, membershipIds: readonly string[]): Promise<readonly string[]>
  /** Answers those that were removed. */
  removeGroupMembers(organizationId: string, groupId: string, membershipIds: readonly string[]): Promise<readonly string[]>
  /** Answers how many people were removed; groups stay. */
  removeAllGroupMembers(organizationId: string, groupId: string): Promise<number>
  /** Ids that are not groups of the organization are left out; answers those that were added. Whether a group would be in itself, the caller has seen to. */
  addGroupsToGroup(organizationId: string, groupId: string, groupIds: readonly string[]): Promise<readonly string[]>
  /** Answers those that were removed. */
  removeGroupsFromGroup(organizationId: string, groupId: string, groupIds: readonly string[]): Promise<readonly string[]>

  putInvitation(invitation: Invitation): Promise<void>
  /** Puts a mail into the outbox, due at once where it has a recipient. Its token is sealed before it is stored. */
  putMail(mail: NewMail): Promise<void>
  putSession(session: Session): Promise<void>
  putCredential(credential: Credential): Promise<void>
  /** Whether the credential's assertion with this id comes for the first time; it is kept until it would have expired anyway. */
  takeAssertion(
    credential: Pick<Credential, 'organizationId' | 'id'>,
    assertion: { readonly id: string; readonly expiresAt: Date; readonly now: Date },
  ): Promise<boolean>
}

/**
 * Transactions over one database. `write` holds the organization for itself: what was read in it still stands when it writes.
 * It resolves only when the change is durable; when `work` throws, nothing of it remains. An organization that is being created is
 * held under its new id. `read` sees committed rows only and is never held up by a writer. Both throw DirectoryError `unavailable` when the
 * database cannot be reached.
 */
export interface Transactions<R, W extends FactWriter> {
  read<T>(work: (reader: R) => Promise<T>): Promise<T>
  write<T>(organizationId: string, work: (writer: W) => Promise<T>): Promise<T>
}

/** One implementation per database; both pass tests/conformance/store.ts. */
export type Store = Transactions<Reader, Writer>
