import { createCaller, fullName, type Face, type Parsed, type RoleName } from './face.ts'

/** Rollcall's own API. */
export function nativeFace(access: Readonly<Record<string, string>>, roleIds: Readonly<Record<RoleName, string>>): Face {
  const { ask, statusOf } = createCaller(access['baseUrl'], `Bearer ${access['key']}`)
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', `/members?userName=${encodeURIComponent(email)}`)).items[0]
  const idOf = async (email: string) => (await find(email)).id
  const roleOf = (id: string) => Object.entries(roleIds).find(([, each]) => each === id)?.[0] ?? id
  return {
    name: 'native',
    see: async (email) => {
      const member = await find(email)
      if (!member) return undefined
      const groups = (await ask('GET', `/members/${member.id}/groups`)).items
      return {
        userName: member.userName,
        displayName: member.displayName,
        name: member.name,
        status: member.status,
        accepted: member.acceptedAt !== undefined,
        roles: member.roleIds.map(roleOf),
        groups: groups.map((group: Parsed) => group.displayName),
      }
    },
    shows: ({ email, displayName, givenName, familyName, status, accepted, role, groups }) => ({
      userName: email,
      displayName,
      name: { ...(givenName && { givenName }), ...(familyName && { familyName }) },
      status,
      accepted,
      roles: role ? [role] : [],
      groups,
    }),
    knows: async (id) => (await statusOf(`/members/${id}`)) === 200,
    idOf,
    create: async ({ email, givenName, familyName }) => {
      const body = { as: 'invited', userName: email, name: { givenName, familyName }, emails: [{ value: email }] }
      await ask('POST', '/members', body)
      return { email, givenName, familyName, status: 'invited', accepted: false, groups: [] }
    },
    rename: async (email, names) => {
      await ask('PATCH', `/members/${await idOf(email)}`, { name: names, displayName: fullName(names) })
      return { ...names, displayName: fullName(names) }
    },
    setRole: async (email, role) => {
      await ask('PATCH', `/members/${await idOf(email)}`, { roleIds: [roleIds[role]] })
      return { role }
    },
    suspend: async (email) => {
      await ask('POST', `/members/${await idOf(email)}/suspend`)
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await ask('POST', `/members/${await idOf(email)}/resume`)
      return { status: 'active' }
    },
    group: async (email, name) => {
      await ask('POST', '/groups', { displayName: name, memberIds: [await idOf(email)] })
      return { groups: [name] }
    },
    remove: async ({ email }) => void (await ask('DELETE', `/members/${await idOf(email)}`)),
  }
}
