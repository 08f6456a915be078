import { z } from 'zod'
import { changedAtOf, type Account, type VendorReader, type VendorRole } from '../../sync/vendor.ts'
import { RemoteError } from '../../wire/call.ts'
import { idOf, listAcross, type Listed } from './connect-across.ts'
import type { ConnectSettings } from './connect-settings.ts'
import type { Session } from './connect-session.ts'
import { listMembers, roleNames, type Member, type RoleName } from './wire.ts'

/** The most that a page may have. */
const pageSize = 100

/** What is asked and understood of members: the projects of the connection, and how a role of one of them is spelled. */
export interface Members {
  /** Every page of one project, to its end (SNCH-12). */
  readonly walk: (projectId: string) => AsyncGenerator<readonly Listed[]>
  /** Every page of every project. */
  readonly walkAll: () => AsyncGenerator<readonly Listed[]>
  readonly roles: readonly VendorRole[]
  readonly reader: Omit<VendorReader, 'check'>
  /** One person as they stand in every project, by user_id, or by address where none was shown; undefined when they are in none. */
  readonly find: (accountId: string) => Promise<Account | undefined>
  readonly findByEmail: (email: string) => Promise<Account | undefined>
}

const Records = z.object({ members: z.array(z.unknown()) })

export function createMembers(session: Session, settings: ConnectSettings): Members {
  const { projects } = settings
  const operation = { ...listMembers, path: toPath(settings.paths.members) ?? listMembers.path }
  const spelling = createSpelling(projects)

  async function* walk(projectId: string): AsyncGenerator<readonly Listed[]> {
    const seen = new Set<string>()
    for (let token = ''; ;) {
      const query = { page_size: String(pageSize), ...(token && { page_token: token }) }
      const { value, raw } = await session.call(operation, { params: { projectId }, query })
      const records = Records.parse(raw).members
      yield value.members.map((member, index) => ({ projectId, member, raw: records[index] }))
      // The last page's token is empty or absent (SNCH-Q05).
      if (!value.next_page_token) return
      token = value.next_page_token
      if (seen.has(token))
        throw new RemoteError(200, 'The list of members leads back to a page that was read already. Read it again later.', {
          retryable: true,
          effect: 'none',
          from: 'vendor',
        })
      seen.add(token)
    }
  }

  async function* walkAll(): AsyncGenerator<readonly Listed[]> {
    for (const projectId of projects) yield* walk(projectId)
  }

  const gather = async (matches: (member: Member) => boolean): Promise<Account | undefined> => {
    const found: Listed[] = []
    for await (const page of walkAll()) found.push(...page.filter(({ member }) => matches(member)))
    const [first, ...rest] = found
    return first && toAccount([first, ...rest], spelling)
  }
  const sameAddress = (member: Member, email: string) => member.email.toLowerCase() === email.toLowerCase()
  const find = (accountId: string) =>
    gather((member) => (member.user_id ?? undefined) === accountId || (isAddress(accountId) && sameAddress(member, accountId)))

  return {
    walk,
    walkAll,
    roles: spelling.roles,
    find,
    findByEmail: (email) => gather((member) => sameAddress(member, email)),
    reader: {
      absence: 'list',
      async *list() {
        if (projects.length === 1) {
          for await (const page of walkAll())
            yield { accounts: page.map((listed) => toAccount([listed], spelling)), declaredTotal: undefined }
          return
        }
        for await (const people of listAcross(projects, walk))
          yield { accounts: people.map((listed) => toAccount(listed, spelling)), declaredTotal: undefined }
      },
      read: find,
      roles: async () => spelling.roles,
    },
  }
}

/** A path with {names} as an operation has it. */
export const toPath = (path: string | undefined): string | undefined => path?.replace(/\{(\w+)\}/g, ':$1')

export const isAddress = (accountId: string): boolean => accountId.includes('@')

/** How the four roles of each project are named. In the first project by their own names. */
export interface Spelling {
  readonly roles: readonly VendorRole[]
  readonly toRole: (projectId: string, role: string) => VendorRole
  /** The roles asked for, by project; projects without one are left out. Undefined for what is no role of the connection. */
  readonly fromRoleIds: (roleIds: readonly string[]) => ReadonlyMap<string, readonly RoleName[]> | undefined
}

export function createSpelling(projects: readonly [string, ...string[]]): Spelling {
  const toRole = (projectId: string, role: string): VendorRole =>
    projectId === projects[0] ? { id: role, name: role } : { id: `${projectId}/${role}`, name: `${role} in ${projectId}` }
  const byId = new Map(
    projects.flatMap((projectId) => roleNames.map((role) => [toRole(projectId, role).id, { projectId, role }] as const)),
  )
  return {
    roles: projects.flatMap((projectId) => roleNames.map((role) => toRole(projectId, role))),
    toRole,
    fromRoleIds: (roleIds) => {
      const found = roleIds.map((id) => byId.get(id))
      if (found.some((one) => one === undefined)) return undefined
      const known = found.filter((one) => one !== undefined)
      return new Map(
        [...Map.groupBy(known, ({ projectId }) => projectId)].map(([projectId, all]) => [projectId, all.map(({ role }) => role)]),
      )
    },
  }
}

/** What the projects show of one person, as one account. A suspension anywhere is one; who accepted anywhere is active. */
function toAccount(listed: readonly [Listed, ...Listed[]], spelling: Spelling): Account {
  const [{ member }] = listed
  const states = new Set(listed.map((one) => one.member.status))
  return {
    id: idOf(member),
    userName: member.email,
    email: member.email,
    givenName: undefined,
    familyName: undefined,
    status: states.has('SUSPENDED')
      ? 'suspended'
      : states.has('ACTIVE')
        ? 'active'
        : states.has('PENDING')
          ? 'invited'
          : 'unknown',
    roles: listed.flatMap(({ projectId, member: { role } }) => (role ? [spelling.toRole(projectId, role)] : [])),
    ...changedAtOf(...listed.map((one) => one.member.updated_at)),
    raw: listed.length === 1 ? listed[0].raw : listed.map(({ projectId, raw }) => ({ projectId, raw })),
  }
}
