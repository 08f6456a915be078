import { z } from 'zod'
import { openHome } from '../../src/app.ts'
import type { Call } from '../../src/directory/call.ts'
import { scopes } from '../../src/directory/credential.ts'
import { toHex } from '../../src/directory/id.ts'
import { canonicalJson } from '../../src/directory/json.ts'
import { seededPeople, toState } from '../../src/twin/people.ts'
import type { Material } from './cases.ts'
import type { Canary } from './judge.ts'

/** Two organizations in one home: the caller's, and one that it must not see or touch. */
export interface World {
  readonly callerId: string
  readonly otherId: string
  readonly material: Material
  readonly canaries: readonly Canary[]
  /** The caller's own Bandwidth access, which the hub serves. */
  readonly vendor: Readonly<Record<string, string>>
}

/** A word that stands in everything of the other organization. */
const mark = 'canary'

export async function prepareWorld(folder: string): Promise<World> {
  const home = await openHome(folder, {})
  try {
    const create = async (name: string) =>
      home.createOrganization({ name, plan: 'enterprise', sso: 'okta', emailDomains: [] }, 'http://127.0.0.1')
    const [mine, theirs] = [await create('Caller'), await create(`${mark} organization`)]
    const { directory } = home
    const callerId = mine['organization']?.['id'] ?? ''
    const otherId = theirs['organization']?.['id'] ?? ''
    const idsOf = async (organizationId: string, prefix: string) => {
      const call = callAs(organizationId)
      const roles = await directory.listRoles(call, {})
      const ids: string[] = []
      for (const person of seededPeople(1, 20)) {
        const userName = `${prefix}${person.userName}`
        const state = {
          ...toState(person, roles),
          userName,
          displayName: `${prefix} person`,
          emails: [{ value: `${userName}@example.com` }],
        }
        ids.push((await directory.addMember(call, { state, as: 'active' })).member.id)
      }
      const group = await directory.addGroup(call, {
        displayName: `${prefix} group`,
        externalId: undefined,
        roleIds: [],
        attributes: {},
        membershipIds: ids.slice(0, 5),
      })
      return [
        ...ids,
        group.id,
        ...roles.map((role) => role.id),
        ...(await directory.listCredentials(call, {})).map((credential) => credential.id),
      ]
    }
    const [own, foreign] = [await idsOf(callerId, ''), await idsOf(otherId, mark)]
    const secrets = ['native', 'scim', 'bandwidth'].flatMap((name) => Object.entries(theirs[name] ?? {}))
    const basic = `Basic ${Buffer.from(`${mine['bandwidth']?.['username']}:${mine['bandwidth']?.['password']}`).toString('base64')}`
    const byCollection = (organizationId: string, ids: readonly string[]) => {
      const [members, groups] = [ids.slice(0, 20), ids.slice(20, 21)]
      return new Map([
        ['native /members', members],
        ['native /groups', groups],
        ['scim /Users', members],
        ['scim /Groups', groups],
        ['bandwidth /accounts', [toHex(organizationId)]],
        ['bandwidth /accounts/users', members.map((id) => `u${toHex(id)}`)],
      ])
    }
    return {
      callerId,
      otherId,
      vendor: mine['bandwidth'] ?? {},
      material: {
        authorizations: {
          native: [`Bearer ${mine['native']?.['key']}`],
          scim: [`Bearer ${mine['scim']?.['token']}`],
          bandwidth: [basic],
        },
        // The caller's credentials stay out of what requests name, so that it keeps its access to the end.
        own: byCollection(callerId, own),
        foreign: byCollection(otherId, foreign).set('native /credentials', foreign.slice(-credentialsEach)),
      },
      canaries: [
        [mark],
        ...[...foreign, otherId].map((id) => [id, toHex(id)]),
        ...secrets.filter(([key]) => /key|token|password|username/.test(key)).map(([, secret]) => [secret.toLowerCase()]),
      ],
    }
  } finally {
    await home.close()
  }
}

/** Connects the hub to its own Bandwidth API, so that there are a connection, a snapshot and a plan to ask for; answers ids by collection. */
export async function connectToItself(url: string, { material, vendor }: World): Promise<ReadonlyMap<string, readonly string[]>> {
  const post = async (path: string, body: unknown) => {
    const headers = { authorization: material.authorizations['native']?.[0] ?? '', 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
    return Created.parse(await response.json()).id
  }
  const { pathname } = new URL(vendor['baseUrl'] ?? '')
  const credentials = { ...vendor, baseUrl: `${url}${pathname}` }
  const made = {
    name: 'itself',
    vendor: 'bandwidth',
    baseUrl: credentials.baseUrl,
    credentials,
    assignments: [{ kind: 'everyone' }],
  }
  const connection = await post('/connections', made)
  const plan = await post(`/connections/${connection}/plans`, undefined)
  return new Map([
    ['native /connections', [connection]],
    ['native /plans', [plan]],
  ])
}

const Created = z.object({ id: z.string() })

/** Everything of an organization that another caller's requests could have changed, as one text. */
export async function describeOrganization(folder: string, organizationId: string): Promise<string> {
  const home = await openHome(folder, {})
  try {
    return await home.database.store.read(async (reader) => {
      const members = await reader.memberships(organizationId, { limit: 10_000 })
      const groups = await reader.groups(organizationId, { limit: 10_000 })
      const groupMembers = await Promise.all(
        groups.map((group) => reader.groupMembers(organizationId, group.id, { limit: 10_000 })),
      )
      const credentials = await reader.credentials(organizationId)
      const head = await reader.chainHead(organizationId)
      const organization = await reader.organization(organizationId)
      return canonicalJson({ organization, members, groups, groupMembers, credentials, head })
    })
  } finally {
    await home.close()
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
