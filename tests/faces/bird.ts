import { createCaller, fullName, readableName, type Face, type Parsed, type RoleName } from './face.ts'

const slugs: Readonly<Record<RoleName, string>> = {
  Admin: 'managed:organization_admin',
  Member: 'managed:organization_member',
  ReadOnly: 'managed:organization_read_only',
}

/** Bird: a name and an address belong to the user and cannot be changed, and nobody can be suspended. */
export function birdFace(access: Readonly<Record<string, string>>): Face {
  const users = `/organizations/${access['organizationId']}/users`
  const { ask, statusOf } = createCaller(access['baseUrl'], `AccessKey ${access['accessKey']}`)
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', `${users}?limit=100`)).results.find((membership: Parsed) => membership.user.defaultEmail === email)
  const idOf = async (email: string) => (await find(email)).user.id
  return {
    name: 'bird',
    see: async (email) => {
      const listed = await find(email)
      if (!listed) return undefined
      const { teamRoles } = await ask('GET', `${users}/${listed.user.id}`)
      return {
        name: listed.user.name,
        emails: listed.user.emails.map((each: Parsed) => each.email),
        membership: listed.status,
        user: listed.user.status,
        roles: listed.attributes?.roles,
        teams: teamRoles?.map((team: Parsed) => team.name) ?? [],
      }
    },
    shows: (person) => ({
      name: readableName(person),
      emails: [person.email],
      membership: person.status === 'suspended' ? 'banned' : person.status,
      user: person.accepted ? 'active' : 'pending',
      roles: person.role && [slugs[person.role]],
      teams: person.groups,
    }),
    knows: async (id) => (await statusOf(`${users}/${id}`)) === 200,
    idOf,
    create: async ({ email, ...names }) => {
      await ask('POST', users, { email, name: fullName(names) })
      return { email, displayName: fullName(names), status: 'invited', accepted: false, groups: [] }
    },
    setRole: async (email, role) => {
      await ask('PATCH', `${users}/${await idOf(email)}`, { attributes: { roles: [slugs[role]] } })
      return { role }
    },
    remove: async ({ email }) => void (await ask('DELETE', `${users}/${await idOf(email)}`)),
  }
}
