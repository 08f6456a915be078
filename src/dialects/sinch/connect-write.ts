import type { Account, DesiredAccount, VendorWriter } from '../../sync/vendor.ts'
import { RemoteError } from '../../wire/call.ts'
import { createSpelling, isAddress, toPath, type Members } from './connect-members.ts'
import type { ConnectSettings } from './connect-settings.ts'
import type { Session } from './connect-session.ts'
import { changeMember, inviteMember, removeMember, type MemberChange, type RoleName } from './wire.ts'

export type MemberWriter = Required<Omit<VendorWriter, 'cancelInvitation'>>

/** Writes members by REST. What was written is read back from the list: the answers carry little, and no user_id (SNCH-19). */
export function createMemberWriter(session: Session, members: Members, settings: ConnectSettings): MemberWriter {
  const { projects, paths, defaultRole } = settings
  const spelling = createSpelling(projects)
  const invite = { ...inviteMember, path: toPath(paths.members) ?? inviteMember.path }
  const change = { ...changeMember, path: toPath(paths.member) ?? changeMember.path }
  const remove = { ...removeMember, path: toPath(paths.member) ?? removeMember.path }

  const inviteTo = async (
    projectId: string,
    { desired, role }: { readonly desired: DesiredAccount; readonly role: RoleName },
  ) => {
    const display_name = [desired.givenName, desired.familyName].filter(Boolean).join(' ')
    const email = addressOf(desired) ?? ''
    await session.call(invite, { params: { projectId }, body: { email, role, ...(display_name && { display_name }) } })
  }
  const patch = async (userId: string, projectId: string, body: MemberChange) => {
    await session.call(change, { params: { projectId, userId }, body })
  }
  const setStatus = async (accountId: string, status: 'ACTIVE' | 'SUSPENDED'): Promise<Account> => {
    const before = await members.find(accountId)
    const userId = userIdOf(before, accountId)
    // The status is the person's and shows in every project; one that they are in will do.
    const [projectId = projects[0]] = projectsOf(before)
    await patch(userId, projectId, { status })
    const after = await readAfter(members, userId)
    if ((after.status === 'suspended') !== (status === 'SUSPENDED'))
      throw afterWrite(`Sinch accepted the status ${status} and shows ${after.status}. Set it in the dashboard.`)
    return after
  }
  const projectsOf = (account: Account | undefined): readonly string[] => [
    ...(spelling.fromRoleIds(account?.roles.map(({ id }) => id) ?? [])?.keys() ?? []),
  ]

  return {
    async create(desired) {
      const wanted = wantedRoles(desired)
      if ('task' in wanted) return { outcome: 'needsPerson', task: wanted.task }
      const email = addressOf(desired)
      if (email === undefined)
        return {
          outcome: 'needsPerson',
          task: `Sinch invites nobody without an e-mail address. Add it to ${desired.userName} in the directory.`,
        }
      const roles: readonly (readonly [string, RoleName])[] =
        wanted.roles.size > 0 ? [...wanted.roles] : [[projects[0], defaultRole]]
      let invited = 0
      for (const [projectId, role] of roles) {
        try {
          await inviteTo(projectId, { desired, role })
          invited++
        } catch (error) {
          if (isTaken(error)) continue
          throw invited > 0 ? afterWrite('Some of the projects were invited to, and one refused. Plan anew.', error) : error
        }
      }
      if (invited === 0) return { outcome: 'exists' }
      const account = await members.findByEmail(email).catch((cause: unknown) => {
        throw afterWrite('The invitation was sent, and the list that shows the user_id could not be read. Read it again.', cause)
      })
      if (account?.status === 'active') return { outcome: 'done', account }
      return { outcome: 'invited', account, expiresAt: undefined }
    },

    async update(accountId, desired) {
      const wanted = wantedRoles(desired)
      if ('task' in wanted) throw refused(wanted.task)
      const before = await members.find(accountId)
      const userId = userIdOf(before, accountId)
      const held = spelling.fromRoleIds(before?.roles.map(({ id }) => id) ?? []) ?? new Map<string, readonly RoleName[]>()
      const email =
        desired.email !== undefined && desired.email.toLowerCase() !== before?.email?.toLowerCase() ? desired.email : undefined
      let isRenamed = email === undefined
      for (const projectId of projects) {
        const role = wanted.roles.size === 0 ? held.get(projectId)?.[0] : wanted.roles.get(projectId)
        if (!held.has(projectId)) {
          if (role) await inviteTo(projectId, { desired: { ...desired, email: desired.email ?? before?.email }, role })
        } else if (!role) await removeFrom(projectId, userId)
        else {
          const body = {
            ...(!held.get(projectId)?.includes(role) && { role }),
            ...(!isRenamed && email !== undefined && { email }),
          }
          if (Object.keys(body).length > 0) await patch(userId, projectId, body)
          isRenamed = true
        }
      }
      const after = await readAfter(members, userId)
      const different = differences(after, desired)
      if (different.length > 0)
        throw afterWrite(
          `Sinch accepted the change and did not keep ${different.join(' and ')}. Compare the member in the dashboard.`,
        )
      return after
    },

    suspend: (accountId) => setStatus(accountId, 'SUSPENDED'),
    resume: (accountId) => setStatus(accountId, 'ACTIVE'),

    /** Visits every project of the connection (SNCH-26). */
    async remove(accountId) {
      const userId = isAddress(accountId) ? await learn(accountId) : accountId
      if (userId === undefined) return
      for (const projectId of projects) await removeFrom(projectId, userId)
    },
  }

  async function learn(accountId: string): Promise<string | undefined> {
    const account = await members.find(accountId)
    return account && userIdOf(account, accountId)
  }

  async function removeFrom(projectId: string, userId: string): Promise<void> {
    try {
      await session.call(remove, { params: { projectId, userId } })
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }

  /** The one role wanted in each project, or why a person has to decide. */
  function wantedRoles({
    roleIds,
    userName,
  }: DesiredAccount): { readonly roles: ReadonlyMap<string, RoleName> } | { readonly task: string } {
    const asked = spelling.fromRoleIds(roleIds)
    if (!asked)
      return {
        task: `Sinch knows the roles ${spelling.roles.map(({ name }) => name).join(', ')} alone. Name one of them for ${userName}.`,
      }
    const roles = new Map<string, RoleName>()
    for (const [projectId, [role, ...others]] of asked) {
      if (others.length > 0)
        return {
          task: `Sinch gives a member one role in a project, and ${userName} is wanted with ${[role, ...others].join(' and ')}. Map them to one.`,
        }
      if (role) roles.set(projectId, role)
    }
    return { roles }
  }
}

/** The address that stands for the person at Sinch. */
export const addressOf = ({ email, userName }: DesiredAccount): string | undefined =>
  email ?? (isAddress(userName) ? userName : undefined)

/** The vendor itself says that there is no such thing; a proxy's page says nothing of the kind. */
export const isGone = (error: unknown): boolean => error instanceof RemoteError && error.status === 404 && error.from === 'vendor'
export const isTaken = (error: unknown): boolean =>
  error instanceof RemoteError && error.status === 409 && error.from === 'vendor'

function userIdOf(account: Account | undefined, accountId: string): string {
  if (!account) throw refused(`Sinch lists no member ${accountId} any more. Read the list again.`, 404)
  if (isAddress(account.id))
    throw refused(`Sinch shows no user_id for ${account.id}, and changes nobody without. Do it in the dashboard.`)
  return account.id
}

export async function readAfter(members: Members, userId: string): Promise<Account> {
  const after = await members.find(userId).catch((cause: unknown) => {
    throw afterWrite('The change was sent, and the member could not be read back. Read the list again.', cause)
  })
  if (!after) throw afterWrite('The change was sent, and the member is gone now. Read the list again.')
  return after
}

function differences(account: Account, { email, roleIds }: DesiredAccount): readonly string[] {
  const held = new Set(account.roles.map(({ id }) => id))
  return [
    ...(email === undefined || email.toLowerCase() === account.email?.toLowerCase() ? [] : ['the e-mail address']),
    ...(roleIds.length === 0 || (held.size === new Set(roleIds).size && roleIds.every((id) => held.has(id))) ? [] : ['the role']),
  ]
}

/** Nothing was sent. */
const refused = (message: string, status = 0) => new RemoteError(status, message, { retryable: false, effect: 'none' })

/** A failure after a write was accepted: what stands there has to be read, and nothing may be sent again blindly. */
export const afterWrite = (message: string, cause?: unknown) =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })
