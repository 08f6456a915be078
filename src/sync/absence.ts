/** A walk over the whole list. */
export interface Walk {
  readonly ids: ReadonlySet<string>
  /** Why it is no good; empty when it is. */
  readonly reasons: readonly string[]
}

/** More accounts than the greater of these are not believed to be gone at once. */
const few = 5
const share = 0.1

/**
 * Judges who is missing from the list of a vendor that cannot be asked for one account. Gone are a few at most, while others are listed, and when a second walk
 * shows the same accounts as the first one. Anything else may be the list's fault, and `failure` says what.
 */
export async function judgeByList(
  walk: () => Promise<Walk>,
  { first, missing, known }: { readonly first: Walk; readonly missing: readonly string[]; readonly known: number },
): Promise<{ readonly gone: readonly string[]; readonly there: number; readonly failure: string | undefined }> {
  const doubt = (failure: string) => ({ gone: [], there: 0, failure })
  if (missing.length === 0) return { gone: [], there: 0, failure: undefined }
  if (first.ids.size === 0 || missing.length > Math.max(few, Math.floor(known * share)))
    return doubt(
      `the list lacks ${missing.length} of ${known} known accounts, and nobody can be asked for by id: that is too much to be true`,
    )
  const second = await walk()
  if (second.reasons.length > 0) return doubt(second.reasons.join('; '))
  const isSame = second.ids.size === first.ids.size && first.ids.isSubsetOf(second.ids)
  if (!isSame) return doubt('the list lacks known accounts, and a second walk over it shows other ones')
  return { gone: missing, there: 0, failure: undefined }
}
