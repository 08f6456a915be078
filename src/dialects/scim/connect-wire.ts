import { z } from 'zod'
import { RemoteError } from '../../wire/call.ts'
import type { Operation } from '../../wire/operation.ts'
import { discoveryOperations, groupOperations, userOperations } from './wire.ts'

// RFC 7643 §4.1, §4.2, §5; RFC 7644 §3.4.2; RFC 9865 §2 (cursors). What servers answer is read tolerantly: only what is needed must be there.

const here = { prefix: '', name: '' }

/** Servers answer a write with its resource or with nothing, and some a creation with 200. */
const alsoPlain = <Op extends Operation>(operation: Op): Op => ({ ...operation, alsoStatus: [200, 201, 204] })

export const userCalls = {
  list: userOperations.list,
  read: userOperations.read,
  create: alsoPlain(userOperations.create),
  replace: alsoPlain(userOperations.replace),
  patch: alsoPlain(userOperations.patch),
  remove: alsoPlain(userOperations.remove),
}
export const groupCalls = {
  list: groupOperations.list,
  read: groupOperations.read,
  replace: alsoPlain(groupOperations.replace),
  patch: alsoPlain(groupOperations.patch),
}
export const readConfig = discoveryOperations(here).ServiceProviderConfig[0]!

const text = z.string().nullish()
/** Some servers send booleans as text. */
const flag = z.union([z.boolean(), z.string().transform((word) => word.toLowerCase() === 'true')]).nullish()

export const ScimEmail = z.looseObject({ value: text, type: text, primary: flag })
export const ScimUser = z.looseObject({
  id: z.string().min(1),
  userName: z.string(),
  externalId: text,
  name: z.looseObject({ givenName: text, familyName: text }).nullish(),
  emails: z.array(ScimEmail).nullish(),
  active: flag,
  groups: z.array(z.looseObject({ value: z.string(), display: text })).nullish(),
  meta: z.looseObject({ version: text }).nullish(),
})
export type ScimUser = z.output<typeof ScimUser>

export const ScimGroup = z.looseObject({
  id: z.string().min(1),
  displayName: z.string(),
  members: z.array(z.looseObject({ value: z.string() })).nullish(),
  meta: z.looseObject({ version: text }).nullish(),
})
export type ScimGroup = z.output<typeof ScimGroup>

/** A list leaves `Resources` out where it is empty (RFC 7644 §3.4.2). */
export const listOf = <S extends z.ZodType>(resource: S) =>
  z.looseObject({
    totalResults: z.int().nullish(),
    Resources: z.array(resource).nullish(),
    nextCursor: text,
  })

export const Config = z.looseObject({
  patch: z.looseObject({ supported: flag }).nullish(),
  etag: z.looseObject({ supported: flag }).nullish(),
  pagination: z.looseObject({ cursor: flag, index: flag, defaultPaginationMethod: text }).nullish(),
})

/** An answer that lacks what every SCIM server sends comes from something else at this address. `effect` is what the request may have had. */
export function readAnswer<S extends z.ZodType>(schema: S, value: unknown, effect: RemoteError['effect']): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') || 'the whole message'
  throw new RemoteError(200, `The answer is not SCIM at ${where}. Check the base URL: /Users must follow it.`, {
    retryable: false,
    effect,
    from: 'vendor',
  })
}
