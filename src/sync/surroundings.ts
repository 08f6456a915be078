import { isWorthWeighing, weigh, type KnownKey, type Surroundings } from './blast-radius.ts'
import type { Difference } from './plan.ts'
import { takesAway } from './plan.ts'
import type { Survey } from './survey.ts'
import { isRemoteFailure } from './vendor.ts'
import type { Hand } from './work.ts'

/** The survey with what each of its steps brings with it. Reads the vendor's keys only where somebody is to lose their account. */
export async function withRisks(hand: Hand, seen: Survey): Promise<Survey> {
  const drafts = [...seen.full.steps, ...seen.own.steps, ...seen.own.alternatives]
  if (!drafts.some(isWorthWeighing)) return seen
  const leaving = drafts.filter(({ kind }) => takesAway(kind))
  const around: Surroundings = {
    vendor: hand.vendor.name,
    capabilities: hand.vendor.capabilities,
    policy: hand.connection.policy,
    roles: seen.roles,
    accounts: seen.accounts,
    heldBeside: seen.settled.roleIds,
    keys: leaving.length > 0 ? await readKeys(hand) : undefined,
    elsewhere: await findElsewhere(hand, new Set(leaving.flatMap(({ membershipId }) => membershipId ?? []))),
  }
  const weighed = (difference: Difference): Difference => ({
    ...difference,
    steps: weigh(difference.steps, around),
    alternatives: weigh(difference.alternatives, around),
  })
  return { ...seen, own: weighed(seen.own), full: weighed(seen.full) }
}

async function readKeys({ vendor }: Hand): Promise<readonly KnownKey[] | 'unread' | undefined> {
  try {
    return await vendor.keys?.list()
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return 'unread'
  }
}

/** Links of the same people at the organization's other connections. */
async function findElsewhere(
  { parts, connection }: Hand,
  membershipIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { organizationId, id } = connection
  return parts.ledger.read(async (tx) => {
    const others = (await tx.connections(organizationId)).filter((other) => other.id !== id)
    const found = new Map<string, string[]>()
    for (const other of others)
      for (const membershipId of membershipIds)
        if (await tx.linkOf(organizationId, other.id, membershipId))
          found.set(membershipId, [...(found.get(membershipId) ?? []), `${other.name} (${other.vendor})`])
    return found
  })
}
