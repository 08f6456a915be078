import { createHash } from 'node:crypto'
import type { Certificate } from './ledger.ts'
import { defaultShrinkLimit, exceedsShrink, ifTrue, judgeByList, walkAgain, type ShrinkLimit } from './absence.ts'
import { nowhere, readList, type ListReading, type Sink } from './read-list.ts'
import { isRemoteFailure, type VendorReader } from './vendor.ts'

/** How many accounts that a list no longer shows are asked for by id; a list that lacks more is not believed. */
const askedById = 100

export interface Reading {
  /** Of the accounts that the list showed. */
  readonly ids: ReadonlySet<string>
  /** Accounts known before that the list does not show and of which the vendor says, asked by id, that there is none. */
  readonly provenGone: readonly string[]
  readonly certificate: Certificate
}

/**
 * Reads a vendor's whole list into a sink and judges the read. It is complete only when the list was read to its end (twice where it is cut by position, see
 * readList), repeats no id, has as many rows as the vendor declares, and every account known before that it lacks is gone by the vendor's own answer to its id.
 * A list that shrank beyond the limit is believed only when it is not empty and a second walk shows the same. Throws nothing that a vendor did.
 */
export async function readAccounts(
  reader: VendorReader,
  known: Iterable<string> | AsyncIterable<string>,
  { sink = nowhere, shrinkLimit }: { readonly sink?: Sink; readonly shrinkLimit?: ShrinkLimit | undefined } = {},
): Promise<Reading> {
  const list = await readList(reader, sink)
  const reasons = [...list.reasons]
  const provenGone: string[] = []
  let knownCount = 0
  if (reasons.length === 0) {
    const proven = new Set(list.gone)
    const missing: string[] = []
    for await (const id of known) {
      knownCount++
      if (proven.has(id)) provenGone.push(id)
      else if (!list.ids.has(id)) missing.push(id)
    }
    const judged =
      reader.absence === 'list'
        ? await judgeByList(() => readList(reader, nowhere), { first: list, missing, known: knownCount, limit: shrinkLimit })
        : await askForMissing(reader, missing.slice(0, askedById))
    provenGone.push(...judged.gone)
    if (judged.there > 0)
      reasons.push(
        `the list lacks ${judged.there} of ${knownCount} known accounts that the vendor still has when asked for them by id`,
      )
    if (judged.failure)
      reasons.push(
        reader.absence === 'list'
          ? judged.failure
          : `an account that the list lacks could not be asked for by id: ${judged.failure}`,
      )
    if (reader.absence !== 'list' && missing.length > askedById)
      reasons.push(`the list shrank by ${missing.length} of ${knownCount} accounts, too many to be true`)
  }
  if (reasons.length === 0 && reader.absence !== 'list') {
    const doubt = await doubtShrinking(reader, list, { gone: provenGone.length, known: knownCount, limit: shrinkLimit })
    if (doubt !== undefined) {
      reasons.push(doubt)
      // Whoever answers may not be whom we asked: nobody is forgotten by it.
      provenGone.length = 0
    }
  }
  return {
    ids: list.ids,
    provenGone,
    certificate: {
      complete: reasons.length === 0,
      reasons,
      pages: list.pages,
      accounts: list.ids.size,
      declaredTotal: list.declaredTotal,
      ...(list.passes > 1 && { passes: list.passes, changedMeanwhile: list.changedMeanwhile }),
      repeatedIds: list.repeatedIds,
      provenGone: provenGone.length,
      digest: digestOfIds(list.ids),
    },
  }
}

/** Why a list that lost so many is not believed although each is gone by its id; undefined when it is. */
async function doubtShrinking(
  reader: VendorReader,
  list: ListReading,
  { gone, known, limit }: { readonly gone: number; readonly known: number; readonly limit: ShrinkLimit | undefined },
): Promise<string | undefined> {
  if (!exceedsShrink(gone, known, limit ?? defaultShrinkLimit)) return undefined
  if (list.ids.size === 0) return `the list is empty and had ${known} accounts before. ${ifTrue}`
  const failure = list.passes > 1 ? undefined : await walkAgain(() => readList(reader, nowhere), list)
  return failure === undefined ? undefined : `the list shrank by ${gone} of ${known} accounts: ${failure}`
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

/** Of the ids in their order, a line each. */
function digestOfIds(ids: Iterable<string>): string {
  const hash = createHash('sha256')
  const sorted = [...ids].toSorted()
  for (let start = 0; start < sorted.length; start += 1_000)
    hash.update(`${start > 0 ? '\n' : ''}${sorted.slice(start, start + 1_000).join('\n')}`)
  return hash.digest('hex')
}
