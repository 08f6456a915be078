import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Dialect } from '../src/dialects/dialect.ts'
import type { Call } from '../src/directory/call.ts'
import { hashSecret, parseSecret, createSecret, scopes, type Credential } from '../src/directory/credential.ts'
import { createDirectory } from '../src/directory/directory.ts'
import { DirectoryError } from '../src/directory/errors.ts'
import { createIdSource } from '../src/directory/id.ts'
import { createSealer } from '../src/directory/seal.ts'
import type { Store } from '../src/directory/store.ts'
import { createServer, type ServerOptions } from '../src/http/server.ts'
import { openStore } from '../src/store/open.ts'
import { json, jsonText, operation, xmlOrJson } from '../src/wire/operation.ts'
import { putMigrated } from './migrated.ts'

const Thing = z.object({ id: z.string(), name: z.string() })

export const toyOperations = {
  listThings: operation({
    name: 'listThings',
    summary: 'Lists',
    method: 'GET',
    path: '/things',
    query: z.strictObject({ name: z.string().optional() }),
    status: 200,
    reply: json(z.object({ things: z.array(Thing), url: z.string(), base: z.string() })),
  }),
  getThing: operation({
    name: 'getThing',
    summary: 'Reads',
    method: 'GET',
    path: '/things/:id',
    status: 200,
    reply: xmlOrJson(Thing, { root: 'ThingResponse', inner: 'Thing' }),
  }),
  putThing: operation({
    name: 'putThing',
    summary: 'Replaces',
    method: 'PUT',
    path: '/things/:id',
    request: xmlOrJson(z.strictObject({ name: z.string() }), { root: 'Thing' }),
    status: 200,
    reply: xmlOrJson(Thing, { root: 'ThingResponse', inner: 'Thing' }),
  }),
  createThing: operation({
    name: 'createThing',
    summary: 'Creates',
    method: 'POST',
    path: '/things',
    request: json(z.strictObject({ name: z.string(), password: z.string().optional() })),
    status: 201,
    reply: json(Thing.extend({ key: z.string().optional(), fingerprint: z.string().optional() })),
  }),
  deleteThing: operation({ name: 'deleteThing', summary: 'Removes', method: 'DELETE', path: '/things/:id', status: 204 }),
  readText: operation({
    name: 'readText',
    summary: 'Text',
    method: 'GET',
    path: '/text',
    status: 200,
    alsoStatus: [304],
    reply: jsonText,
  }),
  readVersion: operation({
    name: 'readVersion',
    summary: 'Version',
    method: 'GET',
    path: '/version',
    status: 200,
    open: true,
    reply: json(z.object({ scopes: z.int() })),
  }),
}

/**
 * A small API to test the server with. Names stand for what happens: the thing `bug` makes it fail, `teapot` answers a status that it does not declare,
 * `gone` is not found.
 */
