import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { page, when } from './page.ts'

const Explanation = z.object({
  requestId: z.string(),
  at: when,
  dialect: z.string(),
  operation: z.string().optional(),
  refusal: z.string(),
  field: z.string().optional(),
  code: z.string().optional(),
  message: z.string(),
})

export const listExplanations = operation({
  name: 'listExplanations',
  summary:
    'Why requests with this id were refused, through any API, which an answer in a vendor’s words may hide; as far as a credential of the organization was proven',
  method: 'GET',
  path: '/explanations/:requestId',
  status: 200,
  reply: json(page(Explanation)),
})
