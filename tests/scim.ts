import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { Dialect } from '../src/dialects/dialect.ts'
import { scim } from '../src/dialects/scim/dialect.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import { createDirectory, type Directory } from '../src/directory/directory.ts'
import { createIdSource } from '../src/directory/id.ts'
import type { OrganizationInput } from '../src/directory/organization.ts'
import { createSealer } from '../src/directory/seal.ts'
import { createServer } from '../src/http/server.ts'
import { openStore } from '../src/store/open.ts'
import { temporaryFolder } from './folder.ts'
import { putMigrated } from './migrated.ts'

/** The served SCIM of one organization: a real directory on a temporary SQLite file, behind the real server. */
export interface Scim {
  readonly app: FastifyInstance
  readonly directory: Directory
  readonly token: string
  /** A call of the organization with every scope. */
  readonly call: () => Call
  /** Sends one request below `/scim/v2` with the organization's token; a header with an empty value leaves one out. */
  readonly send: (method: Method, path: string, options?: SendOptions) => Promise<Reply>
  /** Another organization on the same server. */
  readonly another: () => Promise<Pick<Scim, 'send' | 'call' | 'token'>>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface SendOptions {
  /** An object is sent as application/scim+json, a text as it is. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
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
  readonly schemas: readonly string[]
  readonly id: string
  readonly meta: { readonly [Name in 'resourceType' | 'created' | 'lastModified' | 'location' | 'version']: string }
  readonly totalResults: number
  readonly Resources: readonly Body[]
  readonly members: readonly { readonly value: string }[]
  readonly [name: string]: unknown
}

export const base = 'http://rollcall.test/scim/v2'

export async function openScim(
  t: TestContext,
  organization: Partial<OrganizationInput> = {},
  { dialect = scim }: { readonly dialect?: Dialect } = {},
): Promise<Scim> {
  const sealer = createSealer([randomBytes(32)], randomBytes)
  const database = await openStore({ database: await putMigrated(join(temporaryFolder(t), 'rollcall.db')), sealer })
  const newId = createIdSource(() => new Date())
  const directory = createDirectory({ store: database.store, newId, randomBytes })
  const app = createServer({
    directory,
    store: database.store,
    dialects: [dialect],
    engine: undefined,
    settings: {},
    clock: () => new Date(),
    newId,
    log: undefined,
    check: () => database.check(),
    publicUrl: 'http://rollcall.test',
  })
  t.after(async () => {
    await app.close()
    await database.close()
  })
  const another = async (input: Partial<OrganizationInput> = {}) => {
    const organizationId = newId()
    const call = (): Call => ({
      organizationId,
      actor: 'test',
      scopes: new Set(scopes),
      now: new Date(),
      requestId: 'test',
      via: 'test',
    })
    const made = await directory.createOrganization(call(), {
      name: 'Example',
      plan: 'enterprise',
      sso: 'okta',
      emailDomains: [],
      ...input,
      credentials: scim.startingCredentials,
    })
    const token = made.credentials[0]?.secret
    assert.ok(token)
    return { call, token, send: sender(app, token) }
  }
  return { app, directory, another, ...(await another(organization)) }
}

function sender(app: FastifyInstance, token: string): Scim['send'] {
  return async (method, path, { body, headers = {} } = {}) => {
    const all: Record<string, string> = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/scim+json' }),
      ...headers,
    }
    const response = await app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const isJson = String(response.headers['content-type']).includes('json')
    const json = JSON.parse(isJson ? response.body : '{}') as Body
    return { status: response.statusCode, headers: response.headers, text: response.body, json }
  }
}

/** A User as a provider creates one. */
export const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'ada@example.com',
  externalId: 'okta-1',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  displayName: 'Ada Lovelace',
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  active: true,
}

export const person = (name: string) => ({
  ...ada,
  userName: `${name}@example.com`,
  externalId: `okta-${name}`,
  emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
})

export const patchOp = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
})

/** Creates a resource and answers its id. */
export async function created(scim: Pick<Scim, 'send'>, path: string, body: object): Promise<string> {
  const reply = await scim.send('POST', path, { body })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.id
}

export const query = (parameters: Readonly<Record<string, string>>): string => `?${new URLSearchParams(parameters).toString()}`

/** Asserts that a reply is a SCIM error (RFC 7644 §3.12). */
export function isError(reply: Reply, status: number, scimType?: string): void {
  assert.equal(reply.status, status, reply.text)
  assert.equal(reply.headers['content-type'], 'application/scim+json')
  assert.deepEqual(reply.json.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
  assert.equal(reply.json['status'], String(status))
  assert.equal(reply.json['scimType'], scimType)
  assert.equal(typeof reply.json['detail'], 'string')
}
