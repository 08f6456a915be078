import type { Json } from '../directory/json.ts'
import type { MemberStatus } from '../directory/membership.ts'

/** A role as the vendor knows it. */
export interface VendorRole {
  readonly id: string
  readonly name: string
}

/** A user record at the vendor, in our words. */
export interface KnownAccount {
  readonly id: string
  readonly userName: string
  readonly email: string | undefined
  /** What whoever provisioned the account before calls the person, where the vendor keeps it. */
  readonly externalId?: string | undefined
  readonly givenName: string | undefined
  readonly familyName: string | undefined
  readonly status: MemberStatus | 'unknown'
  readonly roles: readonly VendorRole[]
  /** How many sessions are open now, where the vendor says so: somebody who is being offboarded may still be signed in. */
  readonly activeSessions?: number
  /** When the record was last changed, and by whom, where the vendor says so: told when it is no longer as a plan saw it. */
  readonly changedAt?: Date
  readonly changedBy?: string
  /** Of somebody who is invited: since when, by the vendor's word or else since it was first read so. */
  readonly invitedSince?: Date | undefined
}

/** A user record as it was read. `raw` is the record as it came, with what we do not interpret. */
export interface Account extends KnownAccount {
  readonly raw: unknown
}

/** `changedAt` of an account, from the latest of the times that a vendor gives in ISO 8601 or RFC 3339; nothing where none can be read. */
export function changedAtOf(...times: readonly unknown[]): Pick<Account, 'changedAt'> {
  const read = times.flatMap((time) => (typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? [Date.parse(time)] : []))
  return read.length > 0 ? { changedAt: new Date(Math.max(...read)) } : {}
}

/** The attributes that we may own at a vendor. */
export const accountAttributes = ['userName', 'email', 'givenName', 'familyName'] as const
export type AccountAttribute = (typeof accountAttributes)[number]

/** How an account should be. */
export interface DesiredAccount extends Readonly<Record<Exclude<AccountAttribute, 'userName'>, string | undefined>> {
  readonly userName: string
  /** Vendor's role ids. */
  readonly roleIds: readonly string[]
}

/** A part of the vendor's list. */
export interface AccountPage {
  readonly accounts: readonly Account[]
  /** How many the vendor says there are, where it says so. */
  readonly declaredTotal: number | undefined
  /** It is the rest, or more, of the page before: a long one comes in parts. */
  readonly continues?: true
}

/** What can be asked of a vendor without changing anything. Planning code gets only this. Every method throws RemoteError. */
export interface VendorReader {
  /** The whole list, page by page, in the vendor's own order. Never drops or repeats a record on its own. */
  list(): AsyncIterable<AccountPage>
  /** `offset` where pages are cut by position, so that a list that changes meanwhile shifts: it is then read twice. */
  readonly paging?: 'offset'
  /** `list` where the vendor cannot be asked for one account, so that `read` walks the list and an absence is no more certain than the list is. */
  readonly absence?: 'list'
  /** One account by the vendor's id; undefined only when the vendor says that there is none. */
  read(accountId: string): Promise<Account | undefined>
  roles(): Promise<readonly VendorRole[]>
  /** Harmless requests that tell whether the credentials work and what they allow; each line is a sentence that says what to do. */
  check(): Promise<CheckReport>
}

export interface CheckReport {
  readonly usable: boolean
  readonly findings: readonly { readonly level: 'ok' | 'warning' | 'problem'; readonly message: string }[]
}

export type Created =
  | { readonly outcome: 'done'; readonly account: Account }
  | { readonly outcome: 'invited'; readonly account: Account | undefined; readonly expiresAt: Date | undefined }
  /** The vendor has an account under this name already. Nothing was made. `account` is it, where the vendor can be asked by name. */
  | { readonly outcome: 'exists'; readonly account?: Account }
  | { readonly outcome: 'inProgress' }
  /** Only a person can do it; `task` tells them what. */
  | { readonly outcome: 'needsPerson'; readonly task: string }

