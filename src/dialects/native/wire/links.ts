import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'
import { Plan } from './plans.ts'
import { Compared, Question } from './questions.ts'

const accountId = z.string().min(1).max(500)
const reason = z.string().trim().min(1).max(1000)

const Link = z.object({
  connectionId: id,
  memberId: id,
  accountId: z.string(),
  rule: z.enum(['userName', 'externalId', 'emailAndName', 'email', 'created', 'returning', 'manual']),
  confidence: z.enum(['certain', 'strong', 'weak']).optional(),
  compared: z.array(Compared).optional(),
  madeBy: z.string().optional(),
  madeAt: when,
  /** What a person accepted as the vendor has it. */
  kept: z.array(z.object({ attribute: z.string(), ours: z.array(z.string()), theirs: z.array(z.string()) })).optional(),
})

const Marking = z.object({
  connectionId: id,
  accountId: z.string(),
  subject: z.string(),
  kind: z.enum(['outside', 'surplus']),
  memberId: id.optional(),
  keptAccountId: z.string().optional(),
  by: z.string(),
  at: when,
  reason: z.string(),
})

export const listLinks = operation({
  name: 'listLinks',
  summary: 'Which account is whose at a connection, and by which rule, in the order of members',
  method: 'GET',
  path: '/connections/:connectionId/links',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: json(page(Link)),
})

export const linkAccount = operation({
  name: 'linkAccount',
  summary: 'Links a member to an account by hand',
  method: 'POST',
  path: '/connections/:connectionId/links',
  request: json(z.strictObject({ memberId: id, accountId })),
  status: 204,
})

export const explainLink = operation({
  name: 'explainLink',
  summary: 'Why an account is a member’s: the rule, what was compared, by whom, what was asked, and its links so far',
  method: 'GET',
  path: '/connections/:connectionId/links/:memberId',
  status: 200,
  reply: json(
    z.object({
      link: Link,
      question: Question.optional(),
      history: z.array(
        z.object({
          sequence: z.int(),
          at: when,
          actor: z.string(),
          action: z.string(),
          detail: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
})

export const unlinkAccount = operation({
  name: 'unlinkAccount',
  summary:
    'Takes a link away and asks whose the account is; until somebody says, nothing is linked and nothing made for the member there',
  method: 'POST',
  path: '/connections/:connectionId/links/:memberId/unlink',
  request: json(z.strictObject({ reason })),
  status: 200,
  reply: json(z.object({ question: Question.optional() })),
})

export const mergeAccounts = operation({
  name: 'mergeAccounts',
  summary: 'Of two accounts of one member, keeps one and plans the removal of the other; somebody else approves that plan',
  method: 'POST',
  path: '/connections/:connectionId/merges',
  request: json(z.strictObject({ keepAccountId: accountId, removeAccountId: accountId, reason })),
  status: 200,
  reply: json(Plan),
})

export const listMarkings = operation({
  name: 'listMarkings',
  summary: 'Accounts that are known as nobody’s, and second accounts that are on their way out',
  method: 'GET',
  path: '/connections/:connectionId/markings',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: json(page(Marking)),
})

export const unmarkAccount = operation({
  name: 'unmarkAccount',
  summary: 'Takes what was said of an account back; a removal that was planned for it ends',
  method: 'DELETE',
  path: '/connections/:connectionId/markings/:accountId',
  status: 204,
})
