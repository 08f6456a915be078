import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  applicationGroupName,
  applicationPartOf,
  applicationSchema,
  nameInApplication,
  withApplicationPart,
} from './application.ts'

test('what an application says of a person comes back, beside what others say, and leaves nothing behind when it goes', () => {
  const part = { externalId: 'x-1', roles: [{ value: 'Admin' }], deactivated: true }
  const one = withApplicationPart({ title: 'Dr.' }, 'c1', part)
  const both = withApplicationPart(one, 'c2', { externalId: 'x-2', roles: undefined, deactivated: false })
  assert.deepEqual(applicationPartOf({ attributes: both }, 'c1'), part)
  assert.deepEqual(applicationPartOf({ attributes: both }, 'c2'), { externalId: 'x-2', roles: undefined, deactivated: false })
  assert.deepEqual(applicationPartOf({ attributes: both }, 'c3'), { externalId: undefined, roles: undefined, deactivated: false })
  assert.deepEqual(withApplicationPart(both, 'c2', undefined), one)
  assert.deepEqual(withApplicationPart(one, 'c1', undefined), { title: 'Dr.' })
})

test('a place that something else was written to is no part of an application', () => {
  for (const value of ['text', 1, null, ['c1'], { c1: 'text' }, { c1: { externalId: 7, active: 'no' } }])
    assert.deepEqual(applicationPartOf({ attributes: { [applicationSchema]: value } }, 'c1'), {
      externalId: undefined,
      roles: undefined,
      deactivated: false,
    })
})

test('the name of a pushed group is read back for its own connection alone, without regard to case', () => {
  const name = applicationGroupName('Desk Two', 'Sales')
  assert.equal(nameInApplication('Desk Two', name), 'Sales')
  assert.equal(nameInApplication('desk two', name), 'Sales')
  assert.equal(nameInApplication('Desk', name), undefined)
  assert.equal(nameInApplication('Desk Two', ' @ Desk Two'), undefined)
  assert.equal(nameInApplication('Desk Two', 'Sales'), undefined)
})
