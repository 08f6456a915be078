import { createHash } from 'node:crypto'
import type { Certificate } from './ledger.ts'
import { isRemoteFailure, type Account, type VendorReader } from './vendor.ts'

/** How many accounts that a list no longer shows are asked for by id; a list that lacks more is not believed. */
const askedById = 100

export interface Reading {
  /** What the list showed, each id once. */
  readonly accounts: readonly Account[]
  /** Accounts known before that the list does not show and of which the vendor says, asked by id, that there is none. */
  readonly provenGone: readonly string[]
  readonly certificate: Certificate
}

/**
 * Reads a vendor's whole list and judges the read. It is complete only when the list was read to its end, repeats no id, has as many rows
 * as the vendor declares, and every account known before that it lacks is gone by the vendor's own answer to its id. Throws nothing that a vendor did.
 */
export async function readAccounts(reader: VendorReader, known: readonly string[]): Promise<Reading> {
  const list = await readList(reader)
  const reasons = [...list.reasons]
  const provenGone: string[] = []
  if (reasons.length === 0) {
    const missing = known.filter((id) => !list.accounts.has(id))
    const judged = await askForMissing(reader, missing.slice(0, askedById))
    provenGone.push(...judged.gone)
    if (judged.there > 0)
      reasons.push(
        `the list lacks ${judged.there} of ${known.length} known accounts that the vendor still has when asked for them by id`,
      )
    if (judged.failure) reasons.push(`an account that the list lacks could not be asked for by id: ${judged.failure}`)
    if (missing.length > askedById)
      reasons.push(`the list shrank by ${missing.length} of ${known.length} accounts, too many to be true`)
  }
  const accounts = [...list.accounts.values()]
  return {
    accounts,
    provenGone,
    certificate: {
      complete: reasons.length === 0,
      reasons,
      pages: list.pages,
      accounts: accounts.length,
      declaredTotal: list.declaredTotal,
      repeatedIds: list.repeatedIds,
      provenGone: provenGone.length,
      digest: digestOfIds(list.accounts.keys()),
    },
  }
}

async function readList(reader: VendorReader) {
  const accounts = new Map<string, Account>()
  const totals = new Set<number>()
  const reasons: string[] = []
  let pages = 0
  let repeatedIds = 0
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
    reasons.push(`the list could not be read to its end: ${error.message}`)
  }
  const [declaredTotal, ...others] = totals
  if (repeatedIds > 0) reasons.push(`the list repeats ${repeatedIds} ids`)
  if (others.length > 0) reasons.push('the vendor declared different totals while the list was being read')
  else if (declaredTotal !== undefined && declaredTotal !== accounts.size && reasons.length === 0)
    reasons.push(`the vendor declares ${declaredTotal} accounts and lists ${accounts.size}`)
  return { accounts, pages, repeatedIds, declaredTotal, reasons }
}

async function askForMissing(reader: VendorReader, ids: readonly string[]) {
  const gone: string[] = []
  let there = 0
  try {
    for (const id of ids) {
      if ((await reader.read(id)) === undefined) gone.push(id)
      else there++
    }
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return { gone, there, failure: error.message }
  }
  return { gone, there, failure: undefined }
}

const digestOfIds = (ids: Iterable<string>): string =>
  createHash('sha256')
    .update([...ids].toSorted().join('\n'))
    .digest('hex')
