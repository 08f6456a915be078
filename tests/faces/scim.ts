import { createCaller, fullName, type Face, type Parsed, type Person } from './face.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0'
const lifecycleUrn = 'urn:rollcall:params:scim:schemas:extension:2.0:User'
const patch = (operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
})

/** Where our own extension does not tell more. */
const statusIn = (active: boolean) => (active ? 'active' : 'suspended')

export interface ScimManners {
  readonly name: string
  readonly baseUrl: string | undefined
  readonly token: string | undefined
  /** What becomes of somebody who is created. */
  readonly entry: 'active' | 'invited'
  readonly groups: 'offered' | 'absent'
  /** Our own SCIM tells invited from active; the vendors' do not. */
  readonly lifecycle: 'shown' | 'hidden'
}

/** SCIM 2.0, our own or a vendor's. */
export function scimFace({ name, baseUrl, token, entry, groups, lifecycle }: ScimManners): Face {
  const { ask, statusOf } = createCaller(baseUrl, `Bearer ${token}`, 'application/scim+json')
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', '/Users?count=100')).Resources.find((user: Parsed) => user.userName === email)
  const idOf = async (email: string) => (await find(email)).id
  const change = async (email: string, ...operations: readonly object[]) =>
    ask('PATCH', `/Users/${await idOf(email)}`, patch(operations))
  const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })
  return {
    name,
    see: async (email) => {
      const user = await find(email)
      if (!user) return undefined
      return {
        userName: user.userName,
        displayName: user.displayName,
        name: user.name,
        emails: user.emails?.map((each: Parsed) => each.value),
        active: user.active,
        roles: user.roles?.map((role: Parsed) => role.value),
        groups: user.groups?.map((group: Parsed) => group.display),
        lifecycle: user[lifecycleUrn]?.lifecycle ?? (lifecycle === 'shown' ? statusIn(user.active) : undefined),
      }
    },
    shows: (person) => ({
      userName: person.email,
      displayName: person.displayName,
      name: nameOf(person),
      emails: [person.email],
      // Whoever is invited is active here, since a provider that read false would reactivate them for ever.
      active: person.status !== 'suspended',
      roles: person.role && [person.role],
      groups: groups === 'offered' && person.groups.length > 0 ? person.groups : undefined,
      lifecycle: lifecycle === 'shown' ? person.status : undefined,
    }),
    knows: async (id) => (await statusOf(`/Users/${id}`)) === 200,
    idOf,
    create: async ({ email, givenName, familyName }) => {
      const user = { schemas: [`${core}:User`], userName: email, name: { givenName, familyName }, emails: [{ value: email }] }
      await ask('POST', '/Users', user)
      return { email, givenName, familyName, status: entry, accepted: entry === 'active', groups: [] }
    },
    rename: async (email, names) => {
      const { givenName, familyName } = names
      const displayName = fullName(names)
      await change(
        email,
        replace('name.givenName', givenName),
        replace('name.familyName', familyName),
        replace('displayName', displayName),
      )
      return { ...names, displayName }
    },
    setRole: async (email, role) => {
      await change(email, replace('roles', [{ value: role }]))
      return { role }
    },
    suspend: async (email) => {
      await change(email, replace('active', false))
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await change(email, replace('active', true))
      return { status: 'active' }
    },
    ...(groups === 'offered' && {
      group: async (email: string, displayName: string) => {
        const members = [{ value: await idOf(email) }]
        await ask('POST', '/Groups', { schemas: [`${core}:Group`], displayName, members })
        return { groups: [displayName] }
      },
    }),
    remove: async ({ email }) => void (await ask('DELETE', `/Users/${await idOf(email)}`)),
  }
}

const nameOf = ({ givenName, familyName }: Person) =>
  givenName === undefined && familyName === undefined
    ? undefined
    : { ...(givenName && { givenName }), ...(familyName && { familyName }) }
