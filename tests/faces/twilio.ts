import { basic, createCaller, fullName, type Face, type Parsed, type RoleName } from './face.ts'

/** Twilio's REST: forms, roles as SIDs that tell no name, and no word on whether somebody has accepted. */
export function twilioFace(access: Readonly<Record<string, string>>, roleIds: Readonly<Record<RoleName, string>>): Face {
  const users = `/v1/Organizations/${access['organizationSid']}/Users`
  const authorization = basic(access['accountSid'], access['authToken'])
  const { ask, statusOf } = createCaller(access['baseUrl'], authorization, 'application/x-www-form-urlencoded')
  const sidOf = (role: RoleName) => `RL${roleIds[role].replaceAll('-', '')}`
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', `${users}?PageSize=1000`)).users.find((user: Parsed) => user.email === email)
  const idOf = async (email: string) => (await find(email)).sid
  const change = async (email: string, changes: object) => ask('POST', `${users}/${await idOf(email)}`, changes)
  return {
    name: 'twilio',
    see: async (email) => {
      const user = await find(email)
      if (!user) return undefined
      const { friendly_name, first_name, last_name, role_sid, active } = user
      return { friendly_name, first_name, last_name, role_sid, active }
    },
    shows: ({ displayName = null, givenName, familyName, role, status }) => ({
      friendly_name: displayName,
      first_name: givenName,
      last_name: familyName,
      role_sid: role ? sidOf(role) : null,
      active: status !== 'suspended',
    }),
    knows: async (id) => (await statusOf(`${users}/${id}`)) === 200,
    idOf,
    create: async ({ email, ...names }) => {
      const displayName = fullName(names)
      const { givenName, familyName } = names
      await ask('POST', users, { Email: email, FriendlyName: displayName, FirstName: givenName, LastName: familyName })
      return { email, ...names, displayName, status: 'invited', accepted: false, groups: [] }
    },
    rename: async (email, names) => {
      const displayName = fullName(names)
      await change(email, { FriendlyName: displayName, FirstName: names.givenName, LastName: names.familyName })
      return { ...names, displayName }
    },
    setRole: async (email, role) => {
      await change(email, { RoleSid: sidOf(role) })
      return { role }
    },
    suspend: async (email) => {
      await change(email, { Active: 'false' })
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await change(email, { Active: 'true' })
      return { status: 'active' }
    },
    remove: async ({ email }) => void (await ask('DELETE', `${users}/${await idOf(email)}`)),
  }
}
