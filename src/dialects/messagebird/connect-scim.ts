import { z } from 'zod'
import type { Account } from '../../sync/vendor.ts'
import { call, RemoteError, type Remote } from '../../wire/call.ts'
import { userOperationsAt } from '../scim/wire.ts'
import {
  addressOf,
  checkStatus,
  isGone,
  isTaken,
  readAfter,
  whatIsMissing,
  type RestReader,
  type RestWriter,
} from './connect-rest.ts'

const users = userOperationsAt({ prefix: '', name: 'scim' })

/** A User as the guide's examples show it: no more than this is sure to come. */
const ScimUser = z.object({ id: z.string().min(1), userName: z.string(), active: z.boolean().optional() })
const ChangedScimUser = ScimUser.partial({ userName: true })
const ScimList = z.object({ totalResults: z.int(), Resources: z.array(ScimUser).default([]) })

/** MessageBird's SCIM API as this connection reaches it. */
export interface ScimRoute {
  readonly remote: Remote
  /** Whether the plan lets this token in. Asked once; a plan that is raised shows the next time the connection is opened. */
  readonly open: () => Promise<boolean>
  /** One user by id; undefined only when the vendor says that there is none. */
  readonly read: (id: string) => Promise<Account | undefined>
}

export function createScimRoute(remote: Remote): ScimRoute {
  let isOpen: boolean | undefined
  return {
    remote,
    open: async () => (isOpen ??= await probeScim(remote)),
    read: async (id) => {
      try {
        return toAccount((await call(remote, users.read, { params: { id } })).value, 'none')
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },
  }
}

/** The first user of the list, which tells whether SCIM lets this token in; false where the vendor's own word is 403. */
async function probeScim(remote: Remote): Promise<boolean> {
  try {
    await listScim(remote)
    return true
  } catch (error) {
    if (error instanceof RemoteError && error.status === 403 && error.from === 'vendor') return false
    throw error
  }
}

/** How many users SCIM says there are. */
export async function listScim(remote: Remote): Promise<number> {
  const { value } = await call(remote, users.list, { query: { startIndex: '1', count: '1' } })
  return readMessage(ScimList, value, 'none').totalResults
}

/** Writes by SCIM, and reads back by REST: both show the same people under the same ids (MBRD-38). */
export function createScimWriter(
  { remote }: ScimRoute,
  { reader, byRest }: { readonly reader: RestReader; readonly byRest: RestWriter },
): RestWriter {
  const setActive = async (id: string, active: boolean): Promise<Account> => {
    const body = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: active }],
    }
    const { value } = await call(remote, users.patch, { params: { id }, body })
    if (value !== undefined) readMessage(ChangedScimUser, value, 'unknown')
    return checkStatus(await readAfter(reader, id), active ? 'resumed' : 'suspended')
  }

  return {
    async create(desired) {
      const missing = whatIsMissing(desired)
      if (missing !== undefined) return { outcome: 'needsPerson', task: missing }
      const userName = addressOf(desired) ?? ''
      const { givenName, familyName } = desired
      try {
        const { value } = await call(remote, users.create, {
          body: {
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            userName,
            ...((givenName || familyName) && { name: { ...(givenName && { givenName }), ...(familyName && { familyName }) } }),
            emails: [{ value: userName, type: 'work', primary: true }],
            active: true,
          },
        })
        const created = toAccount(value, 'unknown')
        return { outcome: 'done', account: (await reader.read(created.id).catch(ignoreRemote)) ?? created }
      } catch (error) {
        if (!isTaken(error)) throw error
        const account = await findByUserName(remote, userName, reader).catch(ignoreRemote)
        return { outcome: 'exists', ...(account && { account }) }
      }
    },
    update: byRest.update,
    async remove(id) {
      try {
        await call(remote, users.remove, { params: { id } })
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
    suspend: (id) => setActive(id, false),
    resume: (id) => setActive(id, true),
  }
}

/** The one account under a user name, as REST shows it (MBRD-34); undefined when the filter finds none or several. */
async function findByUserName(remote: Remote, userName: string, reader: RestReader): Promise<Account | undefined> {
  const filter = `userName eq ${JSON.stringify(userName)}`
  const { value } = await call(remote, users.list, { query: { filter } })
  const [found, ...others] = readMessage(ScimList, value, 'none').Resources
  if (!found || others.length > 0 || found.userName.toLowerCase() !== userName.toLowerCase()) return undefined
  return reader.read(found.id)
}

const toAccount = (value: unknown, effect: RemoteError['effect']): Account => {
  const user = readMessage(ScimUser, value, effect)
  return {
    id: user.id,
    userName: user.userName,
    email: user.userName,
    givenName: undefined,
    familyName: undefined,
    status: user.active === undefined ? 'unknown' : user.active ? 'active' : 'suspended',
    roles: [],
    raw: value,
  }
}

/** A message that lacks what the guide shows is no answer: it may come from something else at this address. `effect` is what the request may have had. */
function readMessage<S extends z.ZodType>(schema: S, value: unknown, effect: RemoteError['effect']): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new RemoteError(200, 'SCIM answered with something else than a User or a list of Users. Check scimBaseUrl.', {
    retryable: false,
    effect,
  })
}

function ignoreRemote(error: unknown): undefined {
  if (error instanceof RemoteError) return undefined
  throw error
}
