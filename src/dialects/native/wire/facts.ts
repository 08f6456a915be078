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

/** A whole number in a query. */
const number = (digits: number, what: z.ZodNumber) =>
  z.codec(z.string().regex(new RegExp(`^[0-9]{1,${digits}}$`), 'a whole number'), what, {
    decode: (text) => Number(text),
    encode: (value) => String(value),
  })

/** `member.added,group.*` */
const actions = z.codec(z.string().max(2_000), z.array(z.string()), {
  decode: (text) => text.split(','),
  encode: (list) => list.join(','),
})

export const listFacts = operation({
  name: 'listFacts',
  summary:
    'Everything that happened, oldest first; each fact carries the hash of the one before it. A feed: ask after `upTo` for what comes next, with `wait` for up to 25 seconds until there is something; by actions (member.added,group.*) and by the id of a member, a person or anything else that a fact names',
  method: 'GET',
  path: '/facts',
  query: z.strictObject({
    ...pageQuery,
    after: number(15, z.int().min(0)).optional(),
    wait: number(2, z.int().min(0).max(25)).optional(),
    actions: actions.optional(),
    about: id.optional(),
  }),
  status: 200,
  reply: json(page(Fact).extend({ upTo: z.int() })),
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
  summary:
    'Walks facts, the checkpoints that sign them and the receipts that they tell of, and names the first row that is not as it was written. Answers where the chain stands, signed, to be kept elsewhere',
  method: 'POST',
  path: '/facts/verify',
  status: 200,
  reply: json(
    z.discriminatedUnion('intact', [
      z.object({
        intact: z.literal(true),
        head: ChainHead,
        checkpoints: z.int(),
        receipts: z.int(),
        checkpoint: z.string(),
      }),
      z.object({
        intact: z.literal(false),
        record: z.enum(['fact', 'checkpoint', 'receipt']),
        row: z.string(),
        sequence: z.int(),
        reason: z.string(),
      }),
    ]),
  ),
})
