import { z } from 'zod'
import { json, operation } from '../../wire/operation.ts'
import { integer } from '../../wire/spelling.ts'

// MessageBird User Management API guide (Stitchflow), the REST endpoints with their examples; read 2026-11-21.
// The error envelope as the client messagebird 4.0.1 reads it (MBRD-P02); read 2026-11-21.

/** A user as MessageBird answers it. What does not apply is left out. */
export const User = z.object({
  id: z.string().min(1),
  email: z.string(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  role: z.string().nullish(),
  status: z.string().nullish(),
  createdAt: z.string().nullish(),
  updatedAt: z.string().nullish(),
})
export type User = z.output<typeof User>

/** What a creation answers: the three members of the guide's example. */
export const CreatedUser = User.pick({ id: true, email: true, status: true })

/** What a change answers: the id, the fields that were sent, and when. */
export const ChangedUser = User.partial({ email: true })

/** A page of users. `count` is how many there are in all; `totalCount` says the same, for readers of the vendor's other lists (MBRD-P02). */
export const UserPage = z.object({
  offset: z.int(),
  limit: z.int(),
  count: z.int(),
  totalCount: z.int().nullish(),
  items: z.array(User),
})

/** Set by the system, and ignored in what others send. */
const systemSet = { id: z.unknown().optional(), createdAt: z.unknown().optional(), updatedAt: z.unknown().optional() }

/** Empty or null clears a name. */
const Name = z.string().nullish()

export const NewUser = z.strictObject({
  email: z.string().min(1),
  firstName: Name,
  lastName: Name,
  role: z.string().optional(),
  /** Ignored: the system sets it (MBRD-24). */
  status: z.unknown().optional(),
  ...systemSet,
})
export type NewUser = z.output<typeof NewUser>

export const UserChange = z.strictObject({
  email: z.string().min(1).optional(),
  firstName: Name,
  lastName: Name,
  role: z.string().optional(),
  status: z.string().optional(),
  ...systemSet,
})
export type UserChange = z.output<typeof UserChange>

/** Every error. */
export const errorReply = json(
  z.object({
    errors: z.array(z.object({ code: z.int(), description: z.string(), parameter: z.string().nullable() })),
  }),
)

export const listUsers = operation({
  name: 'listUsers',
  summary:
    'Lists users by offset, 20 a page unless limit says otherwise, 100 at most. Nothing holds the list still between pages.',
  method: 'GET',
  path: '/users',
  query: z.object({ limit: integer.optional(), offset: integer.optional() }),
  status: 200,
  reply: json(UserPage),
  listMember: 'items',
})

export const getUser = operation({
  name: 'getUser',
  summary: 'Reads one user of the calling organization.',
  method: 'GET',
  path: '/users/:userId',
  status: 200,
  reply: json(User),
})

export const createUser = operation({
  name: 'createUser',
  summary: 'Invites a user by e-mail. The user is active once the invitation is accepted.',
  method: 'POST',
  path: '/users',
  request: json(NewUser),
  status: 201,
  // The guide shows a body and no status; 200 is understood as well (MBRD-Q03).
  alsoStatus: [200],
  reply: json(CreatedUser),
})

export const updateUser = operation({
  name: 'updateUser',
  summary: 'Changes the fields that are sent and no others.',
  method: 'PATCH',
  path: '/users/:userId',
  request: json(UserChange),
  status: 200,
  reply: json(ChangedUser),
})

export const deleteUser = operation({
  name: 'deleteUser',
  summary: 'Deletes a user at once and for good.',
  method: 'DELETE',
  path: '/users/:userId',
  status: 204,
})

export const restOperations = [listUsers, getUser, createUser, updateUser, deleteUser] as const
