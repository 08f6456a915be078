import { z } from 'zod'
import type { Account } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { userOperationsAt } from '../scim/wire.ts'
import type { Members } from './connect-members.ts'
import { addressOf, afterWrite, isGone, isTaken, type MemberWriter } from './connect-write.ts'

const users = userOperationsAt({ prefix: '', name: 'scim' })

/** No more of a User than this is sure to come: Sinch publishes no schema. */
const ScimUser = z.object({
  id: z.string().min(1),
  userName: z.string(),
  emails: z.array(z.object({ value: z.string() })).optional(),
})
const ScimList = z.object({
  totalResults: z.int(),
  Resources: z.array(ScimUser).default([]),
})

/** How many users SCIM says there are. */
export async function countScim(remote: Remote): Promise<number> {
  return readList((await call(remote, users.list, { query: { startIndex: '1', count: '1' } })).value).totalResults
}

/**
 * Creates, deactivates and deletes identities by SCIM; roles are set by REST, and what came of it all is read there. SCIM's ids are asked for by
 * address: nothing says that they are those of the members.
 */
export function createScimWriter(
  remote: Remote,
  { members, byRest }: { readonly members: Members; readonly byRest: MemberWriter },
): MemberWriter {
  /** SCIM's id for an address, which is the user name at Sinch, or else one of the e-mail addresses. */
  const find = async (email: string): Promise<string | undefined> => {
    const isIt = (text: string) => text.toLowerCase() === email.toLowerCase()
    for (const attribute of ['userName', 'emails.value']) {
      const filter = `${attribute} eq ${JSON.stringify(email)}`
      const { Resources } = readList((await call(remote, users.list, { query: { filter } })).value)
      const user = Resources.find(({ userName, emails = [] }) => isIt(userName) || emails.some(({ value }) => isIt(value)))
      if (user) return user.id
    }
    return undefined
  }
  const setActive = async (id: string, active: boolean): Promise<void> => {
    const Operations = [{ op: 'replace', path: 'active', value: active }]
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
    await call(remote, users.patch, { params: { id }, body })
  }
  /** The member as REST lists them, and their id at SCIM. */
  const locate = async (accountId: string): Promise<{ readonly account: Account; readonly id: string }> => {
    const account = await members.find(accountId)
    const id = account && (await find(account.userName))
    if (!account || id === undefined)
      throw new RemoteError(404, `SCIM knows nobody like ${accountId}. Read the list again.`, {
        retryable: false,
        effect: 'none',
        from: 'vendor',
      })
    return { account, id }
  }
  const readBack = (accountId: string) =>
    members.find(accountId).catch((cause: unknown) => {
      throw afterWrite('The change was sent by SCIM, and the list of members could not be read. Read it again.', cause)
    })

  return {
    ...byRest,

    async create(desired) {
      const userName = addressOf(desired)
      if (userName === undefined) return byRest.create(desired)
      const { givenName, familyName } = desired
      try {
        await call(remote, users.create, {
          body: {
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            userName,
            ...((givenName || familyName) && { name: { ...(givenName && { givenName }), ...(familyName && { familyName }) } }),
            emails: [{ value: userName, type: 'work', primary: true }],
            active: true,
          },
        })
      } catch (error) {
        if (isTaken(error)) return { outcome: 'exists' }
        throw error
      }
      const account = await members.findByEmail(userName).catch(() => undefined)
      // An identity that no project lists yet is not there for the list of members.
      if (!account) return { outcome: 'inProgress' }
      return account.status === 'invited' ? { outcome: 'invited', account, expiresAt: undefined } : { outcome: 'done', account }
    },

    /** Deactivated, a member is listed as SUSPENDED or not at all: either proves it (SNCH-42). */
    async suspend(accountId) {
      const { account, id } = await locate(accountId)
      await setActive(id, false)
      const after = await readBack(accountId)
      if (after && after.status !== 'suspended')
        throw afterWrite(
          `SCIM accepted the deactivation, and the list shows the member as ${after.status}. Look in the dashboard.`,
        )
      return after ?? { ...account, status: 'suspended' }
    },

    async resume(accountId) {
      const { account, id } = await locate(accountId)
      await setActive(id, true)
      const after = await readBack(accountId)
      if (!after || after.status === 'suspended')
        throw afterWrite(`SCIM accepted the activation, and the list shows ${account.userName} as before. Look in the dashboard.`)
      return after
    },

    /** The identity by SCIM, and, where it is listed as SUSPENDED still, its place in every project by REST. */
    async remove(accountId) {
      const account = await members.find(accountId)
      const id = account && (await find(account.userName))
      if (id !== undefined) {
        try {
          await call(remote, users.remove, { params: { id } })
        } catch (error) {
          if (!isGone(error)) throw error
        }
      }
      if (await readBack(accountId)) await byRest.remove(accountId)
    },
  }
}

function readList(value: unknown): z.output<typeof ScimList> {
  const parsed = ScimList.safeParse(value)
  if (parsed.success) return parsed.data
  throw new RemoteError(200, 'SCIM answered with something else than a list of Users. Check scimBaseUrl.', {
    retryable: false,
    effect: 'none',
  })
}
