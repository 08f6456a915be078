import { basic, createCaller, fullName, type Face, type Parsed } from './face.ts'

/** Sinch's members of the first project. Who has no role is a MEMBER; a removal takes the project, and the identity of whoever accepted survives. */
export function sinchFace(access: Readonly<Record<string, string>>): Face {
  const members = `/projects/${access['projectId']}/members`
  const { ask } = createCaller(access['baseUrl'], basic(access['keyId'], access['keySecret']))
  const find = async (email: string): Promise<Parsed> =>
    (await ask('GET', `${members}?page_size=100`)).members.find((member: Parsed) => member.email === email)
  const idOf = async (email: string) => (await find(email)).user_id
  const change = async (email: string, changes: object) => ask('PATCH', `${members}/${await idOf(email)}`, changes)
  return {
    name: 'sinch',
    see: async (email) => {
      const member = await find(email)
      return member && { display_name: member.display_name, role: member.role, status: member.status }
    },
    shows: ({ outsideSinch, displayName, role = 'Member', status }) =>
      outsideSinch
        ? undefined
        : {
            display_name: displayName,
            role: role.toUpperCase(),
            status: status === 'invited' ? 'PENDING' : status.toUpperCase(),
          },
    idOf,
    create: async ({ email, ...names }) => {
      await ask('POST', members, { email, display_name: fullName(names), role: 'MEMBER' })
      return { email, displayName: fullName(names), status: 'invited', accepted: false, role: 'Member', groups: [] }
    },
    rename: async (email, names) => {
      await change(email, { display_name: fullName(names) })
      return { displayName: fullName(names) }
    },
    setRole: async (email, role) => {
      await change(email, { role: role.toUpperCase() })
      return { role }
    },
    suspend: async (email) => {
      await change(email, { status: 'SUSPENDED' })
      return { status: 'suspended' }
    },
    resume: async (email) => {
      await change(email, { status: 'ACTIVE' })
      return { status: 'active' }
    },
    remove: async ({ email, accepted }) => {
      await ask('DELETE', `${members}/${await idOf(email)}`)
      return accepted ? { role: undefined, outsideSinch: true } : undefined
    },
  }
}
