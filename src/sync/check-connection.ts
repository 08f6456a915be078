import { duties } from '../directory/credential.ts'
import { DirectoryError } from '../directory/errors.ts'
import { attributeOwners as owners, ownedAttributes, type Policy } from './connection.ts'
import { deletionOf } from './policy.ts'

export function checkName(name: string): string {
  const trimmed = name.trim()
  if (!trimmed || trimmed.length > 100)
    throw new DirectoryError('invalid', 'Give the connection a name of 1 to 100 characters.', { field: 'name' })
  // Groups that are pushed to a connection carry its name after these characters (directory/application.ts).
  if (trimmed.includes(' @ ')) throw new DirectoryError('invalid', 'Give the connection a name without " @ ".', { field: 'name' })
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
  const { shrinkLimit, attributeOwners, approvers = [], quorum = 1, planExpiryHours = 1, schedule } = policy
  const deletion = deletionOf(policy)
  const refuse = (field: keyof Policy, message: string) => new DirectoryError('invalid', message, { field: `policy.${field}` })
  if (shrinkLimit && (!isWhole(shrinkLimit.accounts, 0, 10_000_000) || !(shrinkLimit.percent >= 0 && shrinkLimit.percent <= 100)))
    throw refuse('shrinkLimit', 'shrinkLimit needs a whole number of accounts and a percentage from 0 to 100.')
  if (deletion.onLeave === 'suspend' && deletion.holdDays !== undefined && !isWhole(deletion.holdDays, 0, 3650))
    throw refuse('deletion', 'holdDays is a whole number of days from 0 to 3650.')
  for (const [name, owner] of Object.entries(attributeOwners ?? {}))
    if (!ownedAttributes.some((one) => one === name) || !owners.some((one) => one === owner))
      throw refuse(
        'attributeOwners',
        `attributeOwners gives one of ${ownedAttributes.join(', ')} to one of ${owners.join(', ')}.`,
      )
  if (!isWhole(quorum, 1, 100)) throw refuse('quorum', 'quorum is a whole number of people from 1 to 100.')
  const named = new Set(approvers)
  if (approvers.length > 0 && approvers.every((name) => !Object.hasOwn(duties, name)) && named.size < quorum)
    throw refuse('quorum', `quorum asks for ${quorum} people, and approvers names ${named.size}: nothing could ever be approved.`)
  if (!isWhole(planExpiryHours, 1, 8760)) throw refuse('planExpiryHours', 'planExpiryHours is a whole number from 1 to 8760.')
  if (schedule && !isWhole(schedule.everyHours, 1, 8760))
    throw refuse('schedule', 'schedule.everyHours is a whole number from 1 to 8760.')
  const { failures = 1, probeMinutes = 1, successes = 1 } = policy.quarantine ?? {}
  if (!isWhole(failures, 0, 1000) || !isWhole(probeMinutes, 1, 1440) || !isWhole(successes, 1, 100))
    throw refuse(
      'quarantine',
      'quarantine needs failures from 0 (never) to 1000, probeMinutes from 1 to 1440 and successes from 1 to 100, whole numbers.',
    )
  if (!isWhole(policy.silenceHours ?? 0, 0, 8760))
    throw refuse('silenceHours', 'silenceHours is a whole number from 0 (never) to 8760.')
  if (new Set(policy.matchBy).size !== policy.matchBy.length)
    throw new DirectoryError('invalid', 'matchBy names a rule twice.', { field: 'policy.matchBy' })
  for (const [name, days] of Object.entries(policy.findings ?? {}))
    if (days !== undefined && (!Number.isSafeInteger(days) || days < 1 || days > 10_000))
      throw new DirectoryError('invalid', `${name} must be a whole number of days, from 1 to 10000.`, {
        field: `policy.findings.${name}`,
      })
  return policy
}

const isWhole = (value: number, from: number, to: number): boolean => Number.isSafeInteger(value) && value >= from && value <= to
