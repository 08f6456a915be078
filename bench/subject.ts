import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { z } from 'zod'
import { startNode, type Child } from '../scripts/child.ts'
import { startHome, type ServedHome } from './home.ts'
import { referenceId, scimUser, userNameOf } from './people.ts'

/** A server under load, and the requests that it understands. */
export interface Subject {
  readonly name: 'rollcall' | 'one query' | 'bare'
  readonly people: number
  readonly child: Child
  readonly port: number
  /** From spawn to ready, in milliseconds. */
  readonly startMs: number
  /** Of the product alone. */
  readonly home?: ServedHome
  readonly requests: Readonly<Record<OperationName, () => string>>
}

/** By the status that counts as done. */
export const operations = { get: 200, filter: 200, page: 200, walk: 200, patch: 200, create: 201 } as const
export type OperationName = keyof typeof operations
/** Reads come first: what is created would make the small homes large. */
export const operationNames = ['get', 'filter', 'page', 'walk', 'patch', 'create'] as const satisfies readonly OperationName[]

/** How many people a page has. */
const pageSize = 100

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The product, serving a home that is seeded first. */
export async function startRollcall(folder: string, people: number): Promise<Subject> {
  const home = await startHome(folder, { people })
  const { child, url, startMs, access, ids } = home
  const { baseUrl = '', token = '' } = access['scim'] ?? {}
  return {
    name: 'rollcall',
    people,
    child,
    port: Number(new URL(url).port),
    startMs,
    home,
    requests: createRequests({ people, path: new URL(baseUrl).pathname, token, idOf: (number) => ids[number - 1]! }),
  }
}

/** A reference server (reference.ts). */
export async function startReference(name: 'one query' | 'bare', folder: string, people: number): Promise<Subject> {
  const kind = name === 'bare' ? 'bare' : 'one-query'
  const args = [
    here('reference.ts'),
    '--kind',
    kind,
    '--database',
    join(folder, `reference-${people}.db`),
    '--people',
    String(people),
  ]
  const started = performance.now()
  const child = startNode(args)
  const { url } = z.object({ url: z.string() }).parse(await child.ready)
  return {
    name,
    people,
    child,
    port: Number(new URL(url).port),
    startMs: performance.now() - started,
    requests: createRequests({ people, path: '/scim/v2', token: 'reference-token', idOf: referenceId }),
  }
}

function createRequests({
  people,
  path,
  token,
  idOf,
}: {
  readonly people: number
  readonly path: string
  readonly token: string
  readonly idOf: (number: number) => string
}): Subject['requests'] {
  let changes = 0
  let walked = 0
  let creations = 0
  const anybody = () => 1 + Math.floor(Math.random() * people)
  const head = (line: string) =>
    `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nAccept: application/scim+json\r\n`
  const withBody = (line: string, body: unknown) => {
    const text = JSON.stringify(body)
    return `${head(line)}Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  }
  return {
    get: () => `${head(`GET ${path}/Users/${idOf(anybody())}`)}\r\n`,
    filter: () => `${head(`GET ${path}/Users?filter=${encodeURIComponent(`userName eq "${userNameOf(anybody())}"`)}`)}\r\n`,
    page: () => `${head(`GET ${path}/Users?count=${pageSize}`)}\r\n`,
    // From page to page, from the middle of the list to its end; then again.
    walk: () => {
      const pages = Math.max(1, Math.floor(people / 2 / pageSize))
      const startIndex = 1 + Math.floor(people / 2) + (walked++ % pages) * pageSize
      return `${head(`GET ${path}/Users?startIndex=${startIndex}&count=${pageSize}`)}\r\n`
    },
    // Everybody in turn, off on the first round, on again on the second: each request is a change.
    patch: () => {
      const round = Math.floor(changes / people)
      const id = idOf(1 + (changes++ % people))
      const Operations = [{ op: 'replace', path: 'active', value: round % 2 === 1 }]
      return withBody(`PATCH ${path}/Users/${id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations })
    },
    create: () => withBody(`POST ${path}/Users`, scimUser(++creations, 'created')),
  }
}
