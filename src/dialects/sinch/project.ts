import type { Call } from '../../directory/call.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Role } from '../../directory/role.ts'
import type { Incoming } from '../../wire/serve.ts'
import type { Operation } from '../../wire/operation.ts'
import { regions, type Settings } from './settings.ts'
import { directoryNames, findRole, type Project } from './translate.ts'
import type { RoleName } from './wire.ts'

type Asked = Pick<Incoming<Operation>, 'params' | 'headers'>

/**
 * The project that a request is about. Refuses one that the key has no access to, whether it exists or not, and one that is asked for in another
 * region than its own or at the host for tokens. A key of the organization's first project acts in every one; another key only in its own.
 */
export async function openProject(
  directory: Directory,
  settings: Settings,
  { call, asked }: { readonly call: Call; readonly asked: Asked },
): Promise<Project> {
  const id = asked.params['projectId'] ?? ''
  if (call.workspaceId !== undefined && call.workspaceId !== id) throw noAccess()
  const isWhole = id === call.organizationId
  if (!isWhole && !(await directory.listWorkspaces(call, {})).some((workspace) => workspace.id === id)) throw noAccess()
  if (!answersAt(asked.headers['host'], settings.regions[id] ?? settings.region))
    throw new DirectoryError('notFound', 'There is no such project in this region. Use the region that it lives in.', {
      field: 'projectId',
    })
  const roles = await directory.listRoles(call, {})
  return { id, isWhole, roles: roles.filter((role) => role.workspaceId === (isWhole ? undefined : id)) }
}

/** The directory's role for one of the four, made where the project never had it. */
export async function needRole(
  directory: Directory,
  call: Call,
  { project, name }: { readonly project: Project; readonly name: RoleName },
): Promise<Role> {
  const found = findRole(project, name)
  if (found) return found
  const place = project.isWhole ? {} : { workspaceId: project.id }
  try {
    return await directory.createRole(call, { name: directoryNames[name], owner: name === 'OWNER', ...place })
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.refusal !== 'taken') throw error
    // Somebody else made it at the same time.
    const roles = (await directory.listRoles(call, {})).filter(
      (role) => role.workspaceId === (project.isWhole ? undefined : project.id),
    )
    const made = findRole({ ...project, roles }, name)
    if (!made) throw error
    return made
  }
}

const noAccess = () =>
  new DirectoryError('foreign', 'This key has no access to the project. Use a key of the project, or of the one above it.', {
    field: 'projectId',
  })

/** Under Sinch's own names a host is a region, or none; any other host is not one of Sinch's and has every project. */
function answersAt(host: string | undefined, region: string): boolean {
  const name = host?.toLowerCase().replace(/:[0-9]*$/, '') ?? ''
  if (name === 'auth.sinch.com') return false
  const asked = regions.find((one) => name === `${one}.api.sinch.com`)
  return asked === undefined || asked === region
}