/** What changes a vendor. Held only by the runner. No method sends a write twice. Every method throws RemoteError. */
export interface VendorWriter {
  create(desired: DesiredAccount): Promise<Created>
  /** Brings the account to the desired attributes and roles, keeping whatever we do not own; answers the record read back. */
  update(accountId: string, desired: DesiredAccount): Promise<Account>
  /** Takes the account away for good. An account that is gone already counts as done. The caller verifies by `read`. */
  remove(accountId: string): Promise<void>
  /** Takes access away and keeps the account; answers the record read back. Present where `capabilities.suspend`. */
  suspend?(accountId: string): Promise<Account>
  /** Gives a suspended account its access back; answers the record read back. Present where `capabilities.suspend`. */
  resume?(accountId: string): Promise<Account>
  /**
   * Withdraws an invitation that nobody accepted; one that is gone already counts as done, and for somebody who has accepted nothing is sent. The caller
   * verifies by `read`. Present where `capabilities.cancelInvitation`.
   */
  cancelInvitation?(accountId: string): Promise<void>
}

/** What the vendor's API cannot do is reported as `unsupported` and offered as a task for a person, never dropped. */
export interface Capabilities {
  readonly create: boolean
  readonly update: boolean
  readonly suspend: boolean
  readonly remove: boolean
  readonly setRoles: boolean
  /** The attributes that the vendor keeps by themselves; all of them where it is not said. Others are neither compared nor called drift. */
  readonly attributes?: readonly AccountAttribute[]
  readonly invite: boolean
  /** Who is only invited shows as invited, and the invitation can be withdrawn without any danger to who has accepted; elsewhere they are removed like anybody. */
  readonly cancelInvitation: boolean
  /** What stays at the vendor after a removal that its API cannot take away, as the end of a sentence; it is reported as a residue. */
  readonly residue?: string
  /** What a suspension alone leaves to whoever is suspended, as the end of a sentence. */
  readonly suspensionResidue?: string
  /** One sentence for each thing that an operator has to know, such as that removal is final. */
  readonly notes: readonly string[]
}

/** A key of the vendor's own for calling its API; never with its secret. */
export interface VendorKey {
  readonly id: string
  readonly name: string
  readonly createdAt: Date | undefined
  /** Who made it, or whose it is, where the vendor says so. */
  readonly owner?: string
  /** Undefined for a key that was never used, and where the vendor does not tell (`lastUse`). */
  readonly lastUsedAt?: Date
}

/** Keys at a vendor that has them. Every method throws RemoteError. In place of one key comes another in this order: create, use, remove. */
export interface VendorKeys {
  /** How many there may be at a time, where the vendor limits it. */
  readonly most?: number
  /** `told` where the vendor says when a key was last used: then `lastUsedAt` is undefined only for a key that nobody used. */
  readonly lastUse?: 'told'
  /** The id of the key that this vendor is called with now. */
  inUse(): string
  /** The connection's credentials with that key in place of its own. */
  credentialsWith(key: { readonly id: string; readonly secret: string }): Json
  list(): Promise<readonly VendorKey[]>
  /** Makes a key. `store` gets the one copy of its secret before anything else happens; when it throws, the key is deleted again. */
  create(name: string, store: (key: VendorKey, secret: string) => Promise<void>): Promise<VendorKey>
  /** Proves by a harmless request that a key works, and from then on calls with it. */
  use(key: { readonly id: string; readonly secret: string }): Promise<void>
  /**
   * Deletes a key and makes sure that it is listed no more. Throws DirectoryError `unsafe` for the key that is in use, and for one whose replacement is not
   * there; `unused` stands for a key that nobody calls with.
   */
  remove(id: string, replacedBy: { readonly id: string } | 'unused'): Promise<void>
}

export interface Vendor {
  readonly name: string
  readonly capabilities: Capabilities
  readonly reader: VendorReader
  readonly writer: VendorWriter
  /** Present where the vendor's keys can be managed. */
  readonly keys?: VendorKeys
}

/** What the engine needs to know of a failed call (thrown by wire/call as RemoteError). */
export interface RemoteFailure extends Error {
  readonly status: number
  readonly retryable: boolean
  readonly effect: 'none' | 'unknown'
}

export const isRemoteFailure = (error: unknown): error is RemoteFailure => error instanceof Error && error.name === 'RemoteError'
