import { DirectoryError } from '../directory/errors.ts'

/** Whether a server is reached from other machines without TLS before it, as far as it was told: what is sent to it, tokens with it, is read on its way. */
export function isExposed({ host, publicUrl }: { readonly host: string; readonly publicUrl: string | undefined }): boolean {
  const isOwnMachine = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
  return !isOwnMachine && !publicUrl?.startsWith('https:')
}

/** What its operator is told. */
export const exposedWarning =
  'Other machines reach this address, and what they send is not encrypted: their tokens neither. Put a proxy with TLS 1.2 or later in front, and set ROLLCALL_PUBLIC_URL to its https:// URL.'

/**
 * Refuses what a proxy says it got by plain HTTP, where clients are to come by https (RFC 7644 §7.2, RFC 6750 §5.3): a client that is let in goes on
 * sending its token in clear. The last word is that of the nearest proxy.
 */
export function refuseClearText(forwardedProto: string | readonly string[] | undefined): void {
  if (forwardedProto === undefined) return
  const last = String(forwardedProto).split(',').at(-1)?.trim().toLowerCase()
  if (last === 'http')
    throw new DirectoryError(
      'forbidden',
      'This request came over plain HTTP. Send it over https, and have every secret replaced that was sent in clear.',
    )
}
