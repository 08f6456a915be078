import { isDeepStrictEqual } from 'node:util'
import { command, query, unchanged, type Call } from './call.ts'
import type { Condition } from './condition.ts'
import { DirectoryError } from './errors.ts'
import { checkExtensions, claimExtensionKeys, type ExtensionChange } from './extension-values.ts'
import type { FactDraft } from './fact.ts'
import type { Parts } from './directory.ts'
import { checkMember, emailOf, stateOf, statusOf, type Membership, type MemberState } from './membership.ts'
import { createInvitation } from './invitations.ts'
import type { OrderedPage, Page, Reader, Writer } from './store.ts'
import type { JsonObject } from './json.ts'

export interface AddMember {
  readonly state: MemberState
  /** `active` for a person whom the caller vouches for; `invited` for one who has yet to accept. */
  readonly as: 'active' | 'invited'
  /** What becomes of the invitation's mail: it goes out, unless it is to be kept for an operator to hand over, as for people who are made up. */
  readonly mail?: 'send' | 'keep'
}

export interface ChangeMember {
  readonly id: string
  /** The version that the caller saw; another one is refused as `stale`. */
  readonly ifVersion?: number | undefined
  /** Called inside the transaction with what stands there; answers the whole new state. May throw a DirectoryError. */
  readonly change: (current: Membership) => MemberState
  /** What becomes of the person's sessions when the change suspends them. */
  readonly sessions: 'end' | 'keep'
}

export function memberCommands({ store, newId, newSecret }: Parts) {
  return {
    /** Adds a person. Refuses a user name or e-mail that a member has already as `taken`. With `invited` the answer carries the one copy of the invitation's token. */
    addMember: command(store, 'write', async (tx, call, { state, as, mail = 'send' }: AddMember) => {
      const [member, added] = await putNew(tx, call, { state, as, id: newId(), personId: newId() })
      const answer: { readonly member: Membership; readonly invitationToken: string | undefined } = {
        member,
        invitationToken: undefined,
      }
      if (as === 'active') return [answer, added]
      const { token, fact } = await createInvitation(tx, call, {
        member,
        mail,
        id: newId(),
        mailId: newId(),
        ...newSecret('invitation'),
      })
      return [{ ...answer, invitationToken: token }, added, fact]
    }),

    /** Adds people whom the caller vouches for, all of them or, if one is refused, nobody: one transaction for an import of many. */
    addMembers: command(store, 'write', async (tx, call, { states }: { readonly states: readonly MemberState[] }) => {
      const put = await Promise.all(
        states.map((state) => putUnclaimed(tx, call, { state, as: 'active', id: newId(), personId: newId() })),
      )
      // One after the other: two of them may want the same.
      for (const { member, changes } of put) await claimExtensionKeys(tx, changes, member.id)
      const members = put.map(({ member }) => member)
      const [first, ...rest] = members.map(addedFact)
      return first ? [members, first, ...rest] : unchanged(members)
    }),

    /** Changes a member to the state that `change` answers. A change that changes nothing keeps the version and reports no fact. */
    changeMember: command(store, 'write', async (tx, call, { id, ifVersion, change, sessions }: ChangeMember) => {
      const current = await findMember(tx, call, id)
      if (ifVersion !== undefined && ifVersion !== current.version)
        throw new DirectoryError('stale', 'The member was changed since it was read. Read it again and repeat the change.')
      const state = change(current)
      if (isDeepStrictEqual(plain(state), plain(stateOf(current)))) return unchanged(current)
      return putState(tx, call, current, { state, sessions })
    }),

    /** Suspends a member; done already, it changes nothing. The last owner is refused as `lastOwner`. */
    suspendMember: command(
      store,
      'write',
      async (tx, call, { id, sessions }: { readonly id: string; readonly sessions: 'end' | 'keep' }) => {
        const current = await findMember(tx, call, id)
        if (current.status === 'suspended') return unchanged(current)
        return putState(tx, call, current, { state: { ...stateOf(current), suspended: true }, sessions })
      },
    ),

    /** Takes a suspension back: to active, or to invited where the person never accepted. */
    resumeMember: command(store, 'write', async (tx, call, { id }: { readonly id: string }) => {
      const current = await findMember(tx, call, id)
      if (current.status !== 'suspended') return unchanged(current)
      return putState(tx, call, current, { state: { ...stateOf(current), suspended: false }, sessions: 'keep' })
    }),

    /** Removes a member for good: sessions end, pending invitations are cancelled, groups lose them, their names are free again. */
    removeMember: command(
      store,
      'write',
      async (tx, call, { id, ifVersion }: { readonly id: string; readonly ifVersion?: number | undefined }) => {
        const current = await findMember(tx, call, id)
        if (ifVersion !== undefined && ifVersion !== current.version)
          throw new DirectoryError('stale', 'The member was changed since it was read. Read it again and repeat the removal.')
        await keepAnOwner(tx, current)
        const ended = [...(await endSessions(tx, call, id)), ...(await cancelInvitations(tx, call, id))]
        await tx.removeMembership(current, call.now)
        return [current, { action: 'member.removed', subject: id, detail: summary(current) }, ...ended]
      },
    ),

    getMember: query(store, 'read', (tx, call, { id }: { readonly id: string }) => findMember(tx, call, id)),
    findMemberByUserName: query(store, 'read', (tx, call, { userName }: { readonly userName: string }) =>
      tx.membershipByUserName(call.organizationId, userName),
    ),
    findMemberByEmail: query(store, 'read', (tx, call, { email }: { readonly email: string }) =>
      tx.membershipByEmail(call.organizationId, email),
    ),
    /** A member, by id or user name, with the groups they are in. */
    findMemberInGroups: query(store, 'read', (tx, call, key: { readonly id: string } | { readonly userName: string }) =>
      tx.membershipInGroups(call.organizationId, key),
    ),
    listMembers: query(store, 'read', (tx, call, page: Page) => tx.memberships(call.organizationId, page)),
    /** The same with the groups that they are in, for those who read few of the profiles. */
    listMembersInGroups: query(store, 'read', (tx, call, page: Page) => tx.membershipsInGroups(call.organizationId, page)),
    listMembersInOrder: query(store, 'read', (tx, call, page: OrderedPage) => tx.membershipsInOrder(call.organizationId, page)),
    countMembers: query(store, 'read', (tx, call, { where }: { readonly where?: Condition | undefined }) =>
      tx.countMemberships(call.organizationId, where),
    ),
    listGroupsOfMembers: query(store, 'read', (tx, call, { ids }: { readonly ids: readonly string[] }) =>
      tx.groupsOf(call.organizationId, ids),
    ),
  }
}

