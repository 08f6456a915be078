import { changedAtOf, type Account, type AccountPage, type VendorRole } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { walkByOffset } from '../../wire/walk.ts'
import type { ScimFeatures } from './connect-features.ts'
import type { ScimGroups } from './connect-groups.ts'
import { listOf, readAnswer, ScimUser, userCalls } from './connect-wire.ts'

export const usersPerPage = 100

/** Users as they come and as accounts. */
export interface ScimUsers {
  readonly list: () => AsyncIterable<AccountPage>
  /** undefined only when the server itself says that there is none. */
  readonly readRaw: (id: string) => Promise<ScimUser | undefined>
  readonly read: (id: string) => Promise<Account | undefined>
  /** The one account under a user name; undefined when the server finds none, or cannot look for it. */
  readonly find: (userName: string) => Promise<Account | undefined>
}

export function createUsers(
  remote: Remote,
  { features, groups }: { readonly features: () => Promise<ScimFeatures>; readonly groups: ScimGroups },
): ScimUsers {
  const page = async (query: Readonly<Record<string, string>>) => {
    const { value } = await call(remote, userCalls.list, { query })
    const { Resources, totalResults, nextCursor } = readAnswer(listOf(ScimUser), value, 'none')
    return { items: Resources ?? [], total: totalResults ?? undefined, next: nextCursor ?? undefined }
  }
  const count = String(usersPerPage)

  async function* byCursor() {
    let cursor = ''
    for (;;) {
      const { items, total, next } = await page({ cursor, count })
      yield { items, total }
      if (!next || next === cursor) return
      cursor = next
    }
  }
  const byPosition = () =>
    walkByOffset({ fetch: async (from) => page({ startIndex: String(from + 1), count }), idOf: ({ id }) => id })

  const readRaw = async (id: string) => {
    try {
      return readAnswer(ScimUser, (await call(remote, userCalls.read, { params: { id } })).value, 'none')
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
  }
  const show = async (user: ScimUser): Promise<Account> => toAccount(user, (await groups.of([user]))(user))

  return {
    async *list() {
      const portions = (await features()).paging === 'cursor' ? byCursor() : byPosition()
      let rolesOf: ((user: ScimUser) => readonly VendorRole[]) | undefined
      for await (const { items, total } of portions) {
        rolesOf ??= items.length > 0 ? await groups.of(items) : undefined
        yield { accounts: items.map((user) => toAccount(user, rolesOf?.(user) ?? [])), declaredTotal: total }
      }
    },
    readRaw,
    read: async (id) => {
      const user = await readRaw(id)
      return user && show(user)
    },
    find: async (userName) => {
      const { items } = await page({ filter: `userName eq ${JSON.stringify(userName)}` })
      const [found, ...others] = items.filter((user) => user.userName.toLowerCase() === userName.toLowerCase())
      return found && others.length === 0 ? show(found) : undefined
    },
  }
}

/** A User as an account. Where no address is shown, a userName that is one stands for it. */
export function toAccount(user: ScimUser, roles: readonly VendorRole[]): Account {
  const { id, userName, name, active } = user
  return {
    id,
    userName,
    ...(user.externalId && { externalId: user.externalId }),
    email: mainEmail(user)?.value ?? (/^[^\s@]+@[^\s@]+$/.test(userName) ? userName : undefined),
    givenName: name?.givenName ?? undefined,
    familyName: name?.familyName ?? undefined,
    status: active === undefined || active === null ? 'unknown' : active ? 'active' : 'suspended',
    roles,
    ...changedAtOf(user.meta?.lastModified),
    raw: user,
  }
}

/** The primary address, else the one for work, else the first. */
export function mainEmail({ emails }: Pick<ScimUser, 'emails'>) {
  const valued = (emails ?? []).filter(({ value }) => value)
  return valued.find(({ primary }) => primary) ?? valued.find(({ type }) => type === 'work') ?? valued[0]
}

/** The server itself says that there is no such resource; a proxy's page says nothing of the kind. */
export const isGone = (error: unknown): boolean =>
  error instanceof RemoteError && (error.status === 404 || error.status === 410) && error.from === 'vendor'
