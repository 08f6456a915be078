/** A walk over the whole list. */
export interface Walk {
  readonly ids: ReadonlySet<string>
  /** Why it is no good; empty when it is. */
  readonly reasons: readonly string[]
}

/** So many accounts at once may be gone. */
export interface ShrinkLimit {
  readonly accounts: number
  readonly percent: number
}

/** Where the policy says nothing. Where nobody can be asked for by id, the list alone has to be believed, and less of it. */
export const defaultShrinkLimit: ShrinkLimit = { accounts: 5, percent: 20 }
const defaultOfLists: ShrinkLimit = { accounts: 5, percent: 10 }

/** Whether more are gone than the greater of number and share. */
export const exceedsShrink = (gone: number, known: number, { accounts, percent }: ShrinkLimit): boolean =>
  gone > Math.max(accounts, Math.floor((known * percent) / 100))

/**
 * Judges who is missing from the list of a vendor that cannot be asked for one account. Gone are a few at most, while others are listed, and when a second walk
 * shows the same accounts as the first one. Anything else may be the list's fault, and `failure` says what.
 */
export async function judgeByList(
  walk: () => Promise<Walk>,
  {
    first,
    missing,
    known,
    limit,
  }: {
    readonly first: Walk
    readonly missing: readonly string[]
    readonly known: number
    readonly limit: ShrinkLimit | undefined
  },
): Promise<{ readonly gone: readonly string[]; readonly there: number; readonly failure: string | undefined }> {
  const doubt = (failure: string) => ({ gone: [], there: 0, failure })
  if (missing.length === 0) return { gone: [], there: 0, failure: undefined }
  if ((first.ids.size === 0 && !limit) || exceedsShrink(missing.length, known, limit ?? defaultOfLists))
    return doubt(
      `the list lacks ${missing.length} of ${known} known accounts, and nobody can be asked for by id: that is too much to be true. ${ifTrue}`,
    )
  const second = await walkAgain(walk, first)
  return second === undefined ? { gone: missing, there: 0, failure: undefined } : doubt(second)
}

/** What a person can do about a list that is not believed although it is right. */
export const ifTrue = "If it is true, raise the policy's shrinkLimit until the list has been read"

/** Why a second walk over the list does not confirm the first; undefined when it does. */
export async function walkAgain(walk: () => Promise<Walk>, first: Walk): Promise<string | undefined> {
  const second = await walk()
  if (second.reasons.length > 0) return second.reasons.join('; ')
  const isSame = second.ids.size === first.ids.size && first.ids.isSubsetOf(second.ids)
  return isSame ? undefined : 'the list lacks known accounts, and a second walk over it shows other ones'
}
