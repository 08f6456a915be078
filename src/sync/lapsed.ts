import { desireOf } from './desired.ts'
import { stillStands } from './kept.ts'
import type { Link, Wanted } from './ledger.ts'
import type { VendorRole } from './vendor.ts'
import type { Hand } from './work.ts'

/** What was accepted goes for good once the directory wants something else: coming back to the old value must not bring it back. */
export function dropLapsed(
  links: readonly Link[],
  wanted: readonly Wanted[],
  { policy, roles }: { readonly policy: Hand['connection']['policy']; readonly roles: readonly VendorRole[] },
): ReadonlyMap<string, Link> {
  const keeping = new Map(links.flatMap((link) => (link.kept ? [[link.membershipId, link] as const] : [])))
  const lapsed = new Map<string, Link>()
  if (keeping.size === 0) return lapsed
  for (const one of wanted) {
    const link = keeping.get(one.member.id)
    if (!link?.kept) continue
    const desire = desireOf(one, policy, roles)
    const standing = link.kept.filter((value) => stillStands(desire, value))
    if (standing.length === link.kept.length) continue
    const { kept: _, ...rest } = link
    lapsed.set(one.member.id, standing.length > 0 ? { ...rest, kept: standing } : rest)
  }
  return lapsed
}
