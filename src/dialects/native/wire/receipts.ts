import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

const ReceiptSummary = z.object({ id, connectionId: id, stepId: id, subject: z.string(), issuedAt: when })

export const listReceipts = operation({
  name: 'listReceipts',
  summary: 'Proofs of removal, newest first; with subject, those of one user name',
  method: 'GET',
  path: '/receipts',
  query: z.strictObject({ ...pageQuery, subject: z.string().optional() }),
  status: 200,
  reply: json(page(ReceiptSummary)),
})

export const readReceipt = operation({
  name: 'readReceipt',
  summary: 'One receipt. Its text is signed byte for byte: keep it as it is',
  method: 'GET',
  path: '/receipts/:receiptId',
  status: 200,
  reply: json(ReceiptSummary.extend({ text: z.string() })),
})

export const readReceiptKey = operation({
  name: 'readReceiptKey',
  summary: 'The public key that signs receipts, as PEM, for whoever verifies them elsewhere',
  method: 'GET',
  path: '/receipt-key',
  status: 200,
  reply: json(z.object({ publicKey: z.string() })),
})
