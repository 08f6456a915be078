import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

export const Reason = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['direct', 'everyone', 'unassigned', 'removed', 'orphan', 'excluded']) }),
  z.object({ kind: z.literal('group'), groupId: id, name: z.string() }),
])

export const Access = z.object({
  connection: z.object({ id, name: z.string(), vendor: z.string() }),
  account: z.object({
    id: z.string(),
    /** Absent, as the roles, where the facts of a past time do not tell. */
    userName: z.string().optional(),
    email: z.string().optional(),
    status: z.enum(['invited', 'active', 'suspended', 'unknown']),
    roles: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
  }),
  /** Absent for an account that nobody is linked to. */
  person: z
    .object({
      id,
      userName: z.string().optional(),
      email: z.string().optional(),
      status: z.enum(['invited', 'active', 'suspended', 'removed', 'unknown']),
    })
    .optional(),
  why: z.array(Reason),
  linkedBy: z.enum(['userName', 'externalId', 'emailAndName', 'email', 'created', 'returning', 'manual', 'unknown']).optional(),
  since: when.optional(),
  read: z.object({ at: when, complete: z.boolean() }).optional(),
  /** `factsPartly`: of this connection, the facts of that time do not tell every account. */
  source: z.enum(['ledger', 'facts', 'factsPartly']),
})

/** What narrows who has access to what; all of it must hold. */
const asked = {
  /** A moment that is past; without it, now. */
  at: when.optional(),
  connectionId: id.optional(),
  vendor: z.string().min(1).max(100).optional(),
  /** Id, user name or e-mail address of a member. */
  person: z.string().min(1).max(320).optional(),
  /** Id or name of a role at the vendor. */
  role: z.string().min(1).max(256).optional(),
}

export const listAccess = operation({
  name: 'listAccess',
  summary:
    'Who has access to what and why: one item for each account at a vendor, now or at a past time (which needs the scope audit)',
  method: 'GET',
  path: '/access',
  query: z.strictObject({ ...pageQuery, ...asked }),
  status: 200,
  reply: json(page(Access)),
})

export const sealAccess = operation({
  name: 'sealAccess',
  summary:
    'Sign who has access to what: answers the first and last line of a document whose lines between are the items of listAccess as canonical JSON',
  method: 'POST',
  path: '/access/seals',
  request: json(z.strictObject(asked)),
  status: 200,
  reply: json(z.object({ head: z.string(), seal: z.string() })),
})
