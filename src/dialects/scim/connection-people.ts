import { applicationPartOf, withApplicationPart } from '../../directory/application.ts'
import type { Call } from '../../directory/call.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { emailOf, readMembership, stateOf, type Membership, type MemberState } from '../../directory/membership.ts'
import type { MembershipInGroups } from '../../directory/store.ts'
import { applicationOf, type Application, type ApplicationEngine } from './connection-call.ts'
import { seenGroups } from './connection-groups.ts'
import { refuseProvisioning } from './connection-refusal.ts'
import { peopleOf } from './connection-where.ts'

/** What a User needs of the directory. */
type People = Pick<
  Directory,
  | 'findMemberInGroups'
  | 'listMembersInGroups'
  | 'listMembersInOrder'
  | 'countMembers'
  | 'listGroupsOfMembers'
  | 'listRoles'
  | 'addMember'
  | 'changeMember'
  | 'removeMember'
>

/**
 * The people of an application: whom the connection is for. `active` is the assignment; the profile is the organization's; external id and roles are
 * the application's own. A write that causes something at the vendor waits for it, and throws the vendor's refusal.
 */
export function peopleOfApplications(
  directory: Directory,
  engine: ApplicationEngine,
  { waitMs }: { readonly waitMs: number },
): People {
  const assignedAmong = async (call: Call, members: readonly Membership[]): Promise<(id: string) => boolean> => {
    const { everyone, groupIds, membershipIds } = applicationOf(call)
    if (everyone || members.length === 0) return () => true
    const groups = await directory.listGroupsOfMembers(call, { ids: members.map(({ id }) => id) })
    return (id) => membershipIds.includes(id) || (groups.get(id) ?? []).some((group) => groupIds.includes(group.id))
  }

  /** The member with whether they are assigned; refused where the address does not list them. */
  const stand = async (call: Call, id: string) => {
    const application = applicationOf(call)
    const member = await directory.getMember(call, { id })
    const assigned = (await assignedAmong(call, [member]))(id)
    if (!assigned && !applicationPartOf(member, application.connectionId).deactivated) throw noUser()
    return { application, member, assigned }
  }

  /** Why the member cannot be unassigned here: somebody else's assignment would keep them assigned. */
  const otherwiseAssigned = async (call: Call, id: string): Promise<DirectoryError | undefined> => {
    const { everyone, groupIds, membershipIds, ownGroupId, name } = applicationOf(call)
    const groups = (await directory.listGroupsOfMembers(call, { ids: [id] })).get(id) ?? []
    const other = groups.find((group) => groupIds.includes(group.id) && group.id !== ownGroupId)
    const by = everyone
      ? 'as everybody is'
      : membershipIds.includes(id)
        ? 'by name'
        : other && `by the group ${other.displayName}`
    if (!by) return undefined
    return new DirectoryError(
      'conflict',
      `This person is assigned to ${name} ${by}, not by this application alone. Take that assignment away in Rollcall.`,
    )
  }

  /** Waits for what the change causes at the vendor. `undo` is done before the vendor's refusal is thrown. */
  const settle = async (
    call: Call,
    membershipId: string,
    { since, undo }: { readonly since: Date; readonly undo?: () => Promise<void> },
  ): Promise<void> => {
    const { connectionId, vendor } = applicationOf(call)
    const { detail, refused } = await engine.awaitProvisioning(call, { connectionId, membershipId, since, waitMs })
    if (!refused) return
    await undo?.()
    refuseProvisioning(vendor, { detail, refused, now: call.now, after: undo ? 'undone' : 'kept' })
  }

  const assign = (call: Call, membershipId: string) =>
    engine.assignToApplication(call, { connectionId: applicationOf(call).connectionId, membershipId })
  const unassign = (call: Call, membershipId: string) =>
    engine.unassignFromApplication(call, { connectionId: applicationOf(call).connectionId, membershipId })

  const rewrite = (call: Call, id: string, part: (member: Membership) => ReturnType<typeof applicationPartOf> | undefined) =>
    directory.changeMember(call, {
      id,
      sessions: 'keep',
      change: (current) => ({
        ...stateOf(current),
        attributes: withApplicationPart(current.attributes, applicationOf(call).connectionId, part(current)),
      }),
    })

  return {
    listRoles: async () => [],

    findMemberInGroups: async (call, key) => {
      const application = applicationOf(call)
      const found = await directory.findMemberInGroups(call, key)
      if (!found) return undefined
      const { member, groups, assigned } = standInGroups(found, application)
      return assigned || applicationPartOf(member, application.connectionId).deactivated
        ? seenInGroups({ member, groups, assigned }, application)
        : undefined
    },

    listMembersInGroups: async (call, { where, ...page }) => {
      const application = applicationOf(call)
      const found = await directory.listMembersInGroups(call, { ...page, where: peopleOf(application, where) })
      return found.map((each) => seenInGroups(standInGroups(each, application), application))
    },

    listMembersInOrder: async (call, { where, ...page }) => {
      const application = applicationOf(call)
      const members = await directory.listMembersInOrder(call, { ...page, where: peopleOf(application, where) })
      const assigned = await assignedAmong(
        call,
        members.map(({ item }) => item),
      )
      return members.map(({ item, place }) => ({
        item: seen(item, application, assigned(item.id) ? 'assigned' : 'not assigned'),
        place,
      }))
    },

    countMembers: (call, { where }) => directory.countMembers(call, { where: peopleOf(applicationOf(call), where) }),

    listGroupsOfMembers: async (call, input) => {
      const groups = await directory.listGroupsOfMembers(call, input)
      return new Map([...groups].map(([id, list]) => [id, seenGroups(list, applicationOf(call))]))
    },

    addMember: async (call, { state, as }) => {
      const application = applicationOf(call)
      const email = emailOf(state)
      const known =
        (await directory.findMemberByUserName(call, { userName: state.userName })) ??
        (email === undefined ? undefined : await directory.findMemberByEmail(call, { email }))
      const before = known && applicationPartOf(known, application.connectionId)
      if (known && (before?.deactivated || (await assignedAmong(call, [known]))(known.id)))
        throw new DirectoryError('taken', `${known.userName} is at ${application.name} already. Look for them by userName.`, {
          field: 'userName',
        })
      const part = partOf(state)
      const member = known
        ? await rewrite(call, known.id, () => part)
        : (await directory.addMember(call, { state: inDirectory(state, undefined, application), as })).member
      if (!state.suspended) {
        await assign(call, member.id)
        await settle(call, member.id, {
          since: call.now,
          undo: async () => {
            await unassign(call, member.id)
            if (known) await rewrite(call, known.id, () => before)
            else await forget(call, member)
          },
        })
      }
      const assignment = state.suspended ? 'not assigned' : 'assigned'
      return { member: seen(member, application, assignment), invitationToken: undefined }
    },

    changeMember: async (call, { id, ifVersion, change }) => {
      const { application, member: before, assigned } = await stand(call, id)
      const { connectionId } = application
      const otherwise = assigned ? await otherwiseAssigned(call, id) : undefined
      const member = await directory.changeMember(call, {
        id,
        ifVersion,
        sessions: 'keep',
        change: (current) => {
          const state = change(seen(current, application, assigned ? 'assigned' : 'not assigned'))
          if (state.suspended && otherwise) throw otherwise
          return inDirectory(state, current, application)
        },
      })
      const becomes = applicationPartOf(member, connectionId).deactivated ? 'not assigned' : 'assigned'
      if (becomes === 'not assigned') await unassign(call, id)
      else if (!assigned) {
        await assign(call, id)
        const undo = async () => {
          await unassign(call, id)
          await rewrite(call, id, (current) => ({ ...applicationPartOf(current, connectionId), deactivated: true }))
        }
        await settle(call, id, { since: call.now, undo })
      } else {
        await engine.retrySteps(call, { connectionId, membershipId: id })
        if (member.version !== before.version) await settle(call, id, { since: call.now })
        else {
          // A request that is repeated is told what became of the first one.
          const provisioning = (await engine.provisionings(call, { connectionId, members: [member] })).get(id)
          if (provisioning?.state === 'pending' || provisioning?.refused) await settle(call, id, { since: new Date(0) })
        }
      }
      return seen(member, application, becomes)
    },

    removeMember: async (call, { id, ifVersion }) => {
      const { application, member, assigned } = await stand(call, id)
      if (ifVersion !== undefined && ifVersion !== member.version)
        throw new DirectoryError('stale', 'The member was changed since it was read. Read it again and repeat the removal.')
      const otherwise = assigned ? await otherwiseAssigned(call, id) : undefined
      if (otherwise) throw otherwise
      await unassign(call, id)
      const groups = seenGroups((await directory.listGroupsOfMembers(call, { ids: [id] })).get(id) ?? [], application)
      for (const group of groups.filter(({ membership }) => membership === 'direct'))
        await directory.changeGroup(call, { id: group.id, changes: [{ kind: 'removeMembers', membershipIds: [id] }] })
      await rewrite(call, id, () => undefined)
      return seen(member, application, assigned ? 'assigned' : 'not assigned')
    },
  }

  /** Takes somebody out of the directory again who came into it a moment ago, unless somebody else has changed them since. */
  async function forget(call: Call, { id, version }: Membership): Promise<void> {
    try {
      await directory.removeMember(call, { id, ifVersion: version })
    } catch (error) {
      if (!(error instanceof DirectoryError) || (error.refusal !== 'stale' && error.refusal !== 'notFound')) throw error
    }
  }
}

