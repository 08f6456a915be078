import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { dialects } from '../src/dialects/index.ts'
import { connectSinch } from '../src/dialects/sinch/connect.ts'
import type { Scope } from '../src/directory/credential.ts'
import type { Json } from '../src/directory/json.ts'
import { createServer } from '../src/http/server.ts'
import type { Vendor } from '../src/sync/vendor.ts'
import type { Exchange } from '../src/wire/call.ts'
import { openWorld, type World, type WorldOptions } from './world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface SendOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One project of the served Sinch API. */
export interface Face {
  readonly world: World
  readonly app: FastifyInstance
  readonly projectId: string
  readonly keyId: string
  readonly keySecret: string
  /** The paths of the project below the server's root. */
  readonly members: string
  readonly keys: string
  /** Sends one request with the key as Basic; a header with an empty value leaves one out. */
  readonly send: (method: Method, path: string, options?: SendOptions) => Promise<Reply>
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed; a test says what it expects by comparing. */
  readonly json: Body
}

type Texts = Readonly<Record<string, string>>
/** What replies may hold, as far as tests look into it. */
export interface Body {
  readonly error: { readonly code: number; readonly message: string; readonly status: string }
  readonly members: readonly Texts[]
  readonly access_keys: readonly Texts[]
  readonly accessKeys: readonly Texts[]
  readonly accessKey: Texts
  readonly user_id: string
  readonly id: string
  readonly role: string
  readonly key_id: string
  readonly key_secret: string
  readonly secret: string
  readonly access_token: string
  readonly next_page_token: string
  readonly nextPageToken: string
  readonly [name: string]: unknown
}

export const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

export async function openFace(t: TestContext, options: WorldOptions = {}): Promise<Face> {
  const world = await openWorld(t, { dialects: ['native', 'scim', 'sinch'], ...options })
  return faceOf(world, world.access)
}

/** The face of an organization, by what its creation printed; `app` serves the same home at another time, `projectId` is another project of it. */
export function faceOf(
  world: World,
  access: World['access'],
  { app = world.app, projectId: project }: { readonly app?: FastifyInstance; readonly projectId?: string } = {},
): Face {
  const { projectId: first = '', keyId = '', keySecret = '' } = access['sinch'] ?? {}
  const projectId = project ?? first
  return {
    world,
    app,
    projectId,
    keyId,
    keySecret,
    members: `/sinch/projects/${projectId}/members`,
    keys: `/sinch/projects/${projectId}/access-keys`,
    send: (method, path, options = {}) =>
      send(app, method, path, { ...options, headers: { authorization: basic(keyId, keySecret), ...options.headers } }),
  }
}

