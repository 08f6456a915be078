import { isRemoteFailure, type Account, type VendorReader } from './vendor.ts'

/** Where the accounts of a list go while it is being read: nobody holds a long list in memory. */
export interface Sink {
  /** Of several accounts with one id the last one counts. */
  readonly put: (accounts: readonly Account[]) => Promise<void>
  readonly remove: (accountId: string) => Promise<void>
}

/** For a reading of which the ids alone matter. */
export const nowhere: Sink = { put: async () => undefined, remove: async () => undefined }

/** What one or more passes over a vendor's list showed. */
export interface ListReading {
  readonly ids: ReadonlySet<string>
  /** Accounts that some pass showed and of which the vendor says, asked by id, that there is none. */
  readonly gone: readonly string[]
  readonly pages: number
  readonly passes: number
  readonly changedMeanwhile: number
  readonly repeatedIds: number
  readonly declaredTotal: number | undefined
  /** Why the list cannot be called whole; empty when it can. */
  readonly reasons: readonly string[]
}

/** How many accounts of which a list says one thing and then another are asked for by id; beyond that it is not believed. */
const askedById = 100

interface Pass {
  readonly ids: Set<string>
  readonly pages: number
  readonly repeatedIds: number
  readonly totals: ReadonlySet<number>
  readonly failure: string | undefined
}

/**
 * Reads a vendor's whole list into a sink. Where pages are cut by position and there were several, a second pass follows: an account that only one of them
 * showed is asked for by its id, and the number that remains must be one that the vendor declared during the second. Throws nothing that a vendor did.
 */
export async function readList(reader: VendorReader, sink: Sink): Promise<ListReading> {
  const first = await readOnce(reader, { sink, note: () => undefined })
  if (reader.paging !== 'offset' || first.pages < 2 || first.failure !== undefined) return judgeOne(first)
  // An id that both show is held once: what is left in the end is what only one of them showed.
  const onlyFirst = first.ids
  const onlySecond: string[] = []
  const second = await readOnce(reader, {
    sink,
    note: (id) => {
      if (!onlyFirst.delete(id)) onlySecond.push(id)
    },
  })
  const pages = first.pages + second.pages
  if (second.failure !== undefined) return { ...judgeOne(second), pages, passes: 2 }
  return { ...(await judgeTwo(reader, { second, doubtful: [...onlyFirst, ...onlySecond], sink })), pages }
}

/** One pass; `note` is told each id once. */
async function readOnce(
  reader: VendorReader,
  { sink, note }: { readonly sink: Sink; readonly note: (id: string) => void },
): Promise<Pass> {
  const ids = new Set<string>()
  const totals = new Set<number>()
  let [pages, repeatedIds] = [0, 0]
  let failure: string | undefined
  try {
    for await (const page of reader.list()) {
      if (!page.continues) pages++
      if (page.declaredTotal !== undefined) totals.add(page.declaredTotal)
      for (const { id } of page.accounts) {
        if (ids.has(id)) repeatedIds++
        else {
          ids.add(id)
          note(id)
        }
      }
      await sink.put(page.accounts)
    }
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    failure = error.message
  }
  return { ids, pages, repeatedIds, totals, failure }
}

function judgeOne({ ids, pages, repeatedIds, totals, failure }: Pass): ListReading {
  const [declaredTotal, ...others] = totals
  const reasons = [
    ...(failure === undefined ? [] : [`the list could not be read to its end: ${failure}`]),
    ...(repeatedIds > 0 ? [`the list repeats ${repeatedIds} ids`] : []),
    ...(others.length > 0 ? ['the vendor declared different totals while the list was being read'] : []),
  ]
  if (reasons.length === 0 && declaredTotal !== undefined && declaredTotal !== ids.size)
    reasons.push(`the vendor declares ${declaredTotal} accounts and lists ${ids.size}`)
  return { ids, gone: [], pages, passes: 1, changedMeanwhile: 0, repeatedIds, declaredTotal, reasons }
}

async function judgeTwo(
  reader: VendorReader,
  { second, doubtful, sink }: { readonly second: Pass; readonly doubtful: readonly string[]; readonly sink: Sink },
): Promise<ListReading> {
  const { ids } = second
  const reasons: string[] = []
  const gone: string[] = []
  if (doubtful.length > askedById)
    reasons.push(`two readings of the list differ by ${doubtful.length} accounts, too many to be asked for by id`)
  else
    try {
      for (const id of doubtful) {
        const account = await reader.read(id)
        if (account) {
          ids.add(id)
          await sink.put([account])
        } else {
          ids.delete(id)
          gone.push(id)
          await sink.remove(id)
        }
      }
    } catch (error) {
      if (!isRemoteFailure(error)) throw error
      reasons.push(`an account that only one of two readings showed could not be asked for by id: ${error.message}`)
    }
  if (second.repeatedIds > 0) reasons.push(`the list repeats ${second.repeatedIds} ids`)
  const totals = [...second.totals]
  const [least, most] = [Math.min(...totals), Math.max(...totals)]
  if (totals.length > 0 && reasons.length === 0 && (ids.size < least || ids.size > most))
    reasons.push(`the vendor declares ${least === most ? least : `${least} to ${most}`} accounts and lists ${ids.size}`)
  return {
    ids,
    gone,
    pages: second.pages,
    passes: 2,
    changedMeanwhile: doubtful.length,
    repeatedIds: second.repeatedIds,
    declaredTotal: totals.at(-1),
    reasons,
  }
}
