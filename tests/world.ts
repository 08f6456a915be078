import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { openHome, type Home } from '../src/app.ts'
import { databaseFile } from '../src/config.ts'
import { dialects } from '../src/dialects/index.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import type { Json } from '../src/directory/json.ts'
import type { OrganizationInput } from '../src/directory/organization.ts'
import type { LimitSetting } from '../src/http/limit-rules.ts'
import { describeDialect } from '../src/http/openapi.ts'
import { createServer } from '../src/http/server.ts'
import { isBelow } from '../src/http/hosts.ts'
import { createSafeFetch } from '../src/outbox/safe-fetch.ts'
import type { OpenApi } from '../src/wire/openapi.ts'
import type { Engine } from '../src/sync/engine.ts'
import type { TokenSigner } from '../src/directory/token-signer.ts'
import { createTokenSigner } from '../src/outbox/token-signer.ts'
import { temporaryFolder } from './folder.ts'
import { putMigrated } from './migrated.ts'

export { temporaryFolder } from './folder.ts'

/** A real home on a temporary SQLite file, its app without a socket, and one organization with access through every dialect. */
export interface World {
  readonly folder: string
  readonly home: Home
  readonly app: FastifyInstance
  /** What `organization create` prints. */
  readonly access: Readonly<Record<string, Record<string, string>>>
  /** Signs what is told to others. */
  readonly tokenSigner: TokenSigner
  readonly organizationId: string
  /** A call of the organization with every scope. */
  readonly call: (over?: Partial<Call>) => Call
  /** A further organization, with its own access. */
  readonly another: (input?: Partial<OrganizationInput>) => Promise<Readonly<Record<string, Record<string, string>>>>
}

export interface WorldOptions {
  /** Names of those that are served; all of them without. To mount one costs more than most of what a test asks. */
  readonly dialects?: readonly string[]
  readonly organization?: Partial<OrganizationInput>
  readonly settings?: Readonly<Record<string, Json>>
  readonly limits?: Readonly<Record<string, LimitSetting>>
  readonly engine?: (home: Home) => Engine
  /** The server's. */
  readonly clock?: () => Date
  /** What the operator allows webhooks, and requests for published keys, to reach. */
  readonly outbound?: readonly string[]
}

/** The origin that links carry in a world. */
export const origin = 'http://rollcall.test'

export async function openWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const folder = temporaryFolder(t)
  if (options.outbound) writeFileSync(join(folder, 'settings.json'), JSON.stringify({ outbound: { allow: options.outbound } }))
  await putMigrated(databaseFile(folder))
  const home = await openHome(folder, {})
  const tokenSigner = createTokenSigner(home.config.receiptKey)
  const app = createServer({
    directory: home.directory,
    store: home.database.store,
    dialects: dialects.filter(({ name }) => options.dialects?.includes(name) ?? true),
    engine: options.engine?.(home),
    settings: options.settings ?? {},
    clock: options.clock ?? (() => new Date()),
    newId: home.newId,
    log: undefined,
    check: () => home.database.check(),
    tokenKeys: home.tokenKeys,
    tokenSigner,
    explanations: home.database.explanations,
    onFacts: (listener) => home.database.onFacts(listener),
    safeFetch: createSafeFetch({ outbound: home.config.outbound, timeoutMs: 5_000, maxBytes: 256 * 1024 }),
    publicUrl: origin,
    ...(options.limits && { limits: options.limits }),
  })
  const undeclared = watchStatuses(app)
  t.after(async () => {
    await app.close()
    await home.close()
    assert.deepEqual(undeclared, [], 'answers with a status that the OpenAPI document lacks')
  })
  const create = (input: Partial<OrganizationInput> = {}) =>
    home.createOrganization({ name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [], ...input }, origin)
  const access = await create(options.organization)
  const organizationId = access['organization']?.['id'] ?? ''
  const call = (over: Partial<Call> = {}): Call => ({
    organizationId,
    actor: 'test',
    scopes: new Set(scopes),
    now: new Date(),
    requestId: 'test',
    via: 'test',
    ...over,
  })
  return { folder, home, app, access, tokenSigner, organizationId, call, another: create }
}

/** Made once: they follow from the dialects alone. */
const documents = new Map<string, OpenApi>()

/** Collects the answers of operations that have another status than their OpenAPI document declares. */
function watchStatuses(app: FastifyInstance): readonly string[] {
  const undeclared: string[] = []
  app.addHook('onResponse', async ({ method, routeOptions: { url = '' } }, { statusCode }) => {
    const dialect = dialects.find(({ basePath }) => isBelow(url, basePath))
    if (!dialect || method === 'HEAD') return
    const document = documents.get(dialect.name) ?? describeDialect(dialect)
    documents.set(dialect.name, document)
    const path = url.slice(dialect.basePath.length).replace(/:(\w+)/g, '{$1}')
    const operation = document.paths[path]?.[method.toLowerCase()]
    if (operation && !operation.responses[statusCode]) undeclared.push(`${method} ${url} ${statusCode}`)
  })
  return undeclared
}
