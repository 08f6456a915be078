import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { documentedAnswer } from './bird-document.ts'
import { openWorld, type World, type WorldOptions } from './world.ts'

/** One organization of the served Bird API. */
export interface BirdFace {
  readonly world: World
  readonly organizationId: string
  readonly accessKey: string
  /** The path of the organization's users below the server's root. */
  readonly users: string
  /** Sends one request with the access key and holds the answer against Bird's own document. `headers` with an empty value leave one out. */
  readonly send: (
    method: Method,
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<BirdReply>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** What answers may have; each test looks at what its own has. */
export interface BirdJson extends ShownMembership {
  readonly results: readonly [ShownMembership, ...ShownMembership[]]
  readonly nextPageToken: string
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, string[]>>
}
type Shown = Readonly<Record<string, unknown>>
export interface ShownMembership {
  readonly user: Shown & {
    readonly id: string
    readonly name: string
    readonly emails: readonly Shown[]
    readonly phoneNumbers: readonly Shown[]
    readonly badges?: readonly string[]
  }
  readonly status: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly attributes: Shown & { readonly roles: readonly string[] }
  readonly roleIds: readonly string[]
  readonly roleRefs: readonly Shown[]
  readonly teamRoles: readonly Shown[]
}

export interface BirdReply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed; a test says what it expects by comparing. */
  readonly json: BirdJson
}

export const jane = { name: 'Jane Doe', email: 'jane@example.com' }

export async function openBird(t: TestContext, options: WorldOptions = {}): Promise<BirdFace> {
  const world = await openWorld(t, { dialects: ['native', 'scim', 'bird'], ...options })
  return birdOf(world, world.access)
}

/** The face of an organization, by what its creation printed. */
export function birdOf(world: World, access: World['access']): BirdFace {
  const { organizationId = '', accessKey = '' } = access['bird'] ?? {}
  return {
    world,
    organizationId,
    accessKey,
    users: `/bird/organizations/${organizationId}/users`,
    send: async (method, path, { body, headers = {} } = {}) => {
      const all: Record<string, string> = {
        authorization: `AccessKey ${accessKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      }
      const response = await world.app.inject({
        method,
        url: path,
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const json: BirdJson = JSON.parse(response.body || '{}')
      documentedAnswer({ method, path, status: response.statusCode, body: response.body === '' ? undefined : json })
      return { status: response.statusCode, headers: response.headers, text: response.body, json }
    },
  }
}

/** Invites somebody and answers the user id. */
export async function inviteUser(face: BirdFace, body: object = jane): Promise<string> {
  const reply = await face.send('POST', face.users, { body })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.user.id
}

export async function roleId(face: BirdFace, name: string, workspaceId?: string): Promise<string> {
  const roles = await face.world.home.directory.listRoles(face.world.call(), {})
  return roles.find((role) => role.name === name && role.workspaceId === workspaceId)?.id ?? ''
}

/** Walks every page and answers the memberships in order. */
export async function walk(face: BirdFace, query = 'limit=2'): Promise<ShownMembership[]> {
  const found: ShownMembership[] = []
  for (let token = ''; ;) {
    const { status, json, text } = await face.send('GET', `${face.users}?${token ? `limit=2&pageToken=${token}` : query}`)
    assert.equal(status, 200, text)
    found.push(...json.results)
    token = json.nextPageToken
    if (!token) return found
  }
}
