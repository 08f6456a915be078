import type { Json } from '../src/directory/json.ts'
import { DirectoryError } from '../src/directory/errors.ts'
import type { RemoteFailure, VendorKey, VendorKeys } from '../src/sync/vendor.ts'

type Operation = 'list' | 'create' | 'use' | 'remove'

/** Called around whatever a process does outside itself; one that never resolves is the process's death. */
export type Gate = (point: string) => Promise<void>

interface HeldKey extends VendorKey {
  readonly secret: string
}

/** The keys of an account at a small vendor in memory, which refuses what it should and counts it. */
export interface Keyring {
  readonly keys: Map<string, HeldKey>
  /** Keys asked for beyond the limit. */
  overflows: number
  /** Calls with a key that proves nothing. */
  refused: number
  /** What the next calls of an operation are answered with, in place of being carried out. */
  readonly faults: { readonly operation: Operation; readonly status: number; readonly after?: true }[]
  /** Somebody makes a key at the vendor by hand. */
  readonly add: (name: string) => HeldKey
  /** Somebody calls with a key; a refused one is counted. */
  readonly call: (key: { readonly id: string; readonly secret: string }) => boolean
  /** The port over it, with a connection's credentials. */
  readonly open: (credentials: { readonly keyId: string; readonly keySecret: string }, gate?: Gate) => VendorKeys
}

export function createKeyring(
  clock: () => Date,
  { most, tells = false }: { readonly most?: number; readonly tells?: boolean } = {},
): Keyring {
  const keys = new Map<string, HeldKey>()
  let made = 0
  const add = (name: string): HeldKey => {
    const key = { id: `key-${++made}`, name, secret: `secret-${made}-of-the-vendor`, createdAt: clock() }
    keys.set(key.id, key)
    return key
  }
  const call = ({ id, secret }: { readonly id: string; readonly secret: string }): boolean => {
    const key = keys.get(id)
    if (key?.secret !== secret) {
      ring.refused++
      return false
    }
    if (tells) keys.set(id, { ...key, lastUsedAt: clock() })
    return true
  }
  const ring: Keyring = {
    keys,
    overflows: 0,
    refused: 0,
    faults: [],
    add,
    call,
    open: (credentials, gate = async () => undefined) => {
      let own = { id: credentials.keyId, secret: credentials.keySecret }
      const ask = async <T>(operation: Operation, carryOut: () => T, key = own): Promise<T> => {
        await gate(`${operation} before`)
        const found = ring.faults.findIndex((fault) => fault.operation === operation)
        const [fault] = found < 0 ? [] : ring.faults.splice(found, 1)
        if (fault && !fault.after) throw failure(fault.status)
        if (!call(key)) throw failure(401)
        const answer = carryOut()
        if (fault) throw failure(fault.status, 'unknown')
        await gate(`${operation} after`)
        return answer
      }
      const list = () => ask('list', () => [...keys.values()].map(({ secret: _, ...key }) => key))
      const drop = (id: string) => ask('remove', () => keys.delete(id))
      return {
        ...(most !== undefined && { most }),
        ...(tells && { lastUse: 'told' }),
        inUse: () => own.id,
        credentialsWith: ({ id, secret }): Json => ({ ...credentials, keyId: id, keySecret: secret }),
        list,
        create: async (name, store) => {
          const { secret, ...key } = await ask('create', () => {
            if (most !== undefined && keys.size >= most) {
              ring.overflows++
              throw failure(409)
            }
            return add(name)
          })
          try {
            await store(key, secret)
          } catch (error) {
            await drop(key.id)
            throw error
          }
          return key
        },
        use: async (key) => {
          await ask('use', () => undefined, key)
          own = key
        },
        remove: async (id, replacedBy) => {
          if (id === own.id) throw new DirectoryError('unsafe', 'The key is in use.')
          const listed = await list()
          if (!listed.some((key) => key.id === id)) return
          if (replacedBy !== 'unused' && !listed.some((key) => key.id === replacedBy.id))
            throw new DirectoryError('unsafe', 'The replacement is not there.')
          await drop(id)
        },
      }
    },
  }
  return ring
}

function failure(status: number, effect: 'none' | 'unknown' = 'none'): RemoteFailure {
  const error = new Error(status === 0 ? 'the vendor closed the connection' : `the vendor answered ${status}`)
  return Object.assign(error, { name: 'RemoteError', status, effect, retryable: status === 429 || status >= 500 || status === 0 })
}
