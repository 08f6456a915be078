import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Directory } from '../../../directory/directory.ts'
import { fold } from '../../../directory/fold.ts'
import type { JsonObject } from '../../../directory/json.ts'
import {
  isUnread,
  readMembership,
  type AnyMembership,
  type Email,
  type MemberState,
  type Membership,
} from '../../../directory/membership.ts'
import type { MembershipInGroups } from '../../../directory/store.ts'
import { userColumns } from '../columns.ts'
import { refusal } from '../errors.ts'
import type { ScimIds } from '../ids.ts'
import { applyPatch, type MissingElement } from '../patch.ts'
import type { PatchStep } from '../patch-steps.ts'
import { wants, type Projection } from '../project.ts'
import type { Shown } from '../resource-text.ts'
import { ownUrns } from '../schema/extended-type.ts'
import { lifecycleSchema } from '../schema/lifecycle.ts'
import { indexType, type ResourceType } from '../schema/resource-type.ts'
import { fromUser, hasRoles, toUser, versionTag, type UserSurroundings } from '../translate.ts'
import { createUserText } from '../user-text.ts'
import { keepImmutable } from '../validate.ts'
import type { Asking, Binding } from './binding.ts'
import { keyOf, uniqueTextOf } from './key.ts'

/** How a face shows and changes people. */
export interface UserManners {
  readonly type: ResourceType
  readonly ids: ScimIds
  /** What a User becomes that is created: a provider that vouches for people makes them active. */
  readonly entry: 'active' | 'invited'
  /** What becomes of the sessions of somebody who is suspended. */
  readonly sessionsOnSuspend: 'end' | 'keep'
  readonly groups: 'shown' | 'hidden'
  readonly lifecycle: 'shown' | 'hidden'
  /** What a PUT without `active` means. */
  readonly omittedActive: 'keep' | 'activate'
  /** What a PATCH that removes `active` means: nothing, or that it is not shown from then on. */
  readonly removedActive: 'keep' | 'hide'
  /** What becomes of e-mail addresses that are none. */
  readonly madeUp: 'refused' | 'dropped'
  /** With `email`, userName is the person's address. */
  readonly userName: 'text' | 'email'
  /** What our own extension says of people beside their lifecycle, by membership id. */
  readonly provisionings?: ((call: Call, members: readonly Membership[]) => Promise<ReadonlyMap<string, JsonObject>>) | undefined
}

const inNoGroup = (member: AnyMembership): MembershipInGroups => ({ member, groups: [] })

