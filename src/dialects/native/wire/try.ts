import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id } from './page.ts'
import { stepKinds } from './plans.ts'

export const outcomes = ['ok', 'would', 'done', 'nothing', 'waits', 'stopped', 'notAsked'] as const

/** The last step is where it ends: by itself, at something that waits, or at something that stops it. */
const Report = z.object({
  connectionId: id,
  memberId: id.optional(),
  accountId: z.string().optional(),
  steps: z.array(
    z.object({
      name: z.enum(['person', 'assignment', 'match', 'write', 'readBack']),
      outcome: z.enum(outcomes),
      message: z.string(),
    }),
  ),
  kind: z.enum(stepKinds).optional(),
  attributes: z.array(
    z.object({
      attribute: z.string(),
      atVendor: z.string().optional(),
      wanted: z.string().optional(),
      action: z.enum(['write', 'same', 'leave']),
      reason: z.string(),
    }),
  ),
  planId: id.optional(),
})

const request = json(z.strictObject({ person: z.string().min(1).max(320) }))

export const tryPerson = operation({
  name: 'tryPerson',
  summary:
    'Shows for one person, by e-mail address or user name, each step from the directory to the vendor as it would be. Asks for the one account and changes nothing',
  method: 'POST',
  path: '/connections/:connectionId/try',
  request,
  status: 200,
  reply: json(Report),
})

export const provisionPerson = operation({
  name: 'provisionPerson',
  summary:
    'The same, and does it for this person alone, through a plan: what needs an approval waits for it. Answers when it has ended, with the account read back',
  method: 'POST',
  path: '/connections/:connectionId/try/apply',
  request,
  status: 200,
  reply: json(Report),
})
