import { DirectoryError } from '../directory/errors.ts'
import type { Policy } from './connection.ts'

export function checkName(name: string): string {
  const trimmed = name.trim()
  if (!trimmed || trimmed.length > 100)
    throw new DirectoryError('invalid', 'Give the connection a name of 1 to 100 characters.', { field: 'name' })
  return trimmed
}

/** The vendor's base URL without a trailing slash. Credentials travel over TLS, or not further than this machine. */
export function checkBaseUrl(text: string): string {
  const refuse = (message: string) => new DirectoryError('invalid', message, { field: 'baseUrl' })
  if (!URL.canParse(text)) throw refuse('baseUrl is not a URL such as https://dashboard.bandwidth.com/api.')
  const url = new URL(text)
  if (url.username || url.password) throw refuse('baseUrl must not hold credentials: they belong into credentials.')
  if (url.search || url.hash) throw refuse('baseUrl must end with its path.')
  const loopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw refuse('baseUrl must start with https://, unless the vendor runs on this machine (127.0.0.1, [::1], localhost).')
  return text.replace(/\/+$/, '')
}

export function checkPolicy(policy: Policy): Policy {
  const { accounts, percent } = policy.removalLimit
  if (!Number.isSafeInteger(accounts) || accounts < 0 || !Number.isFinite(percent) || percent < 0 || percent > 100)
    throw new DirectoryError('invalid', 'removalLimit needs a whole number of accounts and a percentage from 0 to 100.', {
      field: 'policy.removalLimit',
    })
  if (new Set(policy.matchBy).size !== policy.matchBy.length)
    throw new DirectoryError('invalid', 'matchBy names a rule twice.', { field: 'policy.matchBy' })
  for (const [name, days] of Object.entries(policy.findings ?? {}))
    if (days !== undefined && (!Number.isSafeInteger(days) || days < 1 || days > 10_000))
      throw new DirectoryError('invalid', `${name} must be a whole number of days, from 1 to 10000.`, {
        field: `policy.findings.${name}`,
      })
  return policy
}
