import { z } from 'zod'
import { toHex } from '../../src/directory/id.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { keysFor, type Key } from './keys.ts'
import type { Tenant } from './world.ts'

/** Ids as a dialect spells them, by collection (see collectionOf). */
export type Ids = ReadonlyMap<string, readonly string[]>

/** Where the ids of a path parameter come from: `native /members`. What is created by an operation without one belongs to its whole path. */
export const collectionOf = (dialect: Pick<Dialect, 'name'>, path: string): string =>
  `${dialect.name} ${path.replaceAll(/\/:\w+/g, '').replace(/\.json$/, '')}`

/** The collection that a parameter at this place of a path is picked from. */
export const collectionAt = (dialect: Pick<Dialect, 'name'>, path: string, offset: number): string =>
  collectionOf(dialect, path.slice(0, offset - 1))

/** The id of a request that was refused, and so has an explanation. */
export const refusedRequest = 'fuzz-refused'

/** What stands at the beginning of paths and in no list. */
const roots = ({ id, access }: Tenant): Readonly<Record<string, string | undefined>> => ({
  accountId: toHex(id),
  organizationId: access['bird']?.['organizationId'],
  organizationSid: access['twilio']?.['organizationSid'],
  projectId: access['sinch']?.['projectId'],
  requestId: refusedRequest,
  customer: access['sinch']?.['scimBaseUrl']?.split('/').at(-1),
})

/**
 * What an organization has, by asking every list of every dialect, lists within lists too. The ids of its own credentials are left out, so that it keeps
 * its access to the end.
 */
export async function gatherIds(
  url: string,
  dialects: readonly Dialect[],
  { tenant, keys }: { readonly tenant: Tenant; readonly keys: Readonly<Record<string, readonly Key[]>> },
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  const kept = new Set([...tenant.credentials, tenant.access['sinch']?.['keyId']])
  const add = (collection: string, ids: readonly string[]) => {
    if (ids.length > 0) found.set(collection, [...new Set([...(found.get(collection) ?? []), ...ids])].slice(-100))
  }
  const rooted = roots(tenant)
  for (const dialect of dialects)
    for (const { path } of dialect.operations)
      for (const { index, 0: name } of path.matchAll(/:\w+/g)) {
        const id = rooted[name.slice(1)]
        if (id !== undefined) add(collectionAt(dialect, path, index), [id])
      }
  // Lists of lists' items come after them.
  for (let round = 0; round < 2; round++)
    for (const dialect of dialects)
      for (const operation of dialect.operations.filter(isList)) {
        const path = fillIn(dialect, operation.path, found)
        const [key] = operation.open ? [undefined] : keysFor(dialect, operation, keys[dialect.name] ?? [])
        if (path === undefined) continue
        const headers = { accept: 'application/json, application/scim+json', ...(key && { authorization: key.authorization }) }
        const response = await fetch(`${url}${dialect.basePath}${path}`, { headers })
        // What belongs to one item need not be there: a receipt is issued when everything is done.
        if (response.status === 404 && operation.path.includes('/:')) continue
        if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
        const ids = idsIn(JSON.parse(await response.text())).filter((id) => !kept.has(id))
        add(collectionOf(dialect, operation.path), path.endsWith('.json') ? ids.map((id) => `${id}.json`) : ids)
        // Connections have addresses in SCIM too, where no list shows them.
        if (operation.name === 'listConnections') add('scim /connections', ids)
      }
  return found
}

/** A page to read has no ids in it. */
const isList = ({ method, status, path, reply }: Operation): boolean =>
  method === 'GET' && status === 200 && !/:\w+$/.test(path) && reply?.media[0] !== 'html'

function fillIn(dialect: Dialect, path: string, ids: Ids): string | undefined {
  const filled = path.replaceAll(/:\w+/g, (name, offset: number) => {
    const id = ids.get(collectionAt(dialect, path, offset))?.[0]
    return id === undefined ? name : encodeURIComponent(id)
  })
  return /\/:\w+/.test(filled) ? undefined : filled
}

const text = z.string().min(1).optional().catch(undefined)
const Item = z.object({
  id: text,
  sid: text,
  UserId: text,
  user_id: text,
  key_id: text,
  accessKeyId: text,
  account_sid: text,
  requestId: text,
  user: z.object({ id: text }).optional().catch(undefined),
  credential: z.object({ id: text }).optional().catch(undefined),
})

/** What a rotation has put in a key's place; a connection would lose its access with it. */
const Rotated = z.union(
  ['name', 'display_name', 'displayName'].map((name) => z.looseObject({ [name]: z.string().includes('[rollcall ') })),
)

/** The ids of the items in an answer's lists, or of the one item that an answer is. */
export function idsIn(answer: unknown): readonly string[] {
  if (Array.isArray(answer)) return answer.flatMap(idIn)
  if (typeof answer !== 'object' || answer === null) return []
  const lists = Object.values(answer).filter(Array.isArray)
  const listed = lists.flatMap((list: readonly unknown[]) => list.flatMap(idIn))
  return listed.length > 0 ? listed : idIn(answer)
}

function idIn(item: unknown): readonly string[] {
  const parsed = Item.safeParse(item)
  if (!parsed.success || Rotated.safeParse(item).success) return []
  const { user, credential, ...own } = parsed.data
  const id = Object.values(own).find((value) => value !== undefined) ?? user?.id ?? credential?.id
  return id === undefined ? [] : [id]
}