export async function findMember(tx: Reader, call: Call, id: string): Promise<Membership> {
  const member = await tx.membership(call.organizationId, id)
  if (!member) throw new DirectoryError('notFound', 'There is no such member in this organization.', { field: 'id' })
  return member
}

interface NewMember extends Pick<AddMember, 'state' | 'as'> {
  readonly id: string
  readonly personId: string
}

async function putNew(tx: Writer, call: Call, added: NewMember): Promise<readonly [Membership, FactDraft]> {
  const { member, changes } = await putUnclaimed(tx, call, added)
  await claimExtensionKeys(tx, changes, member.id)
  return [member, addedFact(member)]
}

const addedFact = (member: Membership): FactDraft => ({ action: 'member.added', subject: member.id, detail: summary(member) })

/** Puts somebody new; what their extensions say is still to be claimed (claimExtensionKeys). */
async function putUnclaimed(
  tx: Writer,
  call: Call,
  { state, as, id, personId }: NewMember,
): Promise<{ readonly member: Membership; readonly changes: readonly ExtensionChange[] }> {
  const changes = await checkState(tx, call, state, undefined)
  const acceptedAt = as === 'active' ? call.now : undefined
  const { suspended, ...fields } = state
  const member: Membership = {
    ...fields,
    id,
    organizationId: call.organizationId,
    personId,
    status: statusOf(suspended, acceptedAt),
    acceptedAt,
    createdAt: call.now,
    updatedAt: call.now,
    version: 1,
  }
  await Promise.all([tx.putPerson({ id: personId, createdAt: call.now }), tx.putMembership(member)])
  return { member, changes }
}

export async function endSessions(tx: Writer, call: Call, membershipId: string): Promise<FactDraft[]> {
  const facts: FactDraft[] = []
  for (const session of await tx.sessionsOf(call.organizationId, membershipId)) {
    if (session.endedAt) continue
    await tx.putSession({ ...session, endedAt: call.now })
    facts.push({ action: 'session.ended', subject: session.id, detail: { membershipId } })
  }
  return facts
}

async function cancelInvitations(tx: Writer, call: Call, membershipId: string): Promise<FactDraft[]> {
  const facts: FactDraft[] = []
  for (const invitation of await tx.invitationsOf(call.organizationId, membershipId)) {
    if (invitation.acceptedAt || invitation.cancelledAt) continue
    await tx.putInvitation({ ...invitation, cancelledAt: call.now })
    facts.push({ action: 'invitation.cancelled', subject: invitation.id, detail: { membershipId } })
  }
  return facts
}

