import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

const ChainHead = z.object({ sequence: z.int(), hash: z.string() })

const Fact = z.object({
  organizationId: id,
  sequence: z.int(),
  at: when,
  actor: z.string(),
  via: z.string(),
  requestId: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
})

export const listFacts = operation({
  name: 'listFacts',
  summary: 'Everything that happened, oldest first; each fact carries the hash of the one before it',
  method: 'GET',
  path: '/facts',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: json(page(Fact)),
})

export const readFactHead = operation({
  name: 'readFactHead',
  summary: 'The end of the chain of facts. Kept elsewhere, it shows later that nothing was cut off or changed',
  method: 'GET',
  path: '/facts/head',
  status: 200,
  reply: json(ChainHead),
})

export const verifyFacts = operation({
  name: 'verifyFacts',
  summary: 'Walks the whole chain and names the first fact that does not follow',
  method: 'POST',
  path: '/facts/verify',
  status: 200,
  reply: json(
    z.discriminatedUnion('intact', [
      z.object({ intact: z.literal(true), head: ChainHead }),
      z.object({ intact: z.literal(false), sequence: z.int(), reason: z.string() }),
    ]),
  ),
})
