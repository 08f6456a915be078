import type { ServedHome } from './home.ts'
import { generateLoad } from './load.ts'
import { median } from './median.ts'

export interface MemberRow {
  /** How many people the larger group has; the other one has ten. */
  readonly members: number
  /** PATCHes per second that put one person in, or take one out. */
  readonly perSecond: number
  /** Of the rate in the group of ten. */
  readonly toTen: number
}

const connections = 16
const slices = 8
/** How many people are put in and taken out: they are in neither group when the measurement begins. */
const guests = 200
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Puts people into a large group and into one of ten, and takes them out again, in slices that take turns. */
export async function measureMembers(home: ServedHome, { seconds }: { readonly seconds: number }): Promise<MemberRow> {
  const token = home.access['scim']?.['token'] ?? ''
  const { port, host } = new URL(home.url)
  const members = home.ids.slice(guests)
  const groups = [await addGroup('Ten', members.slice(0, 10)), await addGroup('Many', members.slice(0, 50_000))]
  const rates: [number[], number[]] = [[], []]
  const ms = (seconds * 1_000) / slices
  for (let slice = 0; slice <= slices; slice++)
    for (const [which, id] of groups.entries()) {
      const { perSecond } = await generateLoad({ port: Number(port), connections, ms, next: turns(id), status: 204 })
      // The first turn warms up.
      if (slice > 0) rates[which]?.push(perSecond)
    }
  const [ten, many] = rates
  const toTen = median(many.map((rate, slice) => rate / (ten[slice] ?? Number.NaN)))
  return {
    members: Math.min(members.length, 50_000),
    perSecond: Math.round(median(many)),
    toTen: Math.round(toTen * 1_000) / 1_000,
  }

  function turns(group: string): () => string {
    let turn = 0
    return () => {
      const value = home.ids[Math.floor(turn / 2) % guests]
      const operation =
        turn++ % 2 === 0
          ? { op: 'add', path: 'members', value: [{ value }] }
          : { op: 'remove', path: `members[value eq "${value}"]` }
      const body = JSON.stringify({ schemas: [patchSchema], Operations: [operation] })
      return `PATCH /scim/v2/Groups/${group} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    }
  }

  async function addGroup(displayName: string, ids: readonly string[]): Promise<string> {
    const made = await ask('POST', '/Groups', { displayName })
    const { id } = (await made.json()) as { readonly id: string }
    for (let first = 0; first < ids.length; first += 5_000) {
      const value = ids.slice(first, first + 5_000).map((each) => ({ value: each }))
      await ask('PATCH', `/Groups/${id}`, { schemas: [patchSchema], Operations: [{ op: 'add', path: 'members', value }] })
    }
    return id
  }

  async function ask(method: string, path: string, body: object): Promise<Response> {
    const response = await fetch(`${home.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`)
    return response
  }
}
