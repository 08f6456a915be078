import type { Call } from '../../directory/call.ts'
import type { CredentialView, IssuedCredential } from '../../directory/credentials.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { Operation } from '../../wire/operation.ts'
import type { ServeServices } from '../dialect.ts'
import { keyKind } from './credentials.ts'
import { cutPage, readPage } from './page.ts'
import { openProject } from './project.ts'
import { needAdmin } from './serve-members.ts'
import type { Settings } from './settings.ts'
import { toKey, toProjectKey, type Project } from './translate.ts'
import {
  createKey,
  createProjectKey,
  deleteKey,
  deleteProjectKey,
  getProjectKey,
  listKeys,
  listProjectKeys,
  type PageQuery,
} from './wire.ts'

const pageSize = { usual: 20, most: 100 }
const publicPageSize = { usual: 100, most: 1000 }
/** SNCH-P02. */
const maxKeys = 10

type Asked = Pick<Incoming<Operation>, 'params' | 'headers'>

/** Serves the access keys of projects, in the guide's words and in those of the public API. All of it takes the rights of an ADMIN. */
export function serveKeys(mount: Mount<Call>, { directory }: ServeServices, settings: Settings): void {
  mount(listKeys, async (call, asked) => {
    const { items, next } = await pageOf(call, asked, { query: asked.query, size: pageSize })
    return { value: { access_keys: items.map((key) => toKey(key)), next_page_token: next } }
  })
  mount(listProjectKeys, async (call, asked) => {
    const { project, items, next } = await pageOf(call, asked, { query: asked.query, size: publicPageSize })
    return { value: { accessKeys: items.map((key) => toProjectKey(key, project)), nextPageToken: next } }
  })

  mount(createKey, async (call, asked) => {
    const { credential, secret } = await create(call, asked, asked.body.display_name)
    return { value: { key_id: credential.identifier, key_secret: secret, display_name: credential.name } }
  })
  mount(createProjectKey, async (call, asked) => {
    const { credential, secret, project } = await create(call, asked, asked.body.displayName)
    return { value: { accessKey: toProjectKey(credential, project), secret } }
  })

  mount(getProjectKey, async (call, asked) => {
    const { key, project } = await find(call, asked)
    return { value: toProjectKey(key, project) }
  })

  mount(deleteKey, async (call, asked) => {
    await remove(call, asked)
    return { value: undefined }
  })
  mount(deleteProjectKey, async (call, asked) => {
    await remove(call, asked)
    return { value: {} }
  })

  async function open(call: Call, asked: Asked): Promise<Project> {
    const project = await openProject(directory, settings, { call, asked })
    needAdmin(call)
    return project
  }

  /** The keys of a project that still prove something, in the order they were made. */
  async function keysOf(call: Call, project: Project): Promise<readonly CredentialView[]> {
    const place = project.isWhole ? undefined : project.id
    return (await directory.listCredentials(call, undefined)).filter(
      (credential) =>
        credential.kind === keyKind &&
        credential.workspaceId === place &&
        !credential.revokedAt &&
        !(credential.expiresAt && credential.expiresAt <= call.now),
    )
  }

  async function pageOf(
    call: Call,
    asked: Asked,
    { query, size }: { readonly query: PageQuery; readonly size: typeof pageSize },
  ) {
    const project = await open(call, asked)
    const { limit, after = '' } = readPage(query, size)
    const rest = (await keysOf(call, project)).filter((key) => key.id > after)
    return { project, ...cutPage(rest, limit) }
  }

  async function create(call: Call, asked: Asked, name: string): Promise<IssuedCredential & { readonly project: Project }> {
    const project = await open(call, asked)
    const place = project.isWhole ? {} : { workspaceId: project.id }
    const issued = await directory.createCredential(call, {
      kind: keyKind,
      name,
      scopes: [...call.scopes],
      atMost: maxKeys,
      ...place,
    })
    return { ...issued, project }
  }

  async function find(call: Call, asked: Asked): Promise<{ readonly key: CredentialView; readonly project: Project }> {
    const project = await open(call, asked)
    const key = (await keysOf(call, project)).find(({ identifier }) => identifier === asked.params['keyId'])
    if (!key) throw new DirectoryError('notFound', 'There is no such access key in this project.', { field: 'key_id' })
    return { key, project }
  }

  async function remove(call: Call, asked: Asked): Promise<void> {
    const { key } = await find(call, asked)
    await directory.revokeCredential(call, { id: key.id })
  }
}