const noUser = () => new DirectoryError('notFound', 'There is no User with this id.', { field: 'id' })

/** A member as the application sees them. */
function seen(member: Membership, { connectionId }: Application, assignment: 'assigned' | 'not assigned'): Membership {
  const { externalId, roles } = applicationPartOf(member, connectionId)
  const { roles: _, ...attributes } = member.attributes
  const status = assignment === 'not assigned' ? 'suspended' : member.status === 'suspended' ? 'active' : member.status
  return {
    ...member,
    status,
    externalId,
    roleIds: [],
    attributes: { ...attributes, ...(roles !== undefined && { roles }) },
  }
}

/** A member whose groups are known, with whether they are assigned. */
function standInGroups(found: MembershipInGroups, { everyone, membershipIds, groupIds }: Application) {
  const { groups } = found
  const member = readMembership(found.member)
  const assigned = everyone || membershipIds.includes(member.id) || groups.some(({ id }) => groupIds.includes(id))
  return { member, groups, assigned }
}

const seenInGroups = (
  { member, groups, assigned }: ReturnType<typeof standInGroups>,
  application: Application,
): MembershipInGroups => ({
  member: seen(member, application, assigned ? 'assigned' : 'not assigned'),
  groups: seenGroups(groups, application),
})

/** What the application wrote of what it sees, as the directory keeps it. */
function inDirectory(state: MemberState, current: Membership | undefined, { connectionId }: Application): MemberState {
  const { roles: _, ...attributes } = state.attributes
  const roles = current?.attributes['roles']
  return {
    ...state,
    externalId: current?.externalId,
    roleIds: current?.roleIds ?? [],
    suspended: current?.status === 'suspended',
    attributes: withApplicationPart({ ...attributes, ...(roles !== undefined && { roles }) }, connectionId, partOf(state)),
  }
}

const partOf = ({ externalId, suspended, attributes }: MemberState) => ({
  externalId,
  roles: attributes['roles'],
  deactivated: suspended,
})
