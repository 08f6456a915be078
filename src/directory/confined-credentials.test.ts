import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { openWorld } from '../../tests/world.ts'
import { deriveKeys } from './seal.ts'

test('a credential can be confined to a workspace of the organization, and to no other', async (t) => {
  const { home, call } = await openWorld(t)
  const { directory } = home
  const { id: workspaceId } = await directory.createWorkspace(call(), { name: 'Part' })
  const input = { kind: 'toy', name: 'Of a part', scopes: ['read'] } as const
  const { credential } = await directory.createCredential(call(), { ...input, workspaceId })
  assert.equal(credential.workspaceId, workspaceId)
  assert.equal((await directory.createCredential(call(), input)).credential.workspaceId, undefined)
  await assert.rejects(directory.createCredential(call(), { ...input, workspaceId: home.newId() }), {
    refusal: 'invalid',
    field: 'workspaceId',
  })
})

test('a limit counts the valid credentials of a kind in one place, and a revoked or expired one makes room', async (t) => {
  const { home, call } = await openWorld(t)
  const { directory } = home
  const { id: workspaceId } = await directory.createWorkspace(call(), { name: 'Part' })
  const make = (over: object = {}) =>
    directory.createCredential(call(), { kind: 'toy', name: 'One of two', scopes: ['read'], atMost: 2, ...over })
  const soon = new Date(Date.now() + 60_000)
  const first = await make()
  await make({ expiresAt: soon })
  await assert.rejects(make(), { refusal: 'conflict' })
  await make({ workspaceId })
  await make({ kind: 'other' })
  await directory.revokeCredential(call(), { id: first.credential.id })
  await make()
  await assert.rejects(make(), { refusal: 'conflict' })
  const later = call({ now: new Date(soon.getTime() + 1) })
  await directory.createCredential(later, { kind: 'toy', name: 'One of two', scopes: ['read'], atMost: 2 })
})

test('keys for a purpose are the same wherever the sealing keys are, and differ by purpose and by key', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const hex = (keys: readonly Uint8Array[]) => keys.map((key) => Buffer.from(key).toString('hex'))
  const tokens = hex(deriveKeys([first, second], 'tokens'))
  assert.deepEqual(tokens, hex(deriveKeys([first, second], 'tokens')))
  assert.equal(new Set([...tokens, ...hex(deriveKeys([first, second], 'other')), ...hex([first, second])]).size, 6)
  assert.ok(tokens.every((key) => key.length === 64))
})
