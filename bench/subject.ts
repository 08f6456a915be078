import { join } from 'node:path'
import { z } from 'zod'
import { startNode, type Child } from '../scripts/child.ts'
import { onServer } from '../tests/postgres.ts'
import { startHome } from './home.ts'
import { referenceGroupId, referenceId, token, userNameOf } from './people.ts'
import { createRequests, pageSize, type Requests } from './requests.ts'
import { addGroups, walkByCursor } from './rollcall-groups.ts'
import { scimPage, type ScimServer } from './scim-client.ts'
import type { SubjectKind } from './subjects.ts'

/** A server under load, and the requests that it understands. */
export interface Subject {
  readonly kind: SubjectKind
  readonly people: number
  readonly child: Child
  readonly port: number
  readonly server: ScimServer
  /** From spawn to ready, in milliseconds. */
  readonly startMs: number
  readonly requests: Requests
}

export interface StartOptions {
  /** A folder of the subject's own. */
  readonly folder: string
  readonly people: number
  /** The URL of a PostgreSQL database of its own, for those that want one. */
  readonly database: string | undefined
}

/** Starts a server with so many people in it, and looks whether it tells them. */
export async function startSubject(kind: SubjectKind, options: StartOptions): Promise<Subject> {
  return kind.script === undefined ? startRollcall(kind, options) : startServer(kind, options)
}

async function startRollcall(kind: SubjectKind, { folder, people, database }: StartOptions): Promise<Subject> {
  const { child, url, startMs, access, ids } = await startHome(folder, { people, database })
  const { baseUrl = '', token = '' } = access['scim'] ?? {}
  const server = { base: baseUrl, token }
  if (database !== undefined) await onServer(database, 'vacuum analyze')
  await checkPeople(server, people)
  const cursors = await walkByCursor(server, people)
  const requests = createRequests({
    people,
    server,
    idOf: (number) => ids[number - 1]!,
    ...(await addGroups(server, ids)),
    cursors: cursors.slice(Math.floor(cursors.length / 2)),
  })
  return { kind, people, child, port: Number(new URL(url).port), server, startMs, requests }
}

/** A server that keeps people under the ids of people.ts, and one group. */
async function startServer(kind: SubjectKind, { folder, people, database }: StartOptions): Promise<Subject> {
  const { script = '', path = '/scim/v2' } = kind
  const file = kind.database === 'sqlite' ? join(folder, 'people.db') : database
  const started = performance.now()
  const child = startNode([
    script,
    ...(kind.arguments ?? []),
    '--people',
    String(people),
    ...(file === undefined ? [] : ['--database', file]),
  ])
  const { url } = z.object({ url: z.string() }).parse(await child.ready)
  const startMs = performance.now() - started
  const server = { base: url + path, token }
  const requests = createRequests({ people, server, idOf: referenceId, group: referenceGroupId })
  if (kind.pages !== false) await checkPeople(server, people)
  const { page: _, walk: _walk, cursor: _cursor, ...others } = requests
  return {
    kind,
    people,
    child,
    port: Number(new URL(url).port),
    server,
    startMs,
    requests: kind.pages === false ? others : requests,
  }
}

/** Whoever answers fast and wrong is not measured. */
async function checkPeople(server: ScimServer, people: number): Promise<void> {
  const userName = userNameOf(people)
  const found = await scimPage(server, `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)
  if (found.Resources.length !== 1 || found.Resources[0]?.userName !== userName)
    throw new Error(`${server.base} did not find ${userName}`)
  const startIndex = 1 + Math.floor(people / 2)
  const page = await scimPage(server, `/Users?count=${pageSize}&startIndex=${startIndex}`)
  const expected = Math.min(pageSize, people - startIndex + 1)
  const names = new Set(page.Resources.map((person) => person.userName))
  if (names.size !== expected || !names.has(userNameOf(startIndex)))
    throw new Error(`${server.base} did not answer ${expected} people from ${startIndex} on`)
}
