import { createCaller, type Face, type Parsed } from './face.ts'

/** MessageBird's REST: first and last name without a display name, one role, no groups. */
export function messageBirdFace(access: Readonly<Record<string, string>>): Face {
  const { ask, statusOf } = createCaller(access['baseUrl'], `AccessKey ${access['accessKey']}`)
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', '/users?limit=100')).items.find((user: Parsed) => user.email === email)
  const idOf = async (email: string) => (await find(email)).id
  const change = async (email: string, changes: object) => ask('PATCH', `/users/${await idOf(email)}`, changes)
  return {
    name: 'messagebird',
    see: async (email) => {
      const user = await find(email)
      return user && { firstName: user.firstName, lastName: user.lastName, role: user.role, status: user.status }
    },
    shows: ({ givenName, familyName, role, status }) => ({
      firstName: givenName,
      lastName: familyName,
      role: role?.toLowerCase(),
      status,
    }),
    knows: async (id) => (await statusOf(`/users/${id}`)) === 200,
    idOf,
    create: async ({ email, givenName, familyName }) => {
      await ask('POST', '/users', { email, firstName: givenName, lastName: familyName })
      return { email, givenName, familyName, status: 'invited', accepted: false, groups: [] }
    },
    rename: async (email, { givenName, familyName }) => {
      await change(email, { firstName: givenName, lastName: familyName })
      return { givenName, familyName }
    },
    setRole: async (email, role) => {
      await change(email, { role: role.toLowerCase() })
      return { role }
    },
    suspend: async (email) => {
      await change(email, { status: 'suspended' })
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await change(email, { status: 'active' })
      return { status: 'active' }
    },
    remove: async ({ email }) => void (await ask('DELETE', `/users/${await idOf(email)}`)),
  }
}
