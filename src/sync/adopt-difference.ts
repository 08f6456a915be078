import { DirectoryError } from '../directory/errors.ts'
import { addKept } from './kept.ts'
import type { Finding, LedgerWriter } from './ledger.ts'

/** Writes down that what the vendor has is what is wanted, where the finding says that the two differ. */
export async function adoptDifference(tx: LedgerWriter, finding: Finding): Promise<void> {
  const { organizationId, connectionId, subject, differences = [] } = finding
  const link = await tx.linkOfAccount(organizationId, connectionId, subject)
  if (!link) throw new DirectoryError('stale', 'The account is linked to nobody any more. The next read closes the finding.')
  if (differences.length === 0)
    throw new DirectoryError(
      'conflict',
      'A suspension at the vendor cannot be adopted: suspend the member in the directory, or revert it.',
    )
  const roles = differences.find(({ attribute }) => attribute === 'roles')
  await tx.putLink({
    ...link,
    kept: addKept(link.kept, differences),
    // Where the directory grants no role, what was written is all that says what was granted.
    written: finding.kind === 'extraRight' && roles ? { ...link.written, roleIds: roles.theirs } : link.written,
  })
}
