import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { openHome, type Home } from '../../src/app.ts'
import { clientKind, clientScopes } from '../../src/dialects/scim/oauth-token.ts'
import type { Call } from '../../src/directory/call.ts'
import { scopes } from '../../src/directory/credential.ts'
import type { ExtensionInput } from '../../src/directory/extension.ts'
import { toHex } from '../../src/directory/id.ts'
import { canonicalJson } from '../../src/directory/json.ts'
import { seededPeople, toState } from '../../src/twin/people.ts'
import { refusedRequest } from './ids.ts'
import type { Canary } from './judge.ts'

/** An organization with people, as it stands before the first request. */
export interface Tenant {
  readonly id: string
  /** What `organization create` prints. */
  readonly access: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly members: readonly string[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  readonly credentials: readonly string[]
  /** The credential of its native key. */
  readonly owner: string
}

/** Two organizations in one home: the caller's, and one that it must not see or touch. */
export interface World {
  readonly caller: Tenant
  readonly other: Tenant
}

/** A word that stands in everything of the other organization. */
const mark = 'canary'

export async function prepareWorld(folder: string): Promise<World> {
  const home = await openHome(folder, {})
  try {
    return { caller: await createTenant(home, 'caller'), other: await createTenant(home, mark) }
  } finally {
    await home.close()
  }
}

async function createTenant(home: Home, word: string): Promise<Tenant> {
  const { directory } = home
  const name = `${word} organization`
  const access = await home.createOrganization({ name, plan: 'enterprise', sso: 'okta', emailDomains: [] }, 'http://127.0.0.1')
  const id = access['organization']?.['id'] ?? ''
  const call = callAs(id)
  const roles = await directory.listRoles(call, {})
  const members: string[] = []
  for (const person of seededPeople(1, 60)) {
    const userName = `${word}.${person.userName}`
    const state = {
      ...toState(person, roles),
      userName,
      displayName: `${word} person`,
      emails: [{ value: `${userName}@example.com` }],
    }
    members.push((await directory.addMember(call, { state, as: 'active' })).member.id)
  }
  const input = {
    displayName: `${word} group`,
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds: members.slice(0, 5),
  }
  const group = await directory.addGroup(call, input)
  await directory.addExtension(call, ownExtension(word))
  const client = await directory.createCredential(call, { kind: clientKind, name: `${word} client`, scopes: clientScopes })
  const credentials = await directory.listCredentials(call, {})
  return {
    id,
    access: { ...access, oauth: { clientId: client.credential.identifier, clientSecret: client.secret } },
    members,
    groups: [group.id],
    roles: roles.map((role) => role.id),
    credentials: credentials.map((credential) => credential.id),
    owner: credentials.find(({ kind }) => kind === 'native')?.id ?? '',
  }
}

/** What an organization defines of its people. */
export const ownExtension = (word: string): ExtensionInput => ({
  urn: `urn:example:${word}:2.0:User`,
  name: `${word} extension`,
  attributes: [
    { name: 'badge', uniqueness: 'server' },
    { name: 'floor', type: 'integer' },
    { name: 'cars', type: 'complex', multiValued: true, subAttributes: [{ name: 'value' }, { name: 'since', type: 'dateTime' }] },
  ],
})

/** Everything by which the other organization could be recognised in an answer. */
export const canariesOf = ({ id, access, members, groups, roles, credentials }: Tenant): readonly Canary[] => [
  [mark],
  ...[id, ...members, ...groups, ...roles, ...credentials].map((known) => [known, toHex(known)]),
  ...Object.values(access)
    .flatMap((part) => Object.entries(part))
    .filter(([key]) => /key|token|password|secret|username/i.test(key) && !/url$/i.test(key))
    .map(([, secret]) => [secret.toLowerCase()]),
]

/**
 * Connects an organization to its own Bandwidth and Sinch APIs, which the hub serves, so that it has connections, a snapshot, a plan, a rotation and a
 * review that is closed; answers their ids by collection.
 */
export async function connectToItself(
  url: string,
  { access, owner }: Tenant,
  { name }: { readonly name: string },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ask = async (method: 'POST' | 'PATCH', path: string, body: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${access['native']?.['key']}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const send = async (...request: Parameters<typeof ask>) => Created.parse(await ask(...request)).id ?? ''
  const connection = await send('POST', '/connections', { ...toItself(url, access), name })
  const plan = await send('POST', `/connections/${connection}/plans`, undefined)
  const keyed = await send('POST', '/connections', { ...toOwnSinch(url, access), name: `${name} with keys` })
  await send('PATCH', `/connections/${keyed}`, { writesEnabled: true })
  // So long that it does not end during a run.
  const rotation = await send('POST', `/connections/${keyed}/rotations`, { quietSeconds: 30 * 24 * 60 * 60 })
  const review = await send('POST', '/reviews', { ...ownReview(owner), name: `${name}, reviewed` })
  for (let after: string | undefined; ;) {
    after = Decided.parse(await ask('POST', `/reviews/${review}/decisions`, { ...ownDecision, ...(after && { after }) })).next
    if (after === undefined) break
  }
  await send('POST', `/reviews/${review}/close`, undefined)
  return new Map([
    ['native /reviews', [review]],
    ['native /connections', [connection, keyed]],
    ['native /plans', [plan]],
    ['native /rotations', [rotation]],
  ])
}

/** A webhook that leads nowhere (RFC 6761), told of facts that hardly come. */
export const deafWebhook = { url: 'https://hooks.invalid/', actions: ['role.removed'] }

export async function addWebhook(url: string, { access }: Tenant): Promise<void> {
  const headers = { authorization: `Bearer ${access['native']?.['key']}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}/api/v1/webhooks`, { method: 'POST', headers, body: JSON.stringify(deafWebhook) })
  if (!response.ok) throw new Error(`POST /webhooks: ${response.status} ${await response.text()}`)
}

/** Sends a request of the organization's own that is refused, under the id that its explanation is asked for by. */
export async function beRefused(url: string, { access }: Tenant): Promise<void> {
  const headers = { authorization: `Bearer ${access['native']?.['key']}`, 'x-request-id': refusedRequest }
  const response = await fetch(`${url}/api/v1/members/none`, { headers })
  if (response.status !== 404) throw new Error(`GET /members/none: ${response.status}`)
}

/** A review by the organization's own key. */
export const ownReview = (owner: string) => ({
  name: 'a review',
  reviewers: [{ credentialId: owner, outside: true }],
  dueAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
})
export const ownDecision = { decision: 'keep', reason: 'looked at', filter: {} }

/** A connection of an organization to its own Bandwidth API. */
export function toItself(url: string, access: Tenant['access']) {
  const vendor = access['bandwidth'] ?? {}
  const credentials = { ...vendor, baseUrl: `${url}${new URL(vendor['baseUrl'] ?? '').pathname}` }
  return { vendor: 'bandwidth', baseUrl: credentials.baseUrl, credentials, assignments: [{ kind: 'everyone' }] }
}

function toOwnSinch(url: string, access: Tenant['access']) {
  const vendor = access['sinch'] ?? {}
  const credentials = { ...vendor, baseUrl: `${url}${new URL(vendor['baseUrl'] ?? '').pathname}` }
  return { vendor: 'sinch', baseUrl: credentials.baseUrl, credentials, assignments: [] }
}

/** Takes back what a request has narrowed: on a lesser plan the rest of the run would be refused at the door. */
export async function openUp(url: string, { access }: Tenant): Promise<void> {
  const headers = { authorization: `Bearer ${access['native']?.['key']}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ plan: 'enterprise', sso: 'okta', emailDomains: [] })
  const response = await fetch(`${url}/api/v1/organization`, { method: 'PATCH', headers, body })
  if (!response.ok) throw new Error(`PATCH /organization: ${response.status} ${await response.text()}`)
}

const Created = z.object({ id: z.string().optional() })
const Decided = z.object({ next: z.string().optional() })

/** Everything of an organization that another caller's requests could have changed, as one text. */
export async function describeTenant(folder: string, { id }: Tenant): Promise<string> {
  const home = await openHome(folder, {})
  try {
    const content = await home.database.store.read(async (reader) => {
      const groups = await reader.groups(id, { limit: 10_000 })
      const credentials = await reader.credentials(id)
      const facts = await reader.facts(id, { limit: 100_000 })
      return {
        organization: await reader.organization(id),
        extensions: await reader.extensions(id),
        members: await reader.memberships(id, { limit: 10_000 }),
        groups,
        groupMembers: await Promise.all(groups.map((group) => reader.groupMembers(id, group.id, { limit: 10_000 }))),
        // When a credential was last used is noted beside the request that used it.
        credentials: credentials.map(({ lastUsedAt: _, ...rest }) => rest),
        // What the hub does by itself, such as signing where the facts stand every ten minutes, is nobody's doing.
        facts: facts
          .filter(({ actor }) => !actor.startsWith('system:'))
          .map(({ action, subject, hash }) => ({ action, subject, hash })),
      }
    })
    const connections = await home.database.ledger.read((reader) => reader.connections(id))
    return canonicalJson({ ...content, connections: connections.map(({ health: _, ...rest }) => rest) })
  } finally {
    await home.close()
  }
}

/** The same once nothing of it changes any more by itself. */
export async function describeSettled(folder: string, tenant: Tenant): Promise<string> {
  for (let last = ''; ;) {
    const now = await describeTenant(folder, tenant)
    if (now === last) return now
    last = now
    await wait(1500)
  }
}

const callAs = (organizationId: string): Call => ({
  organizationId,
  actor: 'system:fuzz',
  scopes: new Set(scopes),
  now: new Date(),
  requestId: 'fuzz',
  via: 'fuzz.prepare',
})
