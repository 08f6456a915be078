import { z } from 'zod'
import { duties } from './credentials.ts'
import { id } from './page.ts'

const attributeOwners = ['provider', 'vendor', 'manual', 'ignore'] as const
const approvalModes = ['automatic', 'approval'] as const
const names = z.array(z.string().min(1).max(200)).max(1000)
const owner = z.enum(attributeOwners).exactOptional()
const limit = z.strictObject({ accounts: z.int().min(0), percent: z.number().min(0).max(100) })

const parts = {
  additions: z.enum(approvalModes).describe('Whether accounts are made by themselves or after an approval.'),
  changes: z.enum(approvalModes).describe('Whether attributes and roles are changed by themselves or after an approval.'),
  drift: z
    .enum(['report', 'revert'])
    .describe('What was changed at the vendor behind our back: only a finding, or put back by the next plan.'),
  matchBy: z
    .array(z.enum(['userName', 'externalId', 'emailAndName', 'email']))
    .max(4)
    .describe(
      'Which rules link a member to an account that stands already, in order. By email alone only where it is named here.',
    ),
  roleMap: z
    .record(z.string(), z.string())
    .describe('Our role or group name to the vendor’s role name. A name that is not in it stands for itself.'),
  defaultRoles: z.array(z.string()).max(1000).describe('The vendor’s roles that everybody gets.'),
  protectedAccounts: z.array(z.string()).max(10_000).describe('Accounts (vendor’s ids or user names) that no plan removes.'),
  removalLimit: limit.describe('A plan that removes more than either is refused unless its approval names the number.'),
}
const schedule = 'How often the vendor is read and the difference planned although nothing happened.'
/** Without them it is as the descriptions in sync/connection.ts say. */
const optionalParts = {
  leavers: z
    .strictObject({ suspendAtOnce: z.enum(approvalModes) })
    .describe('How whoever leaves loses access before their removal is approved.'),
  deletion: z
    .discriminatedUnion('onLeave', [
      z.strictObject({ onLeave: z.literal('remove') }),
      z.strictObject({ onLeave: z.literal('suspend'), holdDays: z.int().min(0).max(3650).exactOptional() }),
    ])
    .describe('What becomes of a leaver’s account: removed, or suspended where the vendor can, and removed after holdDays.'),
  shrinkLimit: limit.describe(
    'A read that lacks more of the known accounts than both is believed only when a second one shows the same.',
  ),
  attributeOwners: z
    .strictObject({ userName: owner, email: owner, givenName: owner, familyName: owner, roles: owner })
    .describe(
      'Whose word counts for an attribute: the provider’s is written, the vendor’s stands, a manual difference is a finding, ignore is neither.',
    ),
  approvers: z
    .array(z.union([z.enum(duties), id]))
    .max(1000)
    .describe('Who may approve: duties, and ids of credentials.'),
  quorum: z.int().min(1).max(100).describe('How many people have to approve a plan.'),
  planExpiryHours: z.int().min(1).max(8760).describe('How long a plan may be approved, and how long its approval holds.'),
  schedule: z.strictObject({ everyHours: z.int().min(1).max(8760) }).describe(schedule),
  findings: z
    .strictObject({ staleInvitationDays: z.int().exactOptional(), keyMaxAgeDays: z.int().exactOptional() })
    .describe('From which age an open invitation, and a key, is a finding.'),
  ownerRoles: names.describe('Names of the vendor’s roles that run the account, where they do not tell.'),
  billingRoles: names.describe('Names of the vendor’s roles that pay for it, where they do not tell.'),
  quarantine: z
    .strictObject({
      failures: z.int().min(0).max(1000).exactOptional(),
      probeMinutes: z.int().min(1).max(1440).exactOptional(),
      successes: z.int().min(1).max(100).exactOptional(),
    })
    .describe(
      'After how many failures in a row nothing is written any more, how soon the vendor is probed, and how many good probes end it; 0 failures turns it off.',
    ),
  silenceHours: z.int().min(0).max(8760).describe('After how many hours without a success there is an alarm; 0 turns it off.'),
}
/** Of before there was `deletion`; taken for it. */
const onLeave = z.enum(['suspend', 'remove']).exactOptional()

export const Policy = z.object({ ...parts, ...exactOptional(optionalParts), onLeave })

/** A change of what it names. */
const named = {
  ...exactOptional(parts),
  ...exactOptional({ ...optionalParts, schedule: optionalParts.schedule.nullable().describe(`${schedule} null: never.`) }),
}
export const PolicyChange = z.strictObject({ ...named, onLeave })
/** What a file names of a policy. */
export const NamedPolicy = z.strictObject({
  ...named,
  approvers: z
    .array(z.union([z.enum(duties), z.string().min(1).max(256)]))
    .max(1000)
    .exactOptional()
    .describe('Who may approve: duties, and keys by their names or ids.'),
})

function exactOptional<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): { [Name in keyof Shape]: z.ZodExactOptional<Shape[Name]> }
function exactOptional(shape: Readonly<Record<string, z.ZodType>>) {
  return Object.fromEntries(Object.entries(shape).map(([name, codec]) => [name, codec.exactOptional()]))
}
