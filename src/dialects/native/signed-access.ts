import { DirectoryError } from '../../directory/errors.ts'
import { canonicalJson } from '../../directory/json.ts'
import { createDigest, sealsLines } from '../../sync/signed-lines.ts'
import { everyItem, type Client } from './connect.ts'

/** What narrows who has access to what. */
export type AskedAccess = Parameters<Client['sealAccess']>[0]['body']

/**
 * Who has access to what as a signed document, line by line. The hub signs the hash of rows that it walks itself; throws DirectoryError `stale` in the
 * place of the last line when the rows that came here are others, since something changed between the two.
 */
export async function* signedAccess(hub: Client, asked: AskedAccess): AsyncGenerator<string> {
  const { head, seal } = await hub.sealAccess({ body: asked })
  const digest = createDigest()
  digest.add(head)
  yield `${head}\n`
  for await (const row of everyItem((cursor) => hub.listAccess({ query: { ...asked, cursor, limit: 1000 } }))) {
    const line = canonicalJson(row)
    digest.add(line)
    yield `${line}\n`
  }
  if (!sealsLines(seal, digest.end()))
    throw new DirectoryError(
      'stale',
      'Access changed while it was being written, and nothing was kept. Run it again, or name a time with --at.',
    )
  yield `${seal}\n`
}
