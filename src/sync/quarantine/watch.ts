import { isRemoteFailure, type RemoteFailure, type Vendor, type VendorKeys } from '../vendor.ts'
import type { Side } from './health.ts'

/** How one attempt went; `failure` is absent where the vendor did as asked, or refused for a reason of the account, or the key, alone. */
export interface Attempt {
  readonly side: Side
  readonly at: Date
  readonly failure?: { readonly status: number; readonly message: string }
}

/** A vendor with somebody who notes how each attempt goes. */
export interface Watch {
  /** Every call through it is noted. */
  readonly vendor: Vendor
  /** The same, for calls that say nothing about the connection. */
  readonly unwatched: Vendor
  /** Keys of the same vendor, of which every call is noted too. */
  keys(unwatched: VendorKeys): VendorKeys
  /** What was noted since the last time, oldest first. */
  take(): readonly Attempt[]
}

/** More than any rule looks at. */
const mostNoted = 10_000

export function watchVendor(unwatched: Vendor, clock: () => Date): Watch {
  let noted: Attempt[] = []
  const note = (side: Side, error?: RemoteFailure, ofAccount = side === 'writes' ? changing : nothing) => {
    if (noted.length >= mostNoted) noted = noted.slice(mostNoted / 2)
    const failure = error && !ofAccount(error.status) ? { status: error.status, message: error.message } : undefined
    noted.push({ side, at: clock(), ...(failure && { failure }) })
  }
  /** Notes a failure alone. */
  const noting = async <T>(side: Side, ask: () => Promise<T>, ofAccount?: OfAccount): Promise<T> => {
    try {
      return await ask()
    } catch (error) {
      if (isRemoteFailure(error)) note(side, error, ofAccount)
      throw error
    }
  }
  const watched = async <T>(side: Side, ask: () => Promise<T>, ofAccount?: OfAccount): Promise<T> => {
    const answer = await noting(side, ask, ofAccount)
    note(side)
    return answer
  }
  const { reader, writer } = unwatched
  const vendor: Vendor = {
    ...unwatched,
    reader: {
      ...reader,
      list: () => watchedList(reader.list(), note),
      read: (id) => watched('reads', () => reader.read(id)),
      // Some vendors' roles are known without asking: that they were told proves nothing.
      roles: () => noting('reads', () => reader.roles()),
    },
    writer: {
      create: (desired) => watched('writes', () => writer.create(desired), making),
      update: (id, desired) => watched('writes', () => writer.update(id, desired)),
      remove: (id) => watched('writes', () => writer.remove(id)),
      ...(writer.suspend && { suspend: (id) => watched('writes', async () => writer.suspend!(id)) }),
      ...(writer.resume && { resume: (id) => watched('writes', async () => writer.resume!(id)) }),
      ...(writer.cancelInvitation && {
        cancelInvitation: (id) => watched('writes', async () => writer.cancelInvitation!(id)),
      }),
    },
  }
  return {
    vendor,
    unwatched,
    keys: (keys) => ({
      ...keys,
      list: () => watched('reads', () => keys.list()),
      create: (name, store) => watched('writes', () => keys.create(name, store)),
      use: (key) => watched('reads', () => keys.use(key), proving),
      remove: (id, replacedBy) => watched('writes', () => keys.remove(id, replacedBy)),
    }),
    take: () => {
      const taken = noted
      noted = []
      return taken
    },
  }
}

async function* watchedList<T>(
  pages: AsyncIterable<T>,
  note: (side: Side, error?: RemoteFailure) => void,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* pages
    note('reads')
  } catch (error) {
    if (isRemoteFailure(error)) note('reads', error)
    throw error
  }
}

/** Which statuses refuse a request for what it says of somebody, or of a key: a vendor that answers so works. */
type OfAccount = (status: number) => boolean

/** Who we are, what the plan and the credentials allow, how fast. */
const ofTheConnection: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 429])

const nothing: OfAccount = () => false
const changing: OfAccount = (status) => status >= 400 && status < 500 && !ofTheConnection.has(status)
/** A key that is tried out may be refused itself. */
const proving: OfAccount = (status) => status === 401 || status === 403 || status === 404
/** Whoever is made is not missed there: what is, is the address. A gate may hide behind that. */
const making: OfAccount = (status) => changing(status) && status !== 404 && status !== 405 && status !== 410