/** Users are memberships: a User's id is a membership's. */
export function bindUsers(directory: Directory, manners: UserManners): Binding {
  const { ids, entry, sessionsOnSuspend } = manners
  // Where `active` is the assignment to an application, it never says how the person stands.
  const lifecycle: UserSurroundings['lifecycle'] = manners.provisionings ? 'always' : manners.lifecycle
  const type = indexType(manners.type)
  const own = ownUrns(manners.type)
  const toText = createUserText(type, { ids, lifecycle, own })
  const plain = { base: '', groups: [], roles: [], ids, lifecycle, own }
  const named = manners.userName === 'email' ? withAddress : (state: MemberState) => state
  const addressed: typeof withAddress = (state, current) =>
    named(
      manners.madeUp === 'refused' ? state : { ...state, emails: state.emails.filter(({ value }) => value.includes('@')) },
      current,
    )

  const wantsGroups = ({ projection }: Asking) => manners.groups === 'shown' && wants(projection, 'groups')
  const rolesOf = async ({ call, projection }: Asking, members: readonly Membership[]) =>
    wants(projection, 'roles') && members.some(hasRoles) ? directory.listRoles(call, undefined) : []
  const provisioningsOf = async ({ call, projection }: Asking, members: readonly Membership[]) =>
    manners.provisionings && wantsProvisioning(projection) ? manners.provisionings(call, members) : undefined

  /** Reads the profiles that have to be read. */
  const showEach = async (asking: Asking, found: readonly MembershipInGroups[]): Promise<readonly Shown[]> => {
    const { base, projection } = asking
    const written = found.map(({ member, groups }) =>
      isUnread(member) && projection.kind === 'default' ? toText(member, { base, groups }) : undefined,
    )
    if (written.every((text) => text !== undefined)) return written
    const read = found.flatMap(({ member, groups }, index) =>
      written[index] ? [] : [{ member: readMembership(member), groups }],
    )
    const members = read.map(({ member }) => member)
    const [roles, provisionings] = await Promise.all([rolesOf(asking, members), provisioningsOf(asking, members)])
    const made = read.values()
    const make = ({ member, groups }: (typeof read)[number]) =>
      toUser(member, { base, groups, roles, ids, lifecycle, own, provisioning: provisionings?.get(member.id) })
    return written.map((text) => text ?? make(made.next().value!))
  }
  /** Shows those whose groups are known, where they are wanted. */
  const showFound = (asking: Asking, found: readonly MembershipInGroups[]) =>
    showEach(asking, wantsGroups(asking) ? found : found.map(({ member }) => inNoGroup(member)))
  const showAll = async (asking: Asking, members: readonly Membership[]): Promise<readonly Shown[]> => {
    const ids = wantsGroups(asking) ? members.map(({ id }) => id) : []
    const groups = ids.length > 0 ? await directory.listGroupsOfMembers(asking.call, { ids }) : undefined
    return showEach(
      asking,
      members.map((member) => ({ member, groups: groups?.get(member.id) ?? [] })),
    )
  }
  const show = async (asking: Asking, member: Membership): Promise<Shown> => (await showAll(asking, [member]))[0]!
  /** Whoever comes to the organization is in no group yet; who comes to an application may be. */
  const showAdded = (asking: Asking, members: readonly Membership[]): Promise<readonly Shown[]> =>
    manners.provisionings ? showAll(asking, members) : showEach(asking, members.map(inNoGroup))
  /** One person, by one look into the store; undefined where there is none. */
  const find = async (asking: Asking, key: { readonly id: string } | { readonly userName: string }) => {
    const found = await directory.findMemberInGroups(asking.call, key)
    return found && (await showFound(asking, [found]))[0]
  }
  const rolesFor = (asking: Asking, named: boolean) => (named ? directory.listRoles(asking.call, undefined) : undefined)

  return {
    type,
    columns: userColumns(ids, own),
    patchAnswer: 'resource',

    read: async (asking, id) => {
      const found = await find(asking, { id: checkId(id, ids) })
      if (!found) throw noUser()
      return found
    },

    shortcut: async (asking, filter) => {
      const unique = uniqueTextOf(filter, type, own)
      if (unique) {
        const holder = await directory.findExtensionHolder(asking.call, unique)
        const found = holder === undefined ? undefined : await find(asking, { id: holder })
        return found ? [found] : []
      }
      const key = keyOf(filter, type, ['id', 'userName'])
      if (!key) return undefined
      const id = key.name === 'id' ? ids.fromUser(key.value) : undefined
      if (key.name === 'id' && id === undefined) return []
      const found = await find(asking, id === undefined ? { userName: key.value } : { id })
      return found ? [found] : []
    },

    list: async (asking, page) => showFound(asking, await directory.listMembersInGroups(asking.call, page)),
    listInOrder: async (asking, page) => {
      const members = await directory.listMembersInOrder(asking.call, page)
      const resources = await showAll(
        asking,
        members.map(({ item }) => item),
      )
      return resources.map((item, index) => ({ item, place: members[index]!.place }))
    },
    count: (asking, where) => directory.countMembers(asking.call, { where }),

    create: async (asking, resource) => {
      const roles = await rolesFor(asking, resource['roles'] !== undefined)
      const { member } = await directory.addMember(asking.call, {
        state: addressed(fromUser(resource, { current: undefined, roles, lifecycle, own }), undefined),
        as: entry,
      })
      return (await showAdded(asking, [member]))[0]!
    },

    // Who is invited gets an invitation, and whoever comes to an application an account there: each by itself.
    createAll:
      entry === 'active' && !manners.provisionings
        ? async (asking, resources) => {
            const roles = await rolesFor(
              asking,
              resources.some((resource) => resource['roles'] !== undefined),
            )
            const states = resources.map((resource) => {
              const named = resource['roles'] === undefined ? undefined : roles
              return addressed(fromUser(resource, { current: undefined, roles: named, lifecycle, own }), undefined)
            })
            return showAdded(asking, await directory.addMembers(asking.call, { states }))
          }
        : undefined,

    replace: async (asking, { id, ifVersion }, resource) => {
      const sent =
        manners.omittedActive === 'activate' && resource['active'] === undefined ? { ...resource, active: true } : resource
      const roles = await rolesFor(asking, resource['roles'] !== undefined)
      const member = await directory.changeMember(asking.call, {
        id: checkId(id, ids),
        ifVersion,
        sessions: sessionsOnSuspend,
        change: (current) =>
          addressed(fromUser(keepImmutable(toUser(current, plain), sent, type), { current, roles, lifecycle, own }), current),
      })
      return show(asking, member)
    },

    patch: async (asking, { id, ifVersion }, steps) => {
      const roles = await rolesFor(
        asking,
        steps.some(({ extension, attribute }) => extension === undefined && attribute.name === 'roles'),
      )
      const missing = await missingElement(directory, asking, steps)
      const removed = steps.some(
        ({ op, value, attribute, extension }) =>
          extension === undefined && attribute.name === 'active' && (op === 'remove' || value === undefined),
      )
      const removesActive = removed && manners.removedActive === 'hide' ? true : undefined
      const member = await directory.changeMember(asking.call, {
        id: checkId(id, ids),
        ifVersion,
        sessions: sessionsOnSuspend,
        change: (current) =>
          addressed(
            fromUser(applyPatch(toUser(current, { ...plain, roles: roles ?? [] }), steps, { type, missing }), {
              current,
              roles,
              lifecycle,
              own,
              removesActive,
            }),
            current,
          ),
      })
      return { version: versionTag(member.version), show: () => show(asking, member) }
    },

    remove: async (asking, { id, ifVersion }) => {
      await directory.removeMember(asking.call, { id: checkId(id, ids), ifVersion })
    },
  }
}

