import type { Account, DesiredAccount, VendorReader, VendorRole } from '../../sync/vendor.ts'
import { RemoteError, type Remote } from '../../wire/call.ts'
import type { Operation } from '../../wire/operation.ts'

export type Reader = Omit<VendorReader, 'check'>

/** The remote as it is to be called now: its credential may have to be fetched first. */
export type Reach = () => Promise<Remote>

/** The vendor itself says that there is no such thing; a proxy's page says nothing of the kind. */
export const isGone = (error: unknown): boolean => error instanceof RemoteError && error.status === 404 && error.from === 'vendor'
export const isTaken = (error: unknown): boolean =>
  error instanceof RemoteError && error.status === 409 && error.from === 'vendor'

/** Refuses, before anything is sent, an id that is no user's: accounts and organizations have SIDs of other kinds (TWIL-05). */
export function checkUserSid(accountId: string): string {
  if (accountId.startsWith('US')) return accountId
  throw unsent(`${accountId} is no user SID, which begins with US. Nothing was sent.`)
}

/** What a list shows as a user. A subaccount or anything else among them is no person, and the list is not believed (TWIL-33). */
export function checkListed(sid: string): void {
  if (sid.startsWith('US')) return
  throw new RemoteError(200, `The list of users holds ${sid}, which is no user SID. Check that the URL is the users API.`, {
    retryable: false,
    effect: 'none',
    from: 'vendor',
  })
}

/** A refusal of our own: nothing was sent. */
export const unsent = (message: string): RemoteError => new RemoteError(0, message, { retryable: false, effect: 'none' })

/** A failure after a write was accepted: what stands there has to be read, and nothing may be sent again blindly. */
export const afterWrite = (message: string, cause?: unknown): RemoteError =>
  new RemoteError(cause instanceof RemoteError ? cause.status : 200, message, {
    retryable: false,
    effect: 'unknown',
    from: 'vendor',
    cause,
  })

/** The record right after a write. Throws where it cannot be read, or is gone. */
export async function readAfter(reader: Pick<Reader, 'read'>, accountId: string): Promise<Account> {
  const after = await reader.read(accountId).catch((cause: unknown) => {
    throw afterWrite('The user was changed and could not be read back. Read it again.', cause)
  })
  if (!after) throw afterWrite('The user was changed and is gone now. Read the list again.')
  return after
}

/** The record as it stands now, or, when it cannot be read right after its creation, as the creation answered it: the SID must not be lost. */
export async function readBack(reader: Pick<Reader, 'read'>, created: Account): Promise<Account> {
  try {
    return (await reader.read(created.id)) ?? created
  } catch (error) {
    if (error instanceof RemoteError) return created
    throw error
  }
}

/** The login address that somebody is made under: the member's address, or a user name that is one. */
export const addressOf = ({ email, userName }: Pick<DesiredAccount, 'email' | 'userName'>): string | undefined =>
  email || (userName.includes('@') ? userName : undefined)

export const noAddress = ({ userName }: Pick<DesiredAccount, 'userName'>): string =>
  `Twilio invites people by e-mail address, and ${userName} has none. Add it in the directory.`

/** The names of role SIDs. No API tells them: the setting roleNames does, and what was read adds SIDs without a name. */
export interface RoleBook {
  /** A role by its SID. One that has no name is shown as unknown: never left out, never guessed (TWIL-30). */
  readonly toRole: (sid: string) => VendorRole
  /** The roles that have a name, and those that were read so far. */
  readonly all: () => readonly VendorRole[]
}

export function createRoleBook(roleNames: Readonly<Record<string, string>>): RoleBook {
  const names = new Map(Object.entries(roleNames))
  const known = new Set(names.keys())
  const named = (sid: string): VendorRole => ({ id: sid, name: names.get(sid) ?? `unknown role ${sid}` })
  return {
    toRole: (sid) => {
      known.add(sid)
      return named(sid)
    },
    all: () => [...known].map(named),
  }
}

/**
 * The operation at the address of a link that the vendor gave, path and query as they are. A relative one is below the connection's URL. An absolute one
 * is asked for on the connection's own host, whichever host it names: the credentials go nowhere else.
 */
export function follow<Op extends Operation>(
  remote: Remote,
  operation: Op,
  link: string,
): { readonly remote: Remote; readonly operation: Op } {
  const isRelative = link.startsWith('/') && !link.startsWith('//')
  if (!isRelative && !URL.canParse(link))
    throw new RemoteError(200, 'The link to the next page is no URL. The list cannot be read to its end.', {
      retryable: false,
      effect: 'none',
      from: 'vendor',
    })
  const url = isRelative ? undefined : new URL(link)
  const path = url ? url.pathname + url.search : link
  return {
    remote: url ? { ...remote, baseUrl: new URL(remote.baseUrl).origin } : remote,
    // A colon would stand for a parameter.
    operation: { ...operation, path: path.replaceAll(':', '%3A') },
  }
}

/** Walks pages by their links until there is none (TWIL-09). A link that leads back ends the walk with an error, since it would never end. */
export async function* walkLinks<T>(
  first: () => Promise<T>,
  { linkOf, next }: { readonly linkOf: (page: T) => string | null; readonly next: (link: string) => Promise<T> },
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>()
  for (let page = await first(); ;) {
    yield page
    const link = linkOf(page)
    if (link === null) return
    if (seen.has(link))
      throw new RemoteError(200, 'The list leads back to a page that was read already. It cannot be read to its end.', {
        retryable: false,
        effect: 'none',
        from: 'vendor',
      })
    seen.add(link)
    page = await next(link)
  }
}
