import { DirectoryError } from '../../directory/errors.ts'
import { canonicalJson } from '../../directory/json.ts'
import { createDigest, sealsLines, type SealedEnds } from '../../sync/signed-lines.ts'
import { everyItem, type Client } from './connect.ts'

/** What narrows who has access to what. */
export type AskedAccess = Parameters<Client['sealAccess']>[0]['body']

/**
 * Who has access to what as a signed document, line by line. The hub signs the hash of rows that it walks itself; throws DirectoryError `stale` in the
 * place of the last line when the rows that came here are others, since something changed between the two.
 */
export async function* signedAccess(hub: Client, asked: AskedAccess): AsyncGenerator<string> {
  const rows = everyItem((cursor) => hub.listAccess({ query: { ...asked, cursor, limit: 1000 } }))
  yield* between(await hub.sealAccess({ body: asked }), rows, {
    changed: 'Access changed',
    advice: 'Run it again, or name a time with --at.',
  })
}

/** What came of a closed review as a signed document, in the same way: what the last reads show of revoked accounts may change meanwhile. */
export async function* signedReview(hub: Client, reviewId: string): AsyncGenerator<string> {
  const items = everyItem((cursor) => hub.listReviewItems({ reviewId, query: { cursor, limit: 1000 } }))
  yield* between(await hub.sealReview({ reviewId }), items, { changed: 'An account changed', advice: 'Run it again.' })
}

async function* between(
  { head, seal }: SealedEnds,
  rows: AsyncIterable<unknown>,
  { changed, advice }: { readonly changed: string; readonly advice: string },
): AsyncGenerator<string> {
  const digest = createDigest()
  digest.add(head)
  yield `${head}\n`
  for await (const row of rows) {
    const line = canonicalJson(row)
    digest.add(line)
    yield `${line}\n`
  }
  if (!sealsLines(seal, digest.end()))
    throw new DirectoryError('stale', `${changed} while it was being written, and nothing was kept. ${advice}`)
  yield `${seal}\n`
}
