import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { openWorld, type World, type WorldOptions } from './world.ts'

/** One account of the served Bandwidth API. */
export interface Face {
  readonly world: World
  readonly accountId: string
  readonly username: string
  readonly password: string
  /** The path of the account below the server's root. */
  readonly account: string
  /** Sends one request with the account's credentials, asking for JSON; `headers` with an empty value leave one out. */
  readonly send: (
    method: Method,
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<Reply>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed; a test says what it expects by comparing. */
  readonly json: Readonly<Record<string, unknown>>
}

export const strong = 'Correct-Horse-9'
export const john = { Username: 'jdoe', FirstName: 'John', LastName: 'Doe', Email: 'jdoe@example.com', Password: strong }

export async function openFace(t: TestContext, options: WorldOptions = {}): Promise<Face> {
  const world = await openWorld(t, { dialects: ['native', 'scim', 'bandwidth'], ...options })
  return faceOf(world, world.access)
}

/** The face of an organization, by what its creation printed. */
export function faceOf(world: World, access: World['access']): Face {
  const { accountId = '', username = '', password = '' } = access['bandwidth'] ?? {}
  return {
    world,
    accountId,
    username,
    password,
    account: `/bandwidth/api/accounts/${accountId}`,
    send: async (method, path, { body, headers = {} } = {}) => {
      const all: Record<string, string> = {
        authorization: basic(username, password),
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': typeof body === 'string' ? 'application/xml' : 'application/json' }),
        ...headers,
      }
      const response = await world.app.inject({
        method,
        url: path,
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const isJson = /json/.test(String(response.headers['content-type']))
      return { status: response.statusCode, headers: response.headers, text: response.body, json: isJson ? response.json() : {} }
    },
  }
}

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Creates a user and answers the UserId. */
export async function createUser(face: Face, body: object = john): Promise<string> {
  const reply = await face.send('POST', `${face.account}/users`, { body })
  assert.equal(reply.status, 201, reply.text)
  return String(reply.json['UserId'])
}
export async function rolesOf(face: Face): Promise<{ RoleId: string; RoleName: string }[]> {
  const reply = await face.send('GET', `${face.account}/roles`)
  return reply.json['Roles'] as { RoleId: string; RoleName: string }[]
}
export const roleNamed = async (face: Face, name: string) =>
  (await rolesOf(face)).find((role) => role.RoleName === name)?.RoleId ?? ''
