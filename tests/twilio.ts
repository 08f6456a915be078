import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { openWorld, type World, type WorldOptions } from './world.ts'

/** The served Twilio of one organization. */
export interface Face {
  readonly world: World
  readonly access: Readonly<Record<TwilioAccess, string>>
  /** Below the server's root: the organization's users by REST, and its SCIM. */
  readonly users: string
  readonly scim: string
  /** One request with the account's auth token; an object is sent as a form. */
  readonly send: Send
  /** One request with the organization's key; an object is sent as SCIM. */
  readonly sendScim: Send
}

type TwilioAccess =
  | 'baseUrl'
  | 'organizationSid'
  | 'accountSid'
  | 'authToken'
  | 'apiKeySid'
  | 'apiKeySecret'
  | 'scimBaseUrl'
  | 'orgKeySecret'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Send = (
  method: Method,
  path: string,
  options?: { readonly body?: object | string; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Reply>

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed; a test says what it expects by comparing. */
  readonly json: Json
}
export interface Json {
  readonly meta: Readonly<Record<string, string | number | null>>
  readonly users: readonly Json[]
  readonly accounts: readonly Json[]
  readonly content: readonly Json[]
  readonly Resources: readonly Json[]
  readonly sid: string
  readonly id: string
  readonly [name: string]: unknown
}

export const jane = { Email: 'jane@example.com', FriendlyName: 'Jane Doe' }

export async function openTwilio(t: TestContext, options: WorldOptions = {}): Promise<Face> {
  const world = await openWorld(t, { dialects: ['native', 'scim', 'twilio'], ...options })
  return faceOf(world, world.access)
}

/** The face of an organization, by what its creation printed. */
export function faceOf(world: World, all: World['access']): Face {
  const access = accessOf(all)
  return {
    world,
    access,
    users: `/twilio/v1/Organizations/${access.organizationSid}/Users`,
    scim: `/twilio/scim/v2/Organizations/${access.organizationSid}`,
    send: sender(world, basic(access.accountSid, access.authToken), toForm),
    sendScim: sender(world, `Bearer ${access.orgKeySecret}`, (body) => ({
      type: 'application/scim+json',
      text: JSON.stringify(body),
    })),
  }
}

export function accessOf(all: World['access']): Face['access'] {
  const printed = all['twilio'] ?? {}
  const value = (name: TwilioAccess): string => {
    const text = printed[name]
    assert.ok(text, name)
    return text
  }
  return {
    baseUrl: value('baseUrl'),
    organizationSid: value('organizationSid'),
    accountSid: value('accountSid'),
    authToken: value('authToken'),
    apiKeySid: value('apiKeySid'),
    apiKeySecret: value('apiKeySecret'),
    scimBaseUrl: value('scimBaseUrl'),
    orgKeySecret: value('orgKeySecret'),
  }
}

export const basic = (userName: string, password: string): string =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`

const toForm = (body: object) => ({
  type: 'application/x-www-form-urlencoded',
  text: new URLSearchParams(Object.entries(body)).toString(),
})

function sender(
  world: World,
  authorization: string,
  write: (body: object) => { readonly type: string; readonly text: string },
): Send {
  return async (method, path, { body, headers = {} } = {}) => {
    const written = body === undefined ? undefined : typeof body === 'string' ? { type: '', text: body } : write(body)
    const all = { authorization, 'content-type': written?.type ?? '', ...headers }
    const response = await world.app.inject({
      method,
      url: path,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
      ...(written && { payload: written.text }),
    })
    const isJson = /json/.test(String(response.headers['content-type']))
    const json = JSON.parse(isJson && response.body !== '' ? response.body : '{}') as Json
    return { status: response.statusCode, headers: response.headers, text: response.body, json }
  }
}

/** Invites a user by REST and answers the SID. */
export async function invite(face: Face, body: object = jane): Promise<string> {
  const reply = await face.send('POST', face.users, { body })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.sid
}

/** The SID of a role by its name, as an operator looks it up in the console. */
export async function roleSid(face: Face, name: string): Promise<string> {
  const organizationId = idOf(face.access.organizationSid)
  const roles = await face.world.home.directory.listRoles(face.world.call({ organizationId }), undefined)
  const role = roles.find((candidate) => candidate.name === name)
  assert.ok(role, name)
  return `RL${role.id.replaceAll('-', '')}`
}

/** The member behind a user SID. */
export const memberOf = (face: Face, sid: string) => face.world.home.directory.getMember(face.world.call(), { id: idOf(sid) })

/** The id of ours in a SID. */
export function idOf(sid: string): string {
  const hex = sid.slice(2)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
