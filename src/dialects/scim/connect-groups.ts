import type { VendorRole } from '../../sync/vendor.ts'
import { call, type Remote } from '../../wire/call.ts'
import { walkByOffset } from '../../wire/walk.ts'
import { isMissing, type ScimFeatures } from './connect-features.ts'
import { groupCalls, listOf, readAnswer, ScimGroup, type ScimUser } from './connect-wire.ts'

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const groupsPerPage = 100

/** Groups as roles: who is in one has it. */
export interface ScimGroups {
  /** Empty where the server has no groups, or shows none to this caller. */
  readonly list: () => Promise<readonly VendorRole[]>
  /** The groups of each user. A server that shows none on the users themselves is asked for its groups with their members. */
  readonly of: (users: readonly ScimUser[]) => Promise<(user: ScimUser) => readonly VendorRole[]>
  /** Brings the user out of some groups and into others, one after the other. */
  readonly set: (userId: string, change: { readonly out: readonly string[]; readonly into: readonly string[] }) => Promise<void>
}

export function createGroups(remote: Remote, features: () => Promise<ScimFeatures>): ScimGroups {
  // Once a server has shown groups on a user, a user without any has none.
  let shownOnUsers = false

  async function readAll(query: Readonly<Record<string, string>>): Promise<readonly ScimGroup[]> {
    const found: ScimGroup[] = []
    const portions = walkByOffset({
      fetch: async (from) => {
        const { value } = await call(remote, groupCalls.list, {
          query: { startIndex: String(from + 1), count: String(groupsPerPage), ...query },
        })
        const { Resources, totalResults } = readAnswer(listOf(ScimGroup), value, 'none')
        return { items: Resources ?? [], total: totalResults ?? undefined }
      },
      idOf: ({ id }) => id,
    })
    try {
      for await (const { items } of portions) found.push(...items)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
    return found
  }

  async function change(groupId: string, userId: string, to: 'in' | 'out'): Promise<void> {
    const params = { id: groupId }
    if ((await features()).patch) {
      const operation =
        to === 'in'
          ? { op: 'add', path: 'members', value: [{ value: userId }] }
          : { op: 'remove', path: `members[value eq ${JSON.stringify(userId)}]` }
      await call(remote, groupCalls.patch, { params, body: { schemas: [patchSchema], Operations: [operation] } })
      return
    }
    const { value } = await call(remote, groupCalls.read, { params })
    const { meta: _, ...group } = readAnswer(ScimGroup, value, 'none')
    const others = (group.members ?? []).filter((member) => member.value !== userId)
    const members = to === 'in' ? [...others, { value: userId }] : others
    await call(remote, groupCalls.replace, { params, body: { ...group, members } })
  }

  return {
    list: async () => (await readAll({ excludedAttributes: 'members' })).map(toRole),
    of: async (users) => {
      shownOnUsers ||= users.some(({ groups }) => groups && groups.length > 0)
      if (shownOnUsers) return ({ groups }) => (groups ?? []).map(({ value, display }) => ({ id: value, name: display ?? value }))
      const byUser = new Map<string, VendorRole[]>()
      for (const group of await readAll({}))
        for (const { value } of group.members ?? []) byUser.set(value, [...(byUser.get(value) ?? []), toRole(group)])
      return ({ id }) => byUser.get(id) ?? []
    },
    set: async (userId, { out, into }) => {
      for (const id of into) await change(id, userId, 'in')
      for (const id of out) await change(id, userId, 'out')
    },
  }
}

const toRole = ({ id, displayName }: ScimGroup): VendorRole => ({ id, name: displayName })
