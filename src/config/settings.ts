import { NamedPolicy as PolicySchema } from '../dialects/native/wire/policy.ts'
import { defaultShrinkLimit } from '../sync/absence.ts'
import type { NamedPolicy } from '../sync/configuration/configuration.ts'
import type { PolicySetting } from '../sync/configuration/effective.ts'
import { defaultPolicy, ownedAttributes } from '../sync/connection.ts'
import { staleInvitationDays } from '../sync/observe.ts'
import { deletionOf, expiryHours, ownerOf } from '../sync/policy.ts'
import { defaultSilenceHours, quarantineLimits } from '../sync/quarantine/health.ts'

/** The settings of a policy, in the order of the schema. */
export const settings: readonly PolicySetting[] = PolicySchema.keyof().options

/** What a policy that names nothing comes to; a setting that is not here is not there by default. */
export const defaults: NamedPolicy = {
  ...defaultPolicy,
  leavers: { suspendAtOnce: 'automatic' },
  deletion: deletionOf(defaultPolicy),
  shrinkLimit: defaultShrinkLimit,
  attributeOwners: Object.fromEntries(ownedAttributes.map((name) => [name, ownerOf(defaultPolicy, name)])),
  quorum: 1,
  planExpiryHours: expiryHours(defaultPolicy),
  findings: { staleInvitationDays },
  quarantine: quarantineLimits({}),
  silenceHours: defaultSilenceHours,
}
