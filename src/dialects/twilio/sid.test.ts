import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdSource } from '../../directory/id.ts'
import { fromRoleSid, fromSid, memberInAssignment, toAssignmentSid, toSid } from './sid.ts'

const newId = createIdSource(() => new Date())

test('TWIL-05 TWIL-25 a SID is reversible, and one kind is never read as another', () => {
  const id = newId()
  const kinds = ['OR', 'AC', 'US', 'RL', 'IX', 'GP', 'SK'] as const
  for (const kind of kinds) {
    assert.match(toSid(kind, id), new RegExp(`^${kind}[0-9a-f]{32}$`))
    for (const other of kinds) assert.equal(fromSid(other, toSid(kind, id)), kind === other ? id : undefined)
  }
  assert.equal(fromRoleSid(toSid('RL', id)), id)
  assert.equal(fromRoleSid(toSid('IX', id)), id)
  for (const text of ['', 'US', `US${'A'.repeat(32)}`, `US${'a'.repeat(31)}`, `US${'a'.repeat(33)}`])
    assert.equal(fromSid('US', text), undefined)
})

test('TWIL-P03 an assignment’s SID leads from the role to the member, and no other role leads there', () => {
  const [role, other, member] = [newId(), newId(), newId()]
  const sid = toAssignmentSid(role, member)
  assert.match(sid, /^IY[0-9a-f]{32}$/)
  assert.equal(memberInAssignment(sid, role), member)
  assert.notEqual(memberInAssignment(sid, other), member)
  for (const text of ['', 'IY', `US${sid.slice(2)}`, `IY${'z'.repeat(32)}`])
    assert.equal(memberInAssignment(text, role), undefined)
})
