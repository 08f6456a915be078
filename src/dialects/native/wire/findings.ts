import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

export const Finding = z.object({
  id: z.string(),
  connectionId: id,
  kind: z.enum(['orphan', 'missing', 'drift', 'duplicate', 'residual', 'returned', 'badRead']),
  /** Account id at the vendor, or for `missing` the member's id. */
  subject: z.string(),
  message: z.string(),
  openedAt: when,
  closedAt: when.optional(),
})

export const listFindings = operation({
  name: 'listFindings',
  summary: 'What the comparison showed and nobody asked for, newest first; only open ones unless state is all',
  method: 'GET',
  path: '/findings',
  query: z.strictObject({ ...pageQuery, connectionId: id.optional(), state: z.enum(['open', 'all']).optional() }),
  status: 200,
  reply: json(page(Finding)),
})
