import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestSigner } from '../../tests/sync.ts'
import { signReceipt, verifyReceipt, type Receipt } from './receipt.ts'

const content: Omit<Receipt, 'key' | 'signature'> = {
  version: 1,
  id: 'receipt-1',
  organization: { id: 'o1', name: 'Example "Söhne"' },
  person: { membershipId: 'm1', userName: 'jane', email: 'jane@example.com' },
  connection: { id: 'c1', name: 'desk', vendor: 'memory', baseUrl: 'https://vendor.test/api' },
  account: { id: 'a1', userName: 'jane', email: null },
  request: { reason: 'raised by member.suspended', authors: ['idp'], askedAt: '2026-11-21T08:00:00.000Z' },
  plan: { id: 'p1', digest: 'ab'.repeat(32), removals: 1, accounts: 40 },
  approvals: [{ actor: 'boss', at: '2026-11-21T08:01:00.000Z', removals: null, reason: 'left' }],
  snapshot: {
    id: 's1',
    finishedAt: '2026-11-21T08:00:00.000Z',
    pages: 1,
    accounts: 40,
    declaredTotal: null,
    provenGone: 0,
    digest: 'cd'.repeat(32),
  },
  before: { at: '2026-11-21T08:02:00.000Z', found: true, recordSha256: 'ef'.repeat(32) },
  removal: { sentAt: '2026-11-21T08:02:01.000Z', answer: 'accepted' },
  verifiedGoneAt: '2026-11-21T08:02:02.000Z',
  chain: { sequence: 12, hash: '01'.repeat(32) },
  issuedAt: '2026-11-21T08:02:02.000Z',
}

test('a receipt verifies as it was written, by its own key and by a trusted one', () => {
  const signer = createTestSigner()
  const text = signReceipt(content, signer)
  assert.deepEqual(verifyReceipt(text).valid, true)
  const verdict = verifyReceipt(text, signer.publicKey)
  assert.ok(verdict.valid)
  assert.deepEqual(verdict.receipt.person, content.person)
  const other = verifyReceipt(text, createTestSigner().publicKey)
  assert.ok(!other.valid)
  assert.match(other.reason, /another key/)
})

test('a receipt with any one bit flipped does not verify, 10,000 flips', () => {
  const bytes = Buffer.from(signReceipt(content, createTestSigner()))
  const bits = bytes.length * 8
  for (let flip = 0; flip < 10_000; flip++) {
    // Every bit in turn, in an order that spreads over the text, so that all of it is met.
    const bit = (flip * 7919) % bits
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const verdict = verifyReceipt(flipped.toString('utf8'))
    assert.equal(verdict.valid, false, `bit ${bit}`)
  }
})

test('a receipt that is spelled otherwise does not verify although it says the same', () => {
  const text = signReceipt(content, createTestSigner())
  const reordered: Record<string, unknown> = { ...JSON.parse(text) }
  delete reordered['id']
  reordered['id'] = content.id
  const others = [
    text.trimEnd(),
    `${text}\n`,
    JSON.stringify(JSON.parse(text)),
    `${JSON.stringify(reordered, null, 2)}\n`,
    `${JSON.stringify({ ...JSON.parse(text), note: 'added' }, null, 2)}\n`,
    text.replace(/"signature": "([0-9a-f]+)"/, (_, hex: string) => `"signature": "${hex.toUpperCase()}"`),
    'not JSON',
    '[]',
    '{}',
  ]
  for (const other of others) {
    const verdict = verifyReceipt(other)
    assert.ok(!verdict.valid)
    assert.ok(verdict.reason.length > 10)
  }
})
