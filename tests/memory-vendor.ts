import { fold } from '../src/directory/fold.ts'
import type { Account, AccountPage, Capabilities, DesiredAccount, RemoteFailure, Vendor, VendorRole } from '../src/sync/vendor.ts'

export type FaultKind =
  | 'status429'
  | 'status500Before'
  | 'status500After'
  | 'closeAfter'
  | 'slow'
  | 'emptyList'
  | 'halfList'
  | 'changingList'
  | 'refused'

/** What goes wrong, with which operation (any where absent), and how many times (always where absent). */
export interface Fault {
  readonly kind: FaultKind
  readonly operation?: Operation
  times?: number
}

type Operation = 'list' | 'read' | 'roles' | 'create' | 'update' | 'suspend' | 'resume' | 'remove' | 'cancelInvitation'

/** A small vendor in memory: user names are unique without regard to case, ids are its own, every write that it carries out is noted. */
export interface MemoryVendor extends Vendor {
  readonly accounts: Map<string, Account>
  readonly writes: { readonly operation: Operation; readonly subject: string }[]
  readonly calls: Operation[]
  faults: Fault[]
  /** In the place of the honest list: the pages of each walk, numbered from 0; it may throw what a vendor's failure throws. */
  listing: ((all: readonly Account[], walk: number) => Iterable<AccountPage>) | undefined
  /** Ids that the vendor denies when asked for one account. */
  readonly denied: Set<string>
  /** Called with each operation before it is carried out. */
  before: (operation: Operation, subject: string) => Promise<void>
  /** Somebody at the vendor changes something by hand. */
  readonly put: (account: Partial<Account> & { readonly userName: string }) => Account
}

export const memoryRoles: readonly VendorRole[] = [
  { id: 'r1', name: 'Admin' },
  { id: 'r2', name: 'Member' },
  { id: 'r3', name: 'Billing' },
]

