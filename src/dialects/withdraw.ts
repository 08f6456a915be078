import type { VendorReader, VendorWriter } from '../sync/vendor.ts'
import { RemoteError } from '../wire/call.ts'

/**
 * Withdraws an invitation at a vendor where that is the removal of whoever is only invited: asked for right before, so that somebody who has accepted
 * meanwhile is left alone. Who is gone already counts as done.
 */
export async function withdraw(
  accountId: string,
  { reader, writer }: { readonly reader: Pick<VendorReader, 'read'>; readonly writer: Pick<VendorWriter, 'remove'> },
): Promise<void> {
  const account = await reader.read(accountId)
  if (!account) return
  if (account.status !== 'invited')
    throw new RemoteError(0, `There is no invitation to withdraw: ${account.userName} is ${account.status} now.`, {
      retryable: true,
      effect: 'none',
    })
  await writer.remove(accountId)
}
