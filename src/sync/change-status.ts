import { retryTime } from './backoff.ts'
import type { Ending } from './ending.ts'
import type { Link, Step } from './ledger.ts'
import type { Account } from './vendor.ts'
import type { Hand } from './work.ts'

export interface StatusStep extends Step {
  readonly kind: 'suspend' | 'resume'
}

export const isStatusStep = (step: Step): step is StatusStep => step.kind === 'suspend' || step.kind === 'resume'

/** Suspends or resumes an account, once; it must show afterwards. */
export async function changeStatus({ vendor, parts }: Hand, step: StatusStep, link: Link): Promise<Ending> {
  const at = parts.clock()
  const accountId = idOf(step)
  const { writer } = vendor
  const change = step.kind === 'suspend' ? writer.suspend?.bind(writer) : writer.resume?.bind(writer)
  if (!change)
    return { state: 'unsupported', reason: `${vendor.name} cannot ${step.kind} through its API: do it in the vendor's console` }
  const account = await change(accountId)
  if (isAsWanted(step, account))
    return done(step, link, { account, at, reason: step.kind === 'suspend' ? 'suspended' : 'resumed' })
  return {
    state: 'failed',
    reason: `${vendor.name} accepted it and shows the account as ${account.status}`,
    retryAt: retryTime(parts.clock(), step.attempts),
    found: account,
  }
}

/** Finds out by reading what became of a change whose answer was lost. Never sends it again. */
export async function resolveStatus({ vendor, parts }: Hand, step: StatusStep, link: Link | undefined): Promise<Ending> {
  if (!link) return { state: 'failed', reason: 'the account is no longer linked. Plan anew', retryAt: undefined }
  const account = await vendor.reader.read(idOf(step))
  if (!account) return { state: 'failed', reason: 'the account is gone at the vendor', retryAt: undefined, found: 'gone' }
  if (isAsWanted(step, account))
    return done(step, link, {
      account,
      at: parts.clock(),
      reason: 'the answer was lost; reading the vendor shows that it happened',
    })
  return {
    state: 'failed',
    reason: 'it did not happen: the answer was lost, and the vendor shows the account unchanged',
    retryAt: retryTime(parts.clock(), step.attempts),
    found: account,
  }
}

const isAsWanted = ({ kind }: StatusStep, { status }: Account): boolean => (status === 'suspended') === (kind === 'suspend')

function done(
  { kind }: StatusStep,
  link: Link,
  { account, at, reason }: { readonly account: Account; readonly at: Date; readonly reason: string },
): Ending {
  const { suspended: _, ...written } = link.written
  const { heldSince: _since, leftBy: _by, ...rest } = link
  return {
    state: 'done',
    reason,
    account,
    link: kind === 'suspend' ? { ...rest, written: { ...written, suspended: true }, heldSince: at } : { ...rest, written },
  }
}

function idOf({ accountId }: Step): string {
  if (accountId === undefined) throw new TypeError('a change of status without an account')
  return accountId
}
