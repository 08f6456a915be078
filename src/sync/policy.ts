import type { AttributeOwner, Deletion, OwnedAttribute, Policy, PolicyChange } from './connection.ts'

/** The policy with what a change names laid over it. */
export function changePolicy({ onLeave: before, ...policy }: Policy, change: PolicyChange | undefined): Policy {
  const named = Object.fromEntries(Object.entries(change ?? {}).filter(([, value]) => value !== undefined)) as PolicyChange
  const { schedule = policy.schedule, onLeave, ...rest } = named
  const { schedule: _, ...kept } = policy
  const old = onLeave ?? (policy.deletion ? undefined : before)
  const deletion = rest.deletion ?? (old === undefined ? policy.deletion : asDeletion(policy.deletion, old))
  return { ...kept, ...rest, ...(deletion && { deletion }), ...(schedule && { schedule }) }
}

/** The old word says nothing about the hold, and leaves it as it is. */
const asDeletion = (current: Deletion | undefined, onLeave: Deletion['onLeave']): Deletion =>
  current?.onLeave === onLeave ? current : { onLeave }

export const deletionOf = ({ deletion, onLeave = 'remove' }: Pick<Policy, 'deletion' | 'onLeave'>): Deletion =>
  deletion ?? { onLeave }

/** For how long an account stands suspended before it may be removed; undefined where it is not held. */
export function holdMs(policy: Pick<Policy, 'deletion' | 'onLeave'>): number | undefined {
  const deletion = deletionOf(policy)
  if (deletion.onLeave !== 'suspend' || deletion.holdDays === undefined) return undefined
  return deletion.holdDays * 86_400_000
}

export const ownerOf = ({ attributeOwners }: Pick<Policy, 'attributeOwners'>, name: OwnedAttribute): AttributeOwner =>
  attributeOwners?.[name] ?? 'provider'

const defaultExpiryHours = 7 * 24

export const expiryHours = ({ planExpiryHours = defaultExpiryHours }: Pick<Policy, 'planExpiryHours'>): number => planExpiryHours

/** When something of that time has lost its force. */
export const expiryOf = (policy: Pick<Policy, 'planExpiryHours'>, since: Date): Date =>
  new Date(since.getTime() + expiryHours(policy) * 3_600_000)

/** When the schedule wants the next plan; undefined where there is none. */
export function scheduledAt({
  policy,
  plannedAt,
  createdAt,
}: {
  readonly policy: Pick<Policy, 'schedule'>
  readonly plannedAt?: Date
  readonly createdAt: Date
}): Date | undefined {
  if (!policy.schedule) return undefined
  return plannedAt ? new Date(plannedAt.getTime() + policy.schedule.everyHours * 3_600_000) : createdAt
}
