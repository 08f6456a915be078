import { guestsOf, scimUser, userNameOf } from './people.ts'
import type { ScimServer } from './scim-client.ts'

/** Statuses that count as done, by operation. Reads come first: what is created would make the small homes large. */
export const operations = {
  get: [200],
  filter: [200],
  page: [200],
  walk: [200],
  cursor: [200],
  patch: [200, 204],
  member: [200, 204],
  ten: [204],
  create: [201],
} as const
export type OperationName = keyof typeof operations
export const operationNames = Object.keys(operations) as readonly OperationName[]

/** The next request of an operation, as it goes over the wire; what a server does not do is missing. */
export type Requests = Readonly<Partial<Record<OperationName, () => string>>>

/** How many people a page has. */
export const pageSize = 100
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export interface Served {
  readonly people: number
  readonly server: ScimServer
  readonly idOf: (number: number) => string
  /** The large group. */
  readonly group: string
  /** A group of ten. */
  readonly ten?: string
  /** The deeper half of a walk by cursor, page after page; a server without cursors goes there by startIndex. */
  readonly cursors?: readonly string[]
}

export function createRequests({
  people,
  server,
  idOf,
  group,
  ten,
  cursors,
}: Served): Required<Omit<Requests, 'ten'>> & Requests {
  let changes = 0
  let walked = 0
  let creations = 0
  const { host, pathname: path } = new URL(server.base)
  const anybody = () => 1 + Math.floor(Math.random() * people)
  const head = (line: string) =>
    `${line} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.token}\r\nAccept: application/scim+json\r\n`
  const withBody = (line: string, body: unknown) => {
    const text = JSON.stringify(body)
    return `${head(line)}Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  }
  // From page to page, from the middle of the list to its end; then again.
  const walk = () => {
    const pages = Math.max(1, Math.floor(people / 2 / pageSize))
    const startIndex = 1 + Math.floor(people / 2) + (walked++ % pages) * pageSize
    return `${head(`GET ${path}/Users?startIndex=${startIndex}&count=${pageSize}`)}\r\n`
  }
  /** Every guest in turn: into the group on the first round, out of it on the second. */
  const takeTurns = (id: string) => {
    let turn = 0
    return () => {
      const isIn = Math.floor(turn / guestsOf(people)) % 2 === 1
      const value = idOf(1 + (turn++ % guestsOf(people)))
      const operation = isIn
        ? { op: 'remove', path: `members[value eq "${value}"]` }
        : { op: 'add', path: 'members', value: [{ value }] }
      return withBody(`PATCH ${path}/Groups/${id}`, { schemas: [patchSchema], Operations: [operation] })
    }
  }
  return {
    get: () => `${head(`GET ${path}/Users/${idOf(anybody())}`)}\r\n`,
    filter: () => `${head(`GET ${path}/Users?filter=${encodeURIComponent(`userName eq "${userNameOf(anybody())}"`)}`)}\r\n`,
    page: () => `${head(`GET ${path}/Users?count=${pageSize}`)}\r\n`,
    walk,
    cursor: () =>
      cursors?.length
        ? `${head(`GET ${path}/Users?count=${pageSize}&cursor=${cursors[walked++ % cursors.length]}`)}\r\n`
        : walk(),
    // Everybody in turn, off on the first round, on again on the second: each request is a change.
    patch: () => {
      const round = Math.floor(changes / people)
      const id = idOf(1 + (changes++ % people))
      const Operations = [{ op: 'replace', path: 'active', value: round % 2 === 1 }]
      return withBody(`PATCH ${path}/Users/${id}`, { schemas: [patchSchema], Operations })
    },
    member: takeTurns(group),
    ...(ten !== undefined && { ten: takeTurns(ten) }),
    create: () => withBody(`POST ${path}/Users`, scimUser(++creations, 'created')),
  }
}