export function createMemoryVendor(
  options: {
    readonly slowly?: () => Promise<void>
    readonly capabilities?: Partial<Capabilities>
    readonly paging?: 'offset'
    readonly normalize?: (email: string) => string
  } = {},
): MemoryVendor {
  const accounts = new Map<string, Account>()
  let made = 0
  let lists = 0
  const rolesOf = (ids: readonly string[]) => memoryRoles.filter(({ id }) => ids.includes(id))
  const fromDesired = (id: string, desired: DesiredAccount): Account => {
    const email = desired.email === undefined ? undefined : (options.normalize?.(desired.email) ?? desired.email)
    const { userName, givenName, familyName } = desired
    return {
      id,
      userName,
      email,
      givenName,
      familyName,
      status: 'active',
      roles: rolesOf(desired.roleIds),
      raw: { id, userName },
    }
  }

  const vendor: MemoryVendor = {
    name: 'memory',
    accounts,
    writes: [],
    calls: [],
    faults: [],
    listing: undefined,
    denied: new Set(),
    before: async () => undefined,
    capabilities: {
      create: true,
      update: true,
      suspend: false,
      remove: true,
      setRoles: true,
      invite: false,
      cancelInvitation: false,
      notes: [],
      ...options.capabilities,
    },
    put: (account) => {
      const id = account.id ?? `a${++made}`
      const full: Account = {
        email: undefined,
        givenName: undefined,
        familyName: undefined,
        status: 'active',
        roles: [],
        raw: { id },
        ...accounts.get(id),
        ...account,
        id,
      }
      accounts.set(id, full)
      return full
    },
    reader: {
      ...(options.paging && { paging: options.paging }),
      async *list() {
        const fault = await meet('list', '')
        const all = [...accounts.values()]
        if (vendor.listing) {
          yield* vendor.listing(all, lists++)
          return
        }
        lists++
        const shown =
          fault === 'emptyList'
            ? []
            : fault === 'halfList'
              ? all.slice(0, Math.floor(all.length / 2))
              : fault === 'changingList'
                ? all.filter((_, index) => index % 2 === lists % 2)
                : all
        yield { accounts: shown, declaredTotal: undefined }
      },
      read: async (id) => {
        await meet('read', id)
        return vendor.denied.has(id) ? undefined : accounts.get(id)
      },
      roles: async () => {
        await meet('roles', '')
        return memoryRoles
      },
      check: async () => ({ usable: true, findings: [] }),
    },
    writer: {
      create: async (desired) => {
        const carryOut = () => {
          if ([...accounts.values()].some(({ userName }) => fold(userName) === fold(desired.userName)))
            return { outcome: 'exists' } as const
          const account = fromDesired(`a${++made}`, desired)
          accounts.set(account.id, account)
          vendor.writes.push({ operation: 'create', subject: desired.userName })
          return { outcome: 'done', account } as const
        }
        return write('create', desired.userName, carryOut)
      },
      update: async (id, desired) =>
        write('update', id, () => {
          const current = accounts.get(id)
          if (!current) throw failure(404, 'none')
          const account: Account = { ...current, ...fromDesired(id, desired) }
          accounts.set(id, account)
          vendor.writes.push({ operation: 'update', subject: id })
          return account
        }),
      ...(options.capabilities?.suspend && {
        suspend: async (id: string) => write('suspend', id, () => setStatus(id, 'suspend')),
        resume: async (id: string) => write('resume', id, () => setStatus(id, 'resume')),
      }),
      ...(options.capabilities?.cancelInvitation && {
        cancelInvitation: async (id: string) =>
          write('cancelInvitation', id, () => {
            const current = accounts.get(id)
            if (current && current.status !== 'invited') throw failure(0, 'none')
            if (accounts.delete(id)) vendor.writes.push({ operation: 'cancelInvitation', subject: id })
          }),
      }),
      remove: async (id) =>
        write('remove', id, () => {
          if (accounts.delete(id)) vendor.writes.push({ operation: 'remove', subject: id })
        }),
    },
  }

  function setStatus(id: string, operation: 'suspend' | 'resume'): Account {
    const current = accounts.get(id)
    if (!current) throw failure(404, 'none')
    const account: Account = { ...current, status: operation === 'suspend' ? 'suspended' : 'active' }
    accounts.set(id, account)
    vendor.writes.push({ operation, subject: id })
    return account
  }

  async function write<T>(operation: Operation, subject: string, carryOut: () => T): Promise<T> {
    const fault = await meet(operation, subject)
    const answer = carryOut()
    if (fault === 'status500After') throw failure(500, 'unknown')
    if (fault === 'closeAfter') throw failure(0, 'unknown')
    return answer
  }

  async function meet(operation: Operation, subject: string): Promise<FaultKind | undefined> {
    vendor.calls.push(operation)
    await vendor.before(operation, subject)
    const isRead = operation === 'list' || operation === 'read' || operation === 'roles'
    const fault = vendor.faults.find((candidate) => fits(candidate, operation, isRead))
    if (!fault) return undefined
    if (fault.times !== undefined) fault.times--
    if (fault.kind === 'status429') throw failure(429, 'none')
    if (fault.kind === 'refused') throw failure(400, 'none')
    if (fault.kind === 'status500Before' || (isRead && fault.kind === 'status500After'))
      throw failure(500, isRead ? 'none' : 'unknown')
    if (isRead && fault.kind === 'closeAfter') throw failure(0, 'none')
    if (fault.kind === 'slow') await options.slowly?.()
    return fault.kind
  }

  return vendor
}

function fits(fault: Fault, operation: Operation, isRead: boolean): boolean {
  if (fault.times === 0) return false
  if (fault.kind.endsWith('List')) return operation === 'list'
  if (fault.kind === 'refused' && isRead) return false
  return fault.operation === undefined || fault.operation === operation
}

export function failure(status: number, effect: 'none' | 'unknown'): RemoteFailure {
  const error = new Error(status === 0 ? 'the vendor closed the connection' : `the vendor answered ${status}`)
  return Object.assign(error, { name: 'RemoteError', status, effect, retryable: status === 429 || status >= 500 || status === 0 })
}