export const toy: Dialect = {
  name: 'toy',
  basePath: '/toy/v1',
  hosts: { 'api.toy.example': '/v1' },
  operations: Object.values(toyOperations),
  idempotent: true,
  startingCredentials: [{ kind: 'toy', name: 'Toy', scopes: ['read', 'write'] }],
  credentials: ({ headers }) => {
    const secret = /^Bearer (\S*)$/.exec(headers['authorization'] ?? '')?.[1]
    return secret === undefined ? undefined : { kind: 'toy', identifier: parseSecret(secret)?.identifier ?? '', secret }
  },
  problem: ({ refusal, message, field, requestId, retryAfterSeconds }) => ({
    status:
      {
        unauthenticated: 401,
        wrongCredential: 401,
        notFound: 404,
        unsupported: 405,
        tooLarge: 413,
        mediaType: 415,
        limited: 429,
        internal: 500,
      }[refusal as string] ?? 400,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    type: 'application/vnd.toy+json',
    text: JSON.stringify({ refusal, message, field, requestId }),
  }),
  describe: () => ({
    title: 'Toy',
    version: '1',
    summary: 'Things',
    description: 'There are things.',
    securitySchemes: { secret: { type: 'http', scheme: 'bearer' } },
    problems: {
      Refusal: json(z.object({ refusal: z.string(), message: z.string(), field: z.string().optional(), requestId: z.string() })),
    },
  }),
  serve: (mount, services) => {
    mount(toyOperations.listThings, async (call, { query, url }) => ({
      value: {
        things: query.name === undefined ? [] : [{ id: '1', name: query.name }],
        url,
        base: services.baseUrlOf({ ...call }),
      },
    }))
    mount(toyOperations.getThing, async (_call, { params }) => {
      const id = params['id'] ?? ''
      if (id === 'bug') throw new Error('the secret cause is rc_toy_0123456789abcdefghijABCDEFGHIJ0123456789abcdef')
      if (id === 'gone') throw new DirectoryError('notFound', 'There is no such thing.')
      return { value: { id, name: 'thing' }, ...(id === 'teapot' && { status: 418 }) }
    })
    mount(toyOperations.putThing, async (_call, { params, body }) => ({ value: { id: params['id'] ?? '', name: body.name } }))
    mount(toyOperations.createThing, async ({ idempotency }, { body }) => ({
      value: { id: '1', name: body.name, key: idempotency?.key, fingerprint: idempotency?.fingerprint },
      headers: { location: '/toy/v1/things/1' },
    }))
    mount(toyOperations.deleteThing, async () => ({ value: undefined }))
    mount(toyOperations.readText, async (_call, { headers }) =>
      headers['if-none-match'] ? { value: '', status: 304 } : { value: '{"a" : 1}' },
    )
    mount(toyOperations.readVersion, async (call) => ({ value: { scopes: call.scopes.size } }))
  },
  access: ({ origin }) => ({ baseUrl: `${origin}/toy/v1` }),
}

export interface ToyWorld {
  readonly app: FastifyInstance
  readonly store: Store
  readonly organizationId: string
  readonly credentialId: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  /** Stores a credential of the same organization. */
  readonly addCredential: (over: Partial<Credential>) => Promise<{ readonly credential: Credential; readonly secret: string }>
}

/** The toy API on the real server over a real SQLite file. */
export async function openToy(t: TestContext, over: Partial<ServerOptions> = {}): Promise<ToyWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-toy-'))
  const clock = over.clock ?? (() => new Date())
  const newId = createIdSource(clock)
  const file = await putMigrated(join(folder, 'toy.db'))
  const database = await openStore({ database: file, sealer: createSealer([randomBytes(32)], randomBytes) })
  const directory = createDirectory({ store: database.store, newId, randomBytes })
  const call: Call = {
    organizationId: newId(),
    actor: 'test',
    scopes: new Set(scopes),
    now: clock(),
    requestId: 'test',
    via: 'test',
  }
  const created = await directory.createOrganization(call, {
    name: 'Toys',
    plan: 'free',
    sso: 'none',
    emailDomains: [],
    credentials: toy.startingCredentials,
  })
  const app = createServer({
    directory,
    store: database.store,
    dialects: [toy],
    engine: undefined,
    settings: {},
    clock,
    newId,
    log: undefined,
    check: () => database.check(),
    ...over,
  })
  t.after(async () => {
    await app.close()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { credential, secret } = created.credentials[0]!
  return {
    app,
    store: database.store,
    organizationId: call.organizationId,
    credentialId: credential.id,
    secret,
    headers: { authorization: `Bearer ${secret}` },
    addCredential: async (overCredential) => {
      const made = createSecret('toy', randomBytes)
      const added: Credential = {
        id: newId(),
        organizationId: call.organizationId,
        kind: 'toy',
        name: 'Another',
        identifier: made.identifier,
        secretHash: hashSecret(made.secret),
        scopes: ['read'],
        createdAt: clock(),
        expiresAt: undefined,
        lastUsedAt: undefined,
        revokedAt: undefined,
        ...overCredential,
      }
      await database.store.write(call.organizationId, (writer) => writer.putCredential(added))
      return { credential: added, secret: made.secret }
    },
  }
}
