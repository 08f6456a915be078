import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Credential } from '../../directory/credential.ts'
import { signToken, tokenSeconds, verifyToken } from './token.ts'

const now = new Date('2026-11-21T00:00:00Z')
const [key, old] = [randomBytes(32), randomBytes(32)]
const credential = (identifier: string): Credential => ({
  id: 'c',
  organizationId: 'o',
  kind: 'twilioorgkey',
  name: 'key',
  identifier,
  secretHash: '',
  scopes: [],
  createdAt: now,
  expiresAt: undefined,
  lastUsedAt: undefined,
  revokedAt: undefined,
})
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)

test('TWIL-P02 a token holds for an hour, for its own key, under any key of the list', async () => {
  const token = await signToken(credential('rA'), { key: old, now })
  const verify = (over: Partial<Parameters<typeof verifyToken>[1]>) =>
    verifyToken(token, { credential: credential('rA'), keys: [key, old], now, ...over })
  await verify({})
  await verify({ now: later(tokenSeconds - 1) })
  await assert.rejects(verify({ now: later(tokenSeconds + 1) }), { refusal: 'unauthenticated' })
  await assert.rejects(verify({ credential: credential('rB') }), { refusal: 'unauthenticated' })
  await assert.rejects(verify({ keys: [key] }), { refusal: 'unauthenticated' })
  await assert.rejects(verify({ keys: [] }), { refusal: 'unauthenticated' })
})
