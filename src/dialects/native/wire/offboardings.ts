import { z } from 'zod'
import { htmlText, json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'
import { Plan } from './plans.ts'

const offboardingStates = ['open', 'waiting', 'verifying', 'settled', 'partly', 'failed', 'withdrawn'] as const
const visitStates = [
  'toVisit',
  'present',
  'waiting',
  'removing',
  'gone',
  'suspended',
  'none',
  'forPerson',
  'disconnected',
] as const

const ReceiptMark = z.object({ id, number: z.int(), sha256: z.string(), issuedAt: when })

const Summary = z.object({
  id,
  memberId: id,
  person: z.object({ userName: z.string(), email: z.string().optional() }),
  state: z.enum(offboardingStates),
  asked: z.object({ by: z.string(), at: when, how: z.enum(['request', 'deactivation']), reason: z.string().optional() }),
  openedAt: when,
  updatedAt: when,
  receipt: ReceiptMark.optional(),
})

const statuses = ['invited', 'active', 'suspended', 'unknown'] as const

const Visit = z.object({
  connectionId: id,
  connection: z.object({ name: z.string(), vendor: z.string(), baseUrl: z.string() }),
  state: z.enum(visitStates),
  reason: z.string(),
  account: z
    .object({
      id: z.string(),
      userName: z.string(),
      email: z.string().optional(),
      status: z.enum(statuses),
      roles: z.array(z.string()),
      activeSessions: z.int().optional(),
    })
    .optional(),
  lock: z.object({
    state: z.enum(['todo', 'sending', 'done', 'held', 'unable', 'failed']),
    kind: z.enum(['suspend', 'cancelInvitation']).optional(),
    reason: z.string(),
    attempts: z.int(),
    sentAt: when.optional(),
    retryAt: when.optional(),
  }),
  requests: z.array(
    z.object({
      kind: z.enum(['suspend', 'cancelInvitation', 'remove']),
      sentAt: when.optional(),
      answeredAt: when,
      answer: z.enum(['accepted', 'refused', 'lost', 'goneBefore', 'alreadySo']),
      status: z.int().optional(),
    }),
  ),
  reads: z.array(
    z.object({
      at: when,
      occasion: z.enum(['suspend', 'cancelInvitation', 'remove', 'listed', 'hour', 'day']),
      found: z.enum(['gone', ...statuses]),
      others: z.array(z.string()),
    }),
  ),
  removal: z.object({ planId: id, receiptId: id, sha256: z.string() }).optional(),
  residues: z.array(z.string()),
  tasks: z.array(z.string()),
  rechecks: z.array(z.object({ after: z.enum(['hour', 'day']), dueAt: when, doneAt: when.optional() })),
  updatedAt: when,
})

/** `text` is the offboarding for people to read. */
const Detail = Summary.extend({ visits: z.array(Visit), receipts: z.array(ReceiptMark), text: z.string() })

export const offboard = operation({
  name: 'offboard',
  summary:
    'Suspends a person, named by e-mail or user name, locks them out at once where the vendor can, and plans the removal wherever they have an account',
  method: 'POST',
  path: '/offboardings',
  request: json(z.strictObject({ person: z.string().min(1).max(320), reason: z.string().trim().min(1).max(1000).optional() })),
  status: 200,
  reply: json(z.object({ memberId: id, plans: z.array(Plan), offboarding: Detail })),
})

export const listOffboardings = operation({
  name: 'listOffboardings',
  summary: 'People who leave, newest first, without their visits; with memberId or state, only those',
  method: 'GET',
  path: '/offboardings',
  query: z.strictObject({ ...pageQuery, memberId: id.optional(), state: z.enum(offboardingStates).optional() }),
  status: 200,
  reply: json(page(Summary)),
})

export const readOffboarding = operation({
  name: 'readOffboarding',
  summary: 'One offboarding: what was found, done, answered and read at each connection, and what waits',
  method: 'GET',
  path: '/offboardings/:offboardingId',
  status: 200,
  reply: json(Detail),
})

const receiptNumber = z.codec(z.string().regex(/^[0-9]{1,6}$/, 'a number'), z.int().min(1), {
  decode: (text) => Number(text),
  encode: (number) => String(number),
})

export const readLeaverReceipt = operation({
  name: 'readLeaverReceipt',
  summary:
    'The signed proof over all connections, the newest or that with the number. Its text is signed byte for byte: keep it as it is',
  method: 'GET',
  path: '/offboardings/:offboardingId/receipt',
  query: z.strictObject({ number: receiptNumber.optional() }),
  status: 200,
  reply: json(ReceiptMark.extend({ text: z.string() })),
})

export const readLeaverReceiptPage = operation({
  name: 'readLeaverReceiptPage',
  summary: 'The same as a page fit to print, without script and with nothing from elsewhere',
  method: 'GET',
  path: '/offboardings/:offboardingId/receipt/page',
  query: z.strictObject({ number: receiptNumber.optional() }),
  status: 200,
  reply: htmlText,
})
