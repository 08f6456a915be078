import { DirectoryError } from '../../../directory/errors.ts'
import type { Directory } from '../../../directory/directory.ts'
import { isId } from '../../../directory/id.ts'
import type { Membership } from '../../../directory/membership.ts'
import { userColumns } from '../columns.ts'
import { applyPatch, type MissingElement } from '../patch.ts'
import type { PatchStep } from '../patch-steps.ts'
import { wants } from '../project.ts'
import type { Resource } from '../resource.ts'
import { indexType, userType } from '../schema/resource-type.ts'
import { fromUser, hasRoles, toUser, versionTag } from '../translate.ts'
import { keepImmutable } from '../validate.ts'
import type { Asking, Binding } from './binding.ts'
import { keyOf } from './key.ts'

/** Users are memberships: a User's id is a membership's, and what a provider creates is active, since the provider vouches for it. */
export function bindUsers(directory: Directory): Binding {
  const type = indexType(userType)
  const plain = { base: '', groups: [], roles: [] }

  const showAll = async (asking: Asking, members: readonly Membership[]): Promise<readonly Resource[]> => {
    const { call, base, projection } = asking
    const [groups, roles] = await Promise.all([
      wants(projection, 'groups') && members.length > 0
        ? directory.listGroupsOfMembers(call, { ids: members.map(({ id }) => id) })
        : undefined,
      wants(projection, 'roles') && members.some(hasRoles) ? directory.listRoles(call, undefined) : [],
    ])
    return members.map((member) => toUser(member, { base, groups: groups?.get(member.id) ?? [], roles }))
  }
  const show = async (asking: Asking, member: Membership): Promise<Resource> => (await showAll(asking, [member]))[0]!
  const rolesFor = (asking: Asking, named: boolean) => (named ? directory.listRoles(asking.call, undefined) : undefined)

  return {
    type,
    columns: userColumns,
    patchAnswer: 'resource',

    read: async (asking, id) => show(asking, await directory.getMember(asking.call, { id: checkId(id) })),

    shortcut: async (asking, filter) => {
      const key = keyOf(filter, type, ['id', 'userName'])
      if (!key) return undefined
      const member =
        key.name === 'id'
          ? isId(key.value)
            ? await directory.getMember(asking.call, { id: key.value }).catch(absent)
            : undefined
          : await directory.findMemberByUserName(asking.call, { userName: key.value })
      return member ? [await show(asking, member)] : []
    },

    list: async (asking, page) => showAll(asking, await directory.listMembers(asking.call, page)),
    count: (asking, where) => directory.countMembers(asking.call, { where }),

    create: async (asking, resource) => {
      const roles = await rolesFor(asking, resource['roles'] !== undefined)
      const { member } = await directory.addMember(asking.call, {
        state: fromUser(resource, { current: undefined, roles }),
        as: 'active',
      })
      return show(asking, member)
    },

    replace: async (asking, { id, ifVersion }, resource) => {
      const roles = await rolesFor(asking, resource['roles'] !== undefined)
      const member = await directory.changeMember(asking.call, {
        id: checkId(id),
        ifVersion,
        sessions: 'end',
        change: (current) => fromUser(keepImmutable(toUser(current, plain), resource, type), { current, roles }),
      })
      return show(asking, member)
    },

    patch: async (asking, { id, ifVersion }, steps) => {
      const roles = await rolesFor(
        asking,
        steps.some(({ extension, attribute }) => extension === undefined && attribute.name === 'roles'),
      )
      const missing = await missingElement(directory, asking, steps)
      const member = await directory.changeMember(asking.call, {
        id: checkId(id),
        ifVersion,
        sessions: 'end',
        change: (current) =>
          fromUser(applyPatch(toUser(current, { ...plain, roles: roles ?? [] }), steps, { type, missing }), { current, roles }),
      })
      return { version: versionTag(member.version), show: () => show(asking, member) }
    },

    remove: async (asking, { id, ifVersion }) => {
      await directory.removeMember(asking.call, { id: checkId(id), ifVersion })
    },
  }
}

/** Refuses what cannot be an id of ours as not found, without asking the store. */
function checkId(id: string): string {
  if (!isId(id)) throw new DirectoryError('notFound', 'There is no User with this id.', { field: 'id' })
  return id
}

function absent(error: unknown): undefined {
  if (error instanceof DirectoryError && error.refusal === 'notFound') return undefined
  throw error
}

/** Entra counts on `replace` to create an element that is missing; which provider it is, the organization knows. */
async function missingElement(directory: Directory, { call }: Asking, steps: readonly PatchStep[]): Promise<MissingElement> {
  if (!steps.some(({ op, where, capital }) => op === 'replace' && where && !capital)) return 'refuse'
  return (await directory.getOrganization(call, undefined)).sso === 'entra' ? 'create' : 'refuse'
}
