import { basic, createCaller, type Face, type Parsed } from './face.ts'

/** Bandwidth: whole records by PUT. It has no word for an invitation, and for a suspension only `Enabled`. */
export function bandwidthFace(access: Readonly<Record<string, string>>): Face {
  const account = `/accounts/${access['accountId']}`
  const { ask, statusOf } = createCaller(access['baseUrl'], basic(access['username'], access['password']))
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', `${account}/users`)).Users.find((user: Parsed) => user.Username === email)
  const idOf = async (email: string) => (await find(email)).UserId
  const put = async (email: string, changes: object) => {
    const user = await find(email)
    return ask('PUT', `${account}/users/${user.UserId}`, { ...user, ...changes })
  }
  return {
    name: 'bandwidth',
    see: async (email) => {
      const user = await find(email)
      if (!user) return undefined
      const { FirstName, LastName, Email, Enabled } = user
      return { FirstName, LastName, Email, Enabled, Roles: user.Roles?.map((role: Parsed) => role.RoleName) }
    },
    shows: ({ email, givenName, familyName, status, role }) => ({
      FirstName: givenName,
      LastName: familyName,
      Email: email,
      Enabled: status === 'suspended' ? false : undefined,
      Roles: role && [role],
    }),
    knows: async (id) => (await statusOf(`${account}/users/${id}`)) === 200,
    idOf,
    create: async ({ email, givenName, familyName }) => {
      const user = { Username: email, Email: email, FirstName: givenName, LastName: familyName, Password: 'Correct-Horse-9' }
      await ask('POST', `${account}/users`, user)
      return { email, givenName, familyName, status: 'active', accepted: true, groups: [] }
    },
    rename: async (email, { givenName, familyName }) => {
      await put(email, { FirstName: givenName, LastName: familyName })
      return { givenName, familyName }
    },
    setRole: async (email, role) => {
      const roles = (await ask('GET', `${account}/roles`)).Roles
      await put(email, { Roles: [{ RoleId: roles.find((each: Parsed) => each.RoleName === role).RoleId }] })
      return { role }
    },
    suspend: async (email) => {
      await put(email, { Enabled: false })
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await put(email, { Enabled: true })
      return { status: 'active' }
    },
    remove: async ({ email }) => void (await ask('DELETE', `${account}/users/${await idOf(email)}`)),
  }
}
