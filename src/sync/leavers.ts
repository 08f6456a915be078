import { DirectoryError } from '../directory/errors.ts'
import type { Membership } from '../directory/membership.ts'
import type { Link, Wanted } from './ledger.ts'
import { systemCall, type SyncParts } from './parts.ts'
import { whyUnassigned } from './reviews/why-excluded.ts'

/** For each link of somebody who is not wanted, why they are not, as the end of a sentence. */
export async function explainLeavers(
  parts: SyncParts,
  input: { readonly organizationId: string; readonly wanted: readonly Wanted[]; readonly links: readonly Link[] },
): Promise<(membershipId: string) => string> {
  const wanted = new Set(input.wanted.map(({ member }) => member.id))
  const reasons = new Map<string, string>()
  for (const link of input.links) {
    const { membershipId } = link
    if (wanted.has(membershipId)) continue
    const member = await memberOrNone(parts, input.organizationId, membershipId)
    if (!member) reasons.set(membershipId, 'was removed from the directory')
    else if (member.status === 'active') reasons.set(membershipId, await whyUnassigned(parts, link))
    else reasons.set(membershipId, `is ${member.status} in the directory`)
  }
  return (membershipId) => reasons.get(membershipId) ?? 'is no longer wanted'
}

/** A member as the directory has them; undefined when they were removed from it. */
export async function memberOrNone(parts: SyncParts, organizationId: string, id: string): Promise<Membership | undefined> {
  try {
    return await parts.directory.getMember(systemCall(parts, organizationId), { id })
  } catch (error) {
    if (error instanceof DirectoryError && error.refusal === 'notFound') return undefined
    throw error
  }
}
