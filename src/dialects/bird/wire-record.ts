import { z } from 'zod'

// Bird Accounts v1, the component schemas of its five OpenAPI documents; read 2026-11-21.
// Formats and limits of what a vendor answers are documented here and not enforced: an answer that bends them is still read, and its record kept.

/** An object that Bird closes (`additionalProperties: false`). Reading one still passes over members that are added later. */
const closed = <S extends z.ZodRawShape>(shape: S) => z.object(shape).meta({ additionalProperties: false })
/** A member that we do not rest on: what it should not be counts as absent when it is read, and is refused when it is written. */
const incidental = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined)

const id = z.string().meta({ format: 'uuid' })
const dateTime = z.string().meta({ format: 'date-time' })
const sessions = z.int().meta({ minimum: 0, maximum: undefined })
const userStatus = z.string().meta({ enum: ['pending', 'active', 'deleted', 'invited', 'banned'], default: 'pending' })

/** A role by its id, and the workspaces that it is limited to; without any it counts in the whole organization. */
export const RoleReference = closed({
  id,
  type: z.string().meta({ enum: ['organization', 'managed'] }),
  workspaces: z.array(id).nullish(),
})
export type RoleReference = z.output<typeof RoleReference>

const UserEmail = closed({
  id,
  userId: id,
  email: z.string().meta({ format: 'email' }),
  verified: z.boolean(),
  passwordSet: z.boolean(),
  tokenSet: z.boolean(),
  createdAt: dateTime,
  updatedAt: dateTime.optional(),
})

const UserIdentity = closed({
  id: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  avatarUrl: z.string().optional(),
  provider: z.string().optional(),
  createdAt: dateTime.optional(),
  updatedAt: dateTime.optional(),
})

const UserPhoneNumber = closed({
  id,
  userId: id,
  phoneNumber: z.string().meta({ format: 'phone-number' }),
  verified: z.boolean(),
  primary: z.boolean(),
  createdAt: dateTime,
  updatedAt: dateTime,
})

/** In place of a number that the caller may not see (BIRD-26). */
export const hiddenNumber = '**hidden**'

const described = {
  bio: incidental(z.string()),
  avatarUrl: incidental(z.string()),
  locale: incidental(z.string().meta({ format: 'locale-bcp47' })),
  timezone: incidental(z.string().meta({ format: 'timezone' })),
  badges: incidental(z.array(z.string().meta({ enum: ['messagebird:cx'] }))),
  defaultEmail: z.string().optional(),
}

/** A user of the platform, whole. The schema is open (BIRD-65). */
export const User = z.object({
  id,
  status: userStatus,
  name: z.string(),
  activeSessions: sessions,
  createdAt: dateTime,
  updatedAt: dateTime,
  emails: z.array(UserEmail),
  phoneNumbers: z.array(UserPhoneNumber),
  ...described,
  identities: incidental(z.array(UserIdentity)),
  // Each branch excludes the other only where the format is asserted (BIRD-27).
  phoneNumber: incidental(
    z.string().meta({
      oneOf: [
        { type: 'string', format: 'phone-number' },
        { type: 'string', enum: [hiddenNumber] },
      ],
    }),
  ),
  userFraudInformation: incidental(closed({ score: z.number().optional(), userId: z.string().optional() })),
})
export type User = z.output<typeof User>

/** A user as a list of previews shows them. */
export const UserPreview = closed({
  id,
  name: z.string(),
  createdAt: dateTime,
  updatedAt: dateTime.optional(),
  status: userStatus.optional(),
  activeSessions: sessions.optional(),
  attributes: z.looseObject({}).nullish(),
  ...described,
})
export type UserPreview = z.output<typeof UserPreview>

const held = {
  user: z.union([User, UserPreview]),
  /** Of the membership, apart from the user's own (BIRD-20). */
  status: z.string().meta({ enum: ['banned', 'invited', 'active'] }),
  createdAt: dateTime,
  updatedAt: dateTime,
  attributes: z.looseObject({}).nullish(),
  roleIds: z.array(id).nullable().meta({ uniqueItems: true, deprecated: true }).optional(),
  roleRefs: z.array(RoleReference).nullable().meta({ uniqueItems: true }).optional(),
}

export const UserMembership = closed(held)
export type UserMembership = z.output<typeof UserMembership>

const TeamRole = closed({
  id,
  name: z.string(),
  roleRefs: z.array(RoleReference).nullable().meta({ uniqueItems: true }).optional(),
})
export type TeamRole = z.output<typeof TeamRole>

/** One membership by itself also shows what teams grant. */
export const UserMembershipEnriched = closed({
  ...held,
  teamRoles: z.array(TeamRole).nullable().meta({ uniqueItems: true }).optional(),
})
export type UserMembershipEnriched = z.output<typeof UserMembershipEnriched>

export const BirdError = z.object({ code: z.string(), message: z.string() })
export const DetailedError = BirdError.extend({ details: z.record(z.string(), z.array(z.string())).optional() })