export async function send(
  app: FastifyInstance,
  method: Method,
  path: string,
  { body, headers = {} }: SendOptions = {},
): Promise<Reply> {
  const all: Record<string, string> = {
    ...(body !== undefined && {
      'content-type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
    }),
    ...headers,
  }
  const response = await app.inject({
    method,
    url: path,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const isJson = /json/.test(String(response.headers['content-type'])) && response.body !== ''
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: JSON.parse(isJson ? response.body : '{}'),
  }
}

/** A second server over the same home, with a clock that is so much ahead or with other settings. */
export async function laterApp(t: TestContext, world: World, aheadMs: () => number, sinch: Json = {}): Promise<FastifyInstance> {
  const { home } = world
  const app = createServer({
    directory: home.directory,
    store: home.database.store,
    dialects,
    engine: undefined,
    settings: { sinch },
    clock: () => new Date(Date.now() + aheadMs()),
    newId: home.newId,
    log: undefined,
    check: () => home.database.check(),
    tokenKeys: home.tokenKeys,
  })
  t.after(() => app.close())
  return app
}

export const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()

/** A token for a key. */
export async function tokenOf(app: FastifyInstance, id: string, secret: string): Promise<string> {
  const reply = await send(app, 'POST', '/sinch/oauth2/token', {
    body: form({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
  })
  assert.equal(reply.status, 200, reply.text)
  return reply.json.access_token
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Invites somebody and answers their user_id, as a client learns it. */
export async function invite(face: Face, email: string, role = 'MEMBER'): Promise<string> {
  const reply = await face.send('POST', face.members, { body: { email, role } })
  assert.equal(reply.status, 201, reply.text)
  return userIdOf(face, email)
}

export async function listed(face: Face): Promise<readonly Record<string, string>[]> {
  const reply = await face.send('GET', `${face.members}?page_size=100`)
  assert.equal(reply.status, 200, reply.text)
  return reply.json['members']
}
export const memberOf = async (face: Face, email: string) => (await listed(face)).find((member) => member['email'] === email)
export async function userIdOf(face: Face, email: string): Promise<string> {
  const id = (await memberOf(face, email))?.['user_id']
  assert.ok(id, `${email} is listed with a user_id`)
  return id
}

/** Somebody who accepted, as any other API adds them. */
export async function addActive(face: Face, email: string, roleName?: string) {
  const { home, call } = face.world
  const roles = await home.directory.listRoles(call(), {})
  const { member } = await home.directory.addMember(call(), {
    state: {
      userName: email,
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [{ value: email, primary: true }],
      roleIds: roles.filter((role) => role.name === roleName && role.workspaceId === undefined).map((role) => role.id),
      suspended: false,
      attributes: {},
    },
    as: 'active',
  })
  return member
}

/** Accepts the invitation that went to an address, with the token of its mail. */
export async function accept(face: Face, email: string): Promise<void> {
  const { home, call } = face.world
  const mails = await home.database.outbox.mails({ limit: 100 })
  const token = mails.find((mail) => mail.to === email)?.token
  assert.ok(token, `a mail waits for ${email}`)
  await home.directory.acceptInvitation(call(), { token })
}

/** A further project of the organization. */
export async function addProject(face: Face, name = 'Second project'): Promise<Face> {
  const { home, call } = face.world
  const { id } = await home.directory.createWorkspace(call(), { name })
  return faceOf(face.world, face.world.access, { app: face.app, projectId: id })
}

/** A key with these scopes, as no API hands one out. */
export async function addKey(face: Face, scopes: readonly Scope[], workspaceId?: string) {
  const { home, call } = face.world
  const { credential, secret } = await home.directory.createCredential(call(), {
    kind: 'sinchkey',
    name: 'Made by a test',
    scopes,
    ...(workspaceId !== undefined && { workspaceId }),
  })
  return { id: credential.identifier, secret, authorization: basic(credential.identifier, secret) }
}

export interface Connection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
  readonly waits: number[]
}

/** Connects with a clock that does not wait. */
export function connect(
  baseUrl: string,
  credentials: Json = { projectId: 'p1', keyId: 'key', keySecret: 'secret' },
  clock: () => Date = () => new Date(),
): Connection {
  const exchanges: Exchange[] = []
  const waits: number[] = []
  const vendor = connectSinch({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 1 - Number.EPSILON,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
    clock,
  })
  return { vendor, exchanges, waits }
}

/** The served dialect over a real socket, and a connection to it with what the organization's creation printed. */
export async function connectToFace(
  t: TestContext,
  more: Readonly<Record<string, Json>> = {},
): Promise<Connection & { readonly face: Face; readonly origin: string }> {
  const face = await openFace(t)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  return { face, origin, ...connect(`${origin}/sinch`, credentialsOf(face, origin, more)) }
}

/** What the organization's creation printed, at the address that the server listens on. */
export function credentialsOf(face: Face, origin: string, more: Readonly<Record<string, Json>> = {}): Json {
  const printed = face.world.access['sinch'] ?? {}
  return {
    ...printed,
    baseUrl: `${origin}/sinch`,
    scimBaseUrl: (printed['scimBaseUrl'] ?? '').replace(/^http:\/\/[^/]+/, origin),
    ...more,
  }
}

export async function listAll(vendor: Vendor) {
  const accounts = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}

export function suspend(vendor: Vendor, accountId: string) {
  const suspending = vendor.writer.suspend?.(accountId)
  assert.ok(suspending)
  return suspending
}
