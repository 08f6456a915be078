import { isRemoteFailure, type RemoteFailure, type Vendor } from '../vendor.ts'
import type { Side } from './health.ts'

/** How one attempt went; `failure` is absent where the vendor did as asked, or refused for a reason of the account alone. */
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
  /** What was noted since the last time, oldest first. */
  take(): readonly Attempt[]
}

/** More than any rule looks at. */
const mostNoted = 10_000

export function watchVendor(unwatched: Vendor, clock: () => Date): Watch {
  let noted: Attempt[] = []
  const note = (side: Side, error?: RemoteFailure) => {
    if (noted.length >= mostNoted) noted = noted.slice(mostNoted / 2)
    const failure = error && failureOf(side, error)
    noted.push({ side, at: clock(), ...(failure && { failure }) })
  }
  /** Notes a failure alone. */
  const noting = async <T>(side: Side, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask()
    } catch (error) {
      if (isRemoteFailure(error)) note(side, error)
      throw error
    }
  }
  const watched = async <T>(side: Side, ask: () => Promise<T>): Promise<T> => {
    const answer = await noting(side, ask)
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
      create: (desired) => watched('writes', () => writer.create(desired)),
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

/** Statuses of a refusal that is not about the account: who we are, what the plan and the credentials allow, how fast. */
const ofTheConnection: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 429])

/** A vendor that refuses a change for what it says of somebody is a vendor that works. */
const failureOf = (side: Side, { status, message }: RemoteFailure): Attempt['failure'] =>
  side === 'writes' && status >= 400 && status < 500 && !ofTheConnection.has(status) ? undefined : { status, message }
