import { DirectoryError, type Refusal } from '../../directory/errors.ts'

/** A vendor's refusal, as the identity provider that caused it is told. `undone`: nobody was assigned, so that the same request can be sent again. */
export function refuseProvisioning(
  vendor: string,
  input: {
    readonly detail: string | undefined
    readonly refused: { readonly status: number; readonly retryAt: Date | undefined }
    readonly now: Date
    readonly after: 'undone' | 'kept'
  },
): never {
  const { detail = '', refused, now, after } = input
  const [refusal, meaning] = meaningOf(refused.status)
  const kept =
    after === 'undone'
      ? 'Nobody was assigned; mend it and assign again.'
      : 'The profile is changed in the directory and not yet there; mend it and send the change again.'
  const retryAfterSeconds = refused.retryAt && Math.max(1, Math.ceil((refused.retryAt.getTime() - now.getTime()) / 1000))
  throw new DirectoryError(refusal, `${vendor} ${meaning}: ${detail.replace(/\.$/, '')}. ${kept}`, {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}

function meaningOf(status: number): readonly [Refusal, string] {
  switch (status) {
    case 409:
      return ['taken', 'has this user name or address already']
    case 402:
    case 403:
      return ['planGate', 'does not allow it to this account or plan']
    case 429:
      return ['limited', 'limits requests at the moment']
    case 401:
      return ['unavailable', 'refuses the credentials of the connection']
    default:
      return status >= 400 && status < 500 ? ['invalid', 'refused the account'] : ['unavailable', 'could not do it at the moment']
  }
}
