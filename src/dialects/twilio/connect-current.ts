import type { DesiredAccount, VendorRole, VendorWriter } from '../../sync/vendor.ts'
import { call, type Remote } from '../../wire/call.ts'
import { checkKept, createSwitch, readOrThrow, type ScimUsers } from './connect-scim.ts'
import {
  addressOf,
  afterWrite,
  checkUserSid,
  follow,
  isGone,
  noAddress,
  readAfter,
  readBack,
  walkLinks,
  type Reach,
  type Reader,
  type RoleBook,
} from './connect-shared.ts'
import {
  createRoleAssignment,
  createToken,
  deleteRoleAssignment,
  listRoleAssignments,
  type RoleAssignment,
} from './wire-public.ts'

/** The public organization API: users by SCIM without pages, roles as assignments (TWIL-P03, TWIL-P07). */
export interface CurrentAccess {
  readonly remote: Reach
  readonly organizationSid: string
  readonly users: ScimUsers
  readonly roles: RoleBook
}

export function createCurrentReader(access: CurrentAccess): Reader {
  const { users, roles } = access
  return {
    paging: 'offset',

    async *list() {
      const held = await rolesByUser(access)
      for await (const page of users.list())
        yield { ...page, accounts: page.accounts.map((account) => ({ ...account, roles: held.get(account.id) ?? [] })) }
    },

    async read(accountId) {
      const account = await users.read(accountId)
      if (!account) return undefined
      const assignments = await assignmentsOf(access, account.id)
      return { ...account, roles: assignments.map(({ role_sid: sid }) => roles.toRole(sid)) }
    },

    roles: async () => roles.all(),
  }
}

export function createCurrentWriter(access: CurrentAccess, reader: Reader): Omit<VendorWriter, 'cancelInvitation'> {
  const { users } = access
  return {
    async create(desired) {
      const userName = addressOf(desired)
      if (userName === undefined) return { outcome: 'needsPerson', task: noAddress(desired) }
      const created = await users.create(desired, userName)
      if (!created) return { outcome: 'exists' }
      // The roles follow by an update, so that a failure there does not lose the user who was made.
      return { outcome: 'invited', account: await readBack(reader, created), expiresAt: undefined }
    },

    async update(accountId, desired) {
      const before = await readOrThrow(reader, checkUserSid(accountId))
      await users.change(before, desired)
      await setRoles(access, accountId, desired)
      const after = await readAfter(reader, accountId)
      checkKept(after, desired)
      const held = new Set(after.roles.map(({ id }) => id))
      if (held.size !== new Set(desired.roleIds).size || !desired.roleIds.every((id) => held.has(id)))
        throw afterWrite('Twilio accepted the update and did not keep the roles. Compare the user in the Console.')
      return after
    },

    remove: (accountId) => users.remove(accountId),
    ...createSwitch(users, reader),
  }
}

/** New roles before old ones go, so that nobody is without any in between. Roles in subaccounts are left alone. */
async function setRoles(access: CurrentAccess, identity: string, { roleIds }: DesiredAccount): Promise<void> {
  const { remote, organizationSid } = access
  const params = { organizationSid }
  const held = await assignmentsOf(access, identity)
  for (const role_sid of roleIds.filter((id) => !held.some((assignment) => assignment.role_sid === id)))
    await call(await remote(), createRoleAssignment, { params, body: { role_sid, scope: organizationSid, identity } })
  for (const { sid } of held.filter((assignment) => !roleIds.includes(assignment.role_sid)))
    try {
      await call(await remote(), deleteRoleAssignment, { params: { ...params, assignmentSid: sid } })
    } catch (error) {
      if (!isGone(error)) throw error
    }
}

/** The roles that each user holds in the organization itself. Whoever holds the same one role shares its list: there may be many. */
async function rolesByUser(access: CurrentAccess): Promise<ReadonlyMap<string, readonly VendorRole[]>> {
  const held = new Map<string, readonly VendorRole[]>()
  const alone = new Map<string, readonly VendorRole[]>()
  for await (const assignments of walkAssignments(access))
    for (const { identity, role_sid: sid } of assignments) {
      const role = alone.get(sid) ?? [access.roles.toRole(sid)]
      alone.set(sid, role)
      const others = held.get(identity)
      held.set(identity, others ? [...others, ...role] : role)
    }
  return held
}

/** What one user holds in the organization itself. */
async function assignmentsOf(access: WhereAssigned, identity: string): Promise<readonly RoleAssignment[]> {
  const all: RoleAssignment[] = []
  for await (const assignments of walkAssignments(access, identity)) all.push(...assignments)
  return all
}

type WhereAssigned = Pick<CurrentAccess, 'remote' | 'organizationSid'>

/** Every page of who holds which role in the organization itself, or of what one user holds there. */
async function* walkAssignments(
  { remote, organizationSid }: WhereAssigned,
  identity?: string,
): AsyncGenerator<readonly RoleAssignment[], void, undefined> {
  const query = { PageSize: '100', Scope: organizationSid, ...(identity !== undefined && { Identity: identity }) }
  const pages = walkLinks(async () => call(await remote(), listRoleAssignments, { params: { organizationSid }, query }), {
    linkOf: ({ value }) => value.meta.next_page_url,
    next: async (link) => {
      const followed = follow(await remote(), listRoleAssignments, link)
      return call(followed.remote, followed.operation, {})
    },
  })
  for await (const { value } of pages)
    yield value.content.filter(
      ({ scope, identity: whose }) => scope === organizationSid && (identity === undefined || whose === identity),
    )
}

/** How long before its end a token is given up, in milliseconds. */
const marginMs = 30_000

/** Calls with a token of the OAuth app: one is asked for when it is needed, again shortly before it ends, and after it was refused. */
export function createTokenReach(
  remote: Remote,
  {
    tokenUrl,
    app,
    clock,
  }: {
    readonly tokenUrl: string
    readonly app: { readonly clientId: string; readonly clientSecret: string }
    readonly clock: () => Date
  },
): Reach {
  let held: { readonly token: string; readonly untilMs: number } | undefined
  const url = new URL(tokenUrl)
  const fetchToken = async (): Promise<string> => {
    if (held && clock().getTime() < held.untilMs) return held.token
    const { value } = await call(
      { ...remote, baseUrl: url.origin, headers: {} },
      { ...createToken, path: url.pathname.replaceAll(':', '%3A') },
      { body: { grant_type: 'client_credentials', client_id: app.clientId, client_secret: app.clientSecret } },
    )
    held = { token: value.access_token, untilMs: clock().getTime() + (value.expires_in ?? 0) * 1000 - marginMs }
    return held.token
  }
  const fetchNoting: typeof fetch = async (input, init) => {
    const response = await remote.fetch(input, init)
    if (response.status === 401) held = undefined
    return response
  }
  return async () => ({
    ...remote,
    fetch: fetchNoting,
    headers: { ...remote.headers, authorization: `Bearer ${await fetchToken()}` },
  })
}
