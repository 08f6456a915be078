import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { liveKeyKind, personalKeyKind, scimTokenKind, testKeyKind } from '../src/dialects/messagebird/credentials.ts'
import { connectMessageBird } from '../src/dialects/messagebird/connect.ts'
import type { Scope } from '../src/directory/credential.ts'
import type { Json } from '../src/directory/json.ts'
import type { DesiredAccount, Vendor } from '../src/sync/vendor.ts'
import type { Exchange } from '../src/wire/call.ts'
import { openWorld, type World, type WorldOptions } from './world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface SendOptions {
  readonly body?: unknown
  /** A header with an empty value leaves one out. */
  readonly headers?: Readonly<Record<string, string>>
  /** Another Authorization; empty for none. */
  readonly as?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed, or an empty object; a test says what it expects by comparing. */
  readonly json: Body
}

/** What replies may hold, as far as tests look into it. */
export interface Body {
  readonly id: string
  readonly items: readonly Body[]
  readonly Resources: readonly Body[]
  readonly errors: readonly { readonly code: number; readonly description: string; readonly parameter: string | null }[]
  readonly [name: string]: unknown
}

/** One organization of the served MessageBird. */
export interface Face {
  readonly world: World
  readonly accessKey: string
  readonly scimToken: string
  /** Below `/messagebird`, with the access key, or below `/scim/v2` with the SCIM token. */
  readonly send: (method: Method, path: string, options?: SendOptions) => Promise<Reply>
  /** A further credential; answers its secret. */
  readonly credential: (kind: string, scopes?: readonly Scope[], workspaceId?: string) => Promise<string>
}

export const kinds = { liveKeyKind, personalKeyKind, scimTokenKind, testKeyKind }

export async function openFace(t: TestContext, options: WorldOptions = {}): Promise<Face> {
  const world = await openWorld(t, { dialects: ['native', 'scim', 'messagebird'], ...options })
  return faceOf(world, world.access)
}

/** The face of an organization, by what its creation printed. */
export function faceOf(world: World, access: World['access']): Face {
  const { accessKey = '', scimToken = '' } = access['messagebird'] ?? {}
  const call = () => world.call({ organizationId: access['organization']?.['id'] ?? '' })
  return {
    world,
    accessKey,
    scimToken,
    send: async (method, path, { body, headers = {}, as } = {}) => {
      const isScim = path.startsWith('/scim')
      const all: Record<string, string> = {
        authorization: as ?? (isScim ? `Bearer ${scimToken}` : `AccessKey ${accessKey}`),
        ...(body !== undefined && { 'content-type': isScim ? 'application/scim+json' : 'application/json' }),
        ...headers,
      }
      const response = await world.app.inject({
        method,
        url: `/messagebird${path}`,
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const isJson = /json/.test(String(response.headers['content-type']))
      const json = JSON.parse(isJson ? response.body : '{}') as Body
      return { status: response.statusCode, headers: response.headers, text: response.body, json }
    },
    credential: async (kind, scopes = ['read', 'write'], workspaceId) => {
      const { secret } = await world.home.directory.createCredential(call(), {
        kind,
        name: kind,
        scopes,
        ...(workspaceId !== undefined && { workspaceId }),
      })
      return secret
    },
  }
}

/** Invites somebody and answers the id. */
export async function invite(face: Face, email: string, more: object = {}): Promise<string> {
  const reply = await face.send('POST', '/users', { body: { email, ...more } })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.id
}

/** Adds somebody who is active at once, as SCIM does. */
export async function provision(face: Face, userName: string): Promise<string> {
  const reply = await face.send('POST', '/scim/v2/Users', { body: newScimUser(userName) })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.id
}

/** Somebody who was invited and has accepted; answers the id. */
export async function accepted(face: Face, email: string, now = new Date()): Promise<string> {
  const { directory } = face.world.home
  const { member, invitationToken } = await directory.addMember(face.world.call({ now }), {
    as: 'invited',
    state: {
      userName: email,
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [{ value: email, primary: true }],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  await directory.acceptInvitation(face.world.call({ now }), { token: invitationToken ?? '' })
  return member.id
}

export const newScimUser = (userName: string) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName })
export const setActive = (value: boolean) => ({ Operations: [{ op: 'replace', path: 'active', value }] })

export interface Connection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
  readonly waits: number[]
}

/** Connects with a clock that does not wait. */
export function connect(baseUrl: string, credentials: Json = { accessKey: 'live_key' }): Connection {
  const exchanges: Exchange[] = []
  const waits: number[] = []
  const vendor = connectMessageBird({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 1 - Number.EPSILON,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
  })
  return { vendor, exchanges, waits }
}

/** The served dialect over a real socket, and a connection to it with what the organization's creation printed. */
export async function connectToFace(
  t: TestContext,
  options: WorldOptions & { readonly credentials?: (face: Face) => Promise<Readonly<Record<string, Json>>> } = {},
): Promise<Connection & { readonly face: Face; readonly url: string }> {
  const face = await openFace(t, options)
  const url = `${await face.world.app.listen({ port: 0, host: '127.0.0.1' })}/messagebird`
  const { accessKey, scimToken } = face
  return { face, url, ...connect(url, { accessKey, scimToken, ...(await options.credentials?.(face)) }) }
}

export const byScim = { credentials: async () => ({ profile: 'scim' }) }

export const ada: DesiredAccount = {
  userName: 'ada@example.com',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'King',
  roleIds: [],
}

export async function listAll(vendor: Vendor) {
  const accounts = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}
