import { DirectoryError } from '../../directory/errors.ts'
import type { Json } from '../../directory/json.ts'
import type { VendorKey, VendorKeys } from '../../sync/vendor.ts'
import { toPath } from './connect-members.ts'
import type { ConnectSettings } from './connect-settings.ts'
import type { Session } from './connect-session.ts'
import { isGone } from './connect-write.ts'
import {
  createKey,
  createProjectKey,
  deleteKey,
  deleteProjectKey,
  listKeys,
  listProjectKeys,
  type AccessKey,
  type ProjectKey,
} from './wire.ts'

/** How keys are asked for: in the guide's words or in the public API's. */
interface KeyApi {
  readonly page: (token: string) => Promise<{ readonly keys: readonly VendorKey[]; readonly next: string }>
  readonly create: (name: string) => Promise<{ readonly key: VendorKey; readonly secret: string }>
  readonly remove: (id: string) => Promise<void>
}

const pageSize = '100'
/** SNCH-P02. */
const maxKeys = 10

/** The access keys of the connection's first project. They take a key with the rights of an ADMIN (SNCH-32). */
export function createKeys(session: Session, settings: ConnectSettings, credentials: Json): VendorKeys {
  const api = settings.api === 'public' ? publicApi(session, settings) : guideApi(session, settings)

  const list = async (): Promise<readonly VendorKey[]> => {
    const keys: VendorKey[] = []
    for (let token = ''; ;) {
      const page = await api.page(token)
      keys.push(...page.keys)
      if (!page.next || page.next === token) return keys
      token = page.next
    }
  }

  return {
    most: maxKeys,
    inUse: () => session.keyId(),
    credentialsWith: ({ id, secret }) => ({ ...Object(credentials), keyId: id, keySecret: secret }),
    list,
    create: async (name, store) => {
      const { key, secret } = await api.create(name)
      try {
        await store(key, secret)
      } catch (error) {
        await api.remove(key.id)
        throw error
      }
      return key
    },
    use: (key) => session.use(key),
    remove: async (id, replacedBy) => {
      if (id === session.keyId())
        throw unsafe('This connection calls with that very key. Make another one, put it in its place, and delete this one then.')
      const keys = await list()
      if (!keys.some((key) => key.id === id)) return
      if (replacedBy !== 'unused' && (replacedBy.id === id || !keys.some((key) => key.id === replacedBy.id)))
        throw unsafe(
          'The key that is to replace this one is not there. Make it, store it and switch to it before this one is deleted.',
        )
      try {
        await api.remove(id)
      } catch (error) {
        if (!isGone(error)) throw error
      }
      if ((await list()).some((key) => key.id === id))
        throw unsafe('Sinch accepted the deletion and lists the key still. Delete it in the dashboard.')
    },
  }
}

const unsafe = (message: string) => new DirectoryError('unsafe', message)

function guideApi(session: Session, { paths, projectId }: ConnectSettings): KeyApi {
  const params = { projectId }
  const at = { keys: toPath(paths.keys) ?? listKeys.path, key: toPath(paths.key) ?? deleteKey.path }
  return {
    page: async (token) => {
      const query = { page_size: pageSize, ...(token && { page_token: token }) }
      const { value } = await session.call({ ...listKeys, path: at.keys }, { params, query })
      return { keys: value.access_keys.map(fromKey), next: value.next_page_token ?? '' }
    },
    create: async (display_name) => {
      const { value } = await session.call({ ...createKey, path: at.keys }, { params, body: { display_name } })
      return {
        key: { id: value.key_id, name: value.display_name ?? display_name, createdAt: undefined },
        secret: value.key_secret,
      }
    },
    remove: async (keyId) => {
      await session.call({ ...deleteKey, path: at.key }, { params: { ...params, keyId } })
    },
  }
}

function publicApi(session: Session, { paths, projectId, keysUrl }: ConnectSettings): KeyApi {
  const params = { projectId }
  const baseUrl = keysUrl
  const at = { keys: toPath(paths.keys) ?? listProjectKeys.path, key: toPath(paths.key) ?? deleteProjectKey.path }
  return {
    page: async (token) => {
      const query = { pageSize, ...(token && { pageToken: token }) }
      const { value } = await session.call({ ...listProjectKeys, path: at.keys }, { params, query, baseUrl })
      return { keys: (value.accessKeys ?? []).map(fromProjectKey), next: value.nextPageToken ?? '' }
    },
    create: async (displayName) => {
      const { value } = await session.call({ ...createProjectKey, path: at.keys }, { params, body: { displayName }, baseUrl })
      return { key: fromProjectKey(value.accessKey), secret: value.secret }
    },
    remove: async (keyId) => {
      await session.call({ ...deleteProjectKey, path: at.key }, { params: { ...params, keyId }, baseUrl })
    },
  }
}

const fromKey = ({ key_id, display_name, created_at }: AccessKey): VendorKey => ({
  id: key_id,
  name: display_name ?? key_id,
  createdAt: dateIn(created_at),
})
const fromProjectKey = ({ accessKeyId, displayName, createTime }: ProjectKey): VendorKey => ({
  id: accessKeyId,
  name: displayName ?? accessKeyId,
  createdAt: dateIn(createTime),
})

function dateIn(text: string | null | undefined): Date | undefined {
  const date = new Date(text ?? NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