async function putState(
  tx: Writer,
  call: Call,
  current: Membership,
  { state, sessions }: { readonly state: MemberState; readonly sessions: 'end' | 'keep' },
): Promise<readonly [Membership, FactDraft, ...FactDraft[]]> {
  const changes = await checkState(tx, call, state, current)
  const { suspended, ...fields } = state
  const next: Membership = {
    ...current,
    ...fields,
    status: statusOf(suspended, current.acceptedAt),
    updatedAt: call.now,
    version: current.version + 1,
  }
  if (current.status === 'active' && (next.status !== 'active' || !sameRoles(current, next))) await keepAnOwner(tx, current, next)
  const isEnding = next.status === 'suspended' && current.status !== 'suspended' && sessions === 'end'
  const [ended] = await Promise.all([isEnding ? endSessions(tx, call, next.id) : [], tx.putMembership(next, current)])
  await claimExtensionKeys(tx, changes, next.id)
  const facts: FactDraft[] = []
  if (next.status !== current.status)
    facts.push({
      action: next.status === 'suspended' ? 'member.suspended' : 'member.resumed',
      subject: next.id,
      detail: summary(next),
    })
  const names = changedNames(current, next)
  if (names.length > 0) facts.push({ action: 'member.changed', subject: next.id, detail: { ...summary(next), changed: names } })
  facts.push(...ended)
  const [first, ...rest] = facts
  if (!first) throw new TypeError('a change without a difference')
  return [next, first, ...rest]
}

/** Refuses what would leave the organization, or a workspace that has owners, without an active one. `next` is what becomes of the member; undefined when they go. */
async function keepAnOwner(tx: Writer, current: Membership, next?: Membership): Promise<void> {
  if (current.roleIds.length === 0) return
  const ownerRoles = (await tx.roles(current.organizationId)).filter((role) => role.owner)
  for (const roles of Map.groupBy(ownerRoles, (role) => role.workspaceId).values()) {
    const owners = roles.map((role) => role.id)
    const holds = (member: Membership) => member.status === 'active' && member.roleIds.some((id) => owners.includes(id))
    if (!holds(current) || (next && holds(next))) continue
    if ((await tx.countActiveHolders(current.organizationId, owners, current.id)) > 0) continue
    throw new DirectoryError('lastOwner', 'This is the last owner. Make somebody else an owner first.')
  }
}

/** Refuses a state that the organization cannot hold beside its other members; answers what is to be claimed once it stands (claimExtensionKeys). */
export async function checkState(
  tx: Writer,
  call: Call,
  state: MemberState,
  current: Membership | undefined,
): Promise<readonly ExtensionChange[]> {
  const names = { userName: state.userName, email: emailOf(state) }
  const isNamed = current && current.userName === names.userName && emailOf(current) === names.email
  const [organization, holders] = await Promise.all([
    tx.organization(call.organizationId),
    isNamed ? { userName: current.id, email: current.id } : tx.holdersOfNames(call.organizationId, names),
  ])
  if (!organization) throw new DirectoryError('notFound', 'There is no such organization.')
  checkMember(state, organization)
  if (holders.userName !== undefined && holders.userName !== current?.id)
    throw new DirectoryError('taken', 'A member has this userName already.', { field: 'userName' })
  if (holders.email !== undefined && holders.email !== current?.id)
    throw new DirectoryError('taken', 'A member has this e-mail address already.', { field: 'emails' })
  if (state.roleIds.length > 0 && !(current && sameRoles(current, state))) {
    const known = new Set((await tx.roles(call.organizationId)).map((role) => role.id))
    if (!state.roleIds.every((id) => known.has(id)))
      throw new DirectoryError('invalid', 'A role does not exist in this organization. List the roles for their ids.', {
        field: 'roles',
      })
  }
  return checkExtensions(tx, organization, { type: 'User', before: current?.attributes ?? {}, after: state.attributes })
}

const sameRoles = (a: Pick<MemberState, 'roleIds'>, b: Pick<MemberState, 'roleIds'>) =>
  a.roleIds.length === b.roleIds.length && a.roleIds.every((id) => b.roleIds.includes(id))

/** What a fact says of a member: enough to tell later who had access to what, without the rest of the profile. */
export const summary = (member: Membership): JsonObject => ({
  userName: member.userName,
  email: emailOf(member),
  personId: member.personId,
  status: member.status,
  roleIds: member.roleIds,
})

function changedNames(before: Membership, after: Membership): readonly string[] {
  const names: readonly (keyof MemberState & keyof Membership)[] = [
    'userName',
    'externalId',
    'displayName',
    'name',
    'emails',
    'roleIds',
  ]
  const changed: string[] = names.filter((name) => !isDeepStrictEqual(plain(before[name]), plain(after[name])))
  const attributes = new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])
  for (const name of attributes)
    if (!isDeepStrictEqual(plain(before.attributes[name]), plain(after.attributes[name]))) changed.push(name)
  return changed
}

/** Without members that are undefined, which mean the same as absent ones. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
