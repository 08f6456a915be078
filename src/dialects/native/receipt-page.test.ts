import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createTestSigner } from '../../../tests/sync.ts'
import { signLeaverReceipt } from '../../sync/leaver/receipt.ts'
import { receiptPage } from './receipt-page.ts'

const nasty = `<script>alert(1)</script><img src=x onerror="alert('2')">&amp;`
const at = '2026-03-01T10:20:30.456Z'

const text = signLeaverReceipt(
  {
    kind: 'leaver',
    version: 1,
    id: 'r1',
    offboardingId: 'o1',
    number: 2,
    former: { id: 'r0', sha256: 'ff' },
    organization: { id: 'org', name: nasty },
    person: { membershipId: 'm', userName: nasty, email: nasty },
    asked: { by: nasty, at, how: 'request', reason: nasty },
    connections: [
      {
        id: 'c',
        name: nasty,
        vendor: nasty,
        baseUrl: nasty,
        outcome: 'gone',
        reason: nasty,
        account: { id: nasty, userName: nasty, email: nasty, status: 'active', roles: [nasty], activeSessions: 2 },
        look: { snapshotId: 's', at, accounts: 3, digest: nasty },
        requests: [{ kind: 'remove', sentAt: at, answeredAt: at, answer: 'refused', status: 503 }],
        reads: [{ at, occasion: 'hour', found: 'gone', others: [nasty] }],
        removal: { planId: 'p', receiptId: nasty, sha256: 'aa' },
        approvals: [{ actor: nasty, at, reason: nasty }],
        residues: [nasty],
        tasks: [nasty],
        rechecks: [{ after: 'day', dueAt: at, doneAt: null }],
      },
    ],
    chain: { sequence: 7, hash: nasty },
    issuedAt: at,
  },
  createTestSigner(),
)
const page = receiptPage({ text, sha256: createHash('sha256').update(text).digest('hex') })

test('nothing that comes from elsewhere is markup on the page, and nothing is loaded or run', () => {
  const markup = [...page.matchAll(/<([a-z!/][^\s>]*)/gi)].map(([, name]) => name?.replace('/', '').toLowerCase())
  const own = new Set([
    '!doctype',
    'html',
    'meta',
    'title',
    'style',
    'body',
    'h1',
    'h2',
    'p',
    'table',
    'tr',
    'th',
    'td',
    'section',
    'span',
    'code',
    'ul',
    'li',
    'pre',
  ])
  assert.deepEqual(
    [...new Set(markup)].filter((name) => !own.has(name ?? '')),
    [],
  )
  assert.doesNotMatch(page, /<[^>]*\s(src|href|on[a-z]+)=/i)
})

test('the page allows its own style by its hash and nothing else, also where it is opened as a file', () => {
  const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = unescaped(/http-equiv="content-security-policy" content="([^"]*)"/.exec(page)?.[1] ?? '')
  assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`)
})

test('the signed text stands on the page whole', () => {
  assert.equal(unescaped(/<pre[^>]*>([^]*?)<\/pre>/.exec(page)?.[1] ?? ''), text)
})

const unescaped = (markup: string): string => markup.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
