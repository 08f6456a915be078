import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'
import { Plan } from './plans.ts'

const kinds = [
  'orphan',
  'missing',
  'extraRight',
  'drift',
  'staleInvitation',
  'duplicate',
  'residual',
  'returned',
  'keyTooOld',
  'badRead',
  'silence',
] as const
const states = ['open', 'ignored', 'closed'] as const

export const Finding = z.object({
  id: z.string(),
  connectionId: id,
  kind: z.enum(kinds),
  /** Account id at the vendor; for `missing` the member's id, for `keyTooOld` the key's, for `badRead` and `silence` the connection's. */
  subject: z.string(),
  memberId: id.optional(),
  message: z.string(),
  /** What differs: ours as it was written, theirs as it was read; roles by the vendor's ids. */
  differences: z
    .array(
      z.object({
        attribute: z.enum(['userName', 'email', 'givenName', 'familyName', 'roles']),
        ours: z.array(z.string()),
        theirs: z.array(z.string()),
      }),
    )
    .optional(),
  state: z.enum(states),
  /** Counts the changes of what is found and decided; a decision names the version that it was made on. */
  version: z.int(),
  decision: z
    .object({
      kind: z.enum(['adopt', 'revert', 'ignore']),
      by: z.string(),
      at: when,
      reason: z.string(),
      until: when.optional(),
      planId: id.optional(),
    })
    .optional(),
  openedAt: when,
  closedAt: when.optional(),
})

const filters = { connectionId: id.optional(), memberId: id.optional(), kind: z.enum(kinds).optional() }

export const listFindings = operation({
  name: 'listFindings',
  summary:
    'What the comparison showed and nobody asked for, over all connections, newest first; only open ones unless a state is named',
  method: 'GET',
  path: '/findings',
  query: z.strictObject({ ...pageQuery, ...filters, state: z.enum([...states, 'all']).optional() }),
  status: 200,
  reply: json(page(Finding)),
})

export const countFindings = operation({
  name: 'countFindings',
  summary: 'How many findings there are of each kind; only open ones unless a state is named',
  method: 'GET',
  path: '/finding-counts',
  query: z.strictObject({ ...filters, state: z.enum([...states, 'all']).optional() }),
  status: 200,
  reply: json(z.object({ total: z.int(), kinds: z.array(z.object({ kind: z.enum(kinds), count: z.int() })) })),
})

export const readFinding = operation({
  name: 'readFinding',
  summary: 'One finding with what differs and what was decided',
  method: 'GET',
  path: '/findings/:findingId',
  status: 200,
  reply: json(Finding),
})

const reason = z.string().trim().min(1).max(1000)
const decision = { version: z.int().min(1), reason }

export const adoptFinding = operation({
  name: 'adoptFinding',
  summary:
    'Takes what was found for right: an account of nobody is linked to a member or known as nobody’s (outside); a drift or an extra right is what is wanted until the directory wants something else',
  method: 'POST',
  path: '/findings/:findingId/adopt',
  request: json(z.strictObject({ ...decision, memberId: id.optional(), outside: z.literal(true).optional() })),
  status: 200,
  reply: json(Finding),
})

export const revertFinding = operation({
  name: 'revertFinding',
  summary: 'Plans what puts a drift, an extra right or a missing account back; the plan is approved and applied like any other',
  method: 'POST',
  path: '/findings/:findingId/revert',
  request: json(z.strictObject(decision)),
  status: 200,
  reply: json(Plan),
})

export const ignoreFinding = operation({
  name: 'ignoreFinding',
  summary: 'Leaves a finding until a date, at most a year away, or until something else is found',
  method: 'POST',
  path: '/findings/:findingId/ignore',
  request: json(z.strictObject({ ...decision, until: when })),
  status: 200,
  reply: json(Finding),
})