/** Attributes of an extension follow its name after a colon. */
const wantsProvisioning = (projection: Projection): boolean => {
  const urn = lifecycleSchema.id.toLowerCase()
  return projection.kind === 'only' ? [...projection.names].some((name) => name.startsWith(urn)) : wants(projection, urn)
}

/** Refuses what cannot be an id of ours as not found, without asking the store. */
function checkId(text: string, ids: ScimIds): string {
  const id = ids.fromUser(text)
  if (id === undefined) throw noUser()
  return id
}

const noUser = () => new DirectoryError('notFound', 'There is no User with this id.', { field: 'id' })

/** An address as userName is the first e-mail address too, and moves with it. A userName that stood before, and came another way, may stay what it is. */
function withAddress(state: MemberState, current: Membership | undefined): MemberState {
  const { userName, emails } = state
  if (!/^[^\s@]+@[^\s@]+$/.test(userName) && current?.userName === userName) return state
  if (!/^[^\s@]+@[^\s@]+$/.test(userName))
    throw refusal('invalidValue', 'userName must be the e-mail address of the person.', 'userName')
  if (emails.length === 0) return { ...state, emails: [{ value: userName, type: 'work', primary: true }] }
  if (!current || current.userName === userName) return state
  const same = (address: string, other: string) => fold(address) === fold(other)
  if (emails.some(({ value }) => same(value, userName))) return state
  const moved = (email: Email): Email => (same(email.value, current.userName) ? { ...email, value: userName } : email)
  return { ...state, emails: emails.map(moved) }
}

/** Entra counts on `replace` to create an element that is missing; which provider it is, the organization knows. */
async function missingElement(directory: Directory, { call }: Asking, steps: readonly PatchStep[]): Promise<MissingElement> {
  if (!steps.some(({ op, where, capital }) => op === 'replace' && where && !capital)) return 'refuse'
  return (await directory.getOrganization(call, undefined)).sso === 'entra' ? 'create' : 'refuse'
}
