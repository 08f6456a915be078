import { isRemoteFailure, type Account, type VendorReader } from './vendor.ts'

/** What one or more passes over a vendor's list showed. */
export interface ListReading {
  /** By id. */
  readonly accounts: ReadonlyMap<string, Account>
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
  readonly accounts: ReadonlyMap<string, Account>
  readonly pages: number
  readonly repeatedIds: number
  readonly totals: ReadonlySet<number>
  readonly failure: string | undefined
}

/**
 * Reads a vendor's whole list. Where pages are cut by position and there were several, a second pass follows: an account that only one of them showed is
 * asked for by its id, and the number that remains must be one that the vendor declared during the second. Throws nothing that a vendor did.
 */
export async function readList(reader: VendorReader): Promise<ListReading> {
  let first: Pass | undefined = await readOnce(reader)
  if (reader.paging !== 'offset' || first.pages < 2 || first.failure !== undefined) return judgeOne(first)
  const before = { ids: new Set(first.accounts.keys()), pages: first.pages }
  // Of a long list, two readings with all their records are too much to hold.
  first = undefined
  const second = await readOnce(reader)
  if (second.failure !== undefined) return { ...judgeOne(second), pages: before.pages + second.pages, passes: 2 }
  return judgeTwo(reader, before, second)
}

async function readOnce(reader: VendorReader): Promise<Pass> {
  const accounts = new Map<string, Account>()
  const totals = new Set<number>()
  let [pages, repeatedIds] = [0, 0]
  let failure: string | undefined
  try {
    for await (const page of reader.list()) {
      pages++
      if (page.declaredTotal !== undefined) totals.add(page.declaredTotal)
      for (const account of page.accounts) {
        if (accounts.has(account.id)) repeatedIds++
        accounts.set(account.id, account)
      }
    }
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    failure = error.message
  }
  return { accounts, pages, repeatedIds, totals, failure }
}

function judgeOne({ accounts, pages, repeatedIds, totals, failure }: Pass): ListReading {
  const [declaredTotal, ...others] = totals
  const reasons = [
    ...(failure === undefined ? [] : [`the list could not be read to its end: ${failure}`]),
    ...(repeatedIds > 0 ? [`the list repeats ${repeatedIds} ids`] : []),
    ...(others.length > 0 ? ['the vendor declared different totals while the list was being read'] : []),
  ]
  if (reasons.length === 0 && declaredTotal !== undefined && declaredTotal !== accounts.size)
    reasons.push(`the vendor declares ${declaredTotal} accounts and lists ${accounts.size}`)
  return { accounts, gone: [], pages, passes: 1, changedMeanwhile: 0, repeatedIds, declaredTotal, reasons }
}

async function judgeTwo(
  reader: VendorReader,
  before: { readonly ids: ReadonlySet<string>; readonly pages: number },
  second: Pass,
): Promise<ListReading> {
  const accounts = new Map(second.accounts)
  const doubtful = [...before.ids.symmetricDifference(new Set(accounts.keys()))]
  const reasons: string[] = []
  const gone: string[] = []
  if (doubtful.length > askedById)
    reasons.push(`two readings of the list differ by ${doubtful.length} accounts, too many to be asked for by id`)
  else
    try {
      for (const id of doubtful) {
        const account = await reader.read(id)
        if (account) accounts.set(id, account)
        else {
          accounts.delete(id)
          gone.push(id)
        }
      }
    } catch (error) {
      if (!isRemoteFailure(error)) throw error
      reasons.push(`an account that only one of two readings showed could not be asked for by id: ${error.message}`)
    }
  if (second.repeatedIds > 0) reasons.push(`the list repeats ${second.repeatedIds} ids`)
  const totals = [...second.totals]
  const [least, most] = [Math.min(...totals), Math.max(...totals)]
  if (totals.length > 0 && reasons.length === 0 && (accounts.size < least || accounts.size > most))
    reasons.push(`the vendor declares ${least === most ? least : `${least} to ${most}`} accounts and lists ${accounts.size}`)
  return {
    accounts,
    gone,
    pages: before.pages + second.pages,
    passes: 2,
    changedMeanwhile: doubtful.length,
    repeatedIds: second.repeatedIds,
    declaredTotal: totals.at(-1),
    reasons,
  }
}
