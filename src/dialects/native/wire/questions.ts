import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

const states = ['open', 'answered', 'withdrawn'] as const

/** One attribute of the member held against the account's. */
export const Compared = z.object({
  attribute: z.enum(['userName', 'externalId', 'email', 'name', 'personId']),
  member: z.string().optional(),
  account: z.string().optional(),
  agrees: z.boolean(),
})

export const Question = z.object({
  id,
  connectionId: id,
  memberId: id,
  /** The member's user name. */
  subject: z.string(),
  reason: z.string(),
  candidates: z.array(
    z.object({
      accountId: z.string(),
      userName: z.string(),
      email: z.string().optional(),
      name: z.string().optional(),
      /** What speaks for it, and what against it. */
      compared: z.array(Compared),
      /** The member who holds the account now. */
      heldBy: z.string().optional(),
      /** User names of others whose account it may be. */
      alsoFits: z.array(z.string()),
    }),
  ),
  /** Accounts of which somebody said that they are not the member's. */
  ruledOut: z.array(z.string()),
  state: z.enum(states),
  answer: z
    .object({
      kind: z.enum(['link', 'notTheSame', 'ignore']),
      accountId: z.string().optional(),
      by: z.string(),
      at: when,
      reason: z.string(),
    })
    .optional(),
  askedAt: when,
  /** Counts the changes; an answer names the version that it answers. */
  version: z.int(),
})

export const listQuestions = operation({
  name: 'listQuestions',
  summary: 'Which account is whose, where the rules cannot tell; newest first, only open ones unless a state is named',
  method: 'GET',
  path: '/questions',
  query: z.strictObject({
    ...pageQuery,
    connectionId: id.optional(),
    memberId: id.optional(),
    state: z.enum([...states, 'all']).optional(),
  }),
  status: 200,
  reply: json(page(Question)),
})

export const readQuestion = operation({
  name: 'readQuestion',
  summary: 'One question with its candidates and what speaks for and against each',
  method: 'GET',
  path: '/questions/:questionId',
  status: 200,
  reply: json(Question),
})

export const answerQuestion = operation({
  name: 'answerQuestion',
  summary:
    'Says whose account it is: `link` to one of the candidates, `notTheSame` as any of them, or `ignore`, which links and makes nothing. A question that has changed since that version is refused',
  method: 'POST',
  path: '/questions/:questionId/answer',
  request: json(
    z.strictObject({
      version: z.int().min(1),
      answer: z.enum(['link', 'notTheSame', 'ignore']),
      accountId: z.string().min(1).max(500).optional(),
      reason: z.string().trim().min(1).max(1000),
    }),
  ),
  status: 200,
  reply: json(Question),
})
