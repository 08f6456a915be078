import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createTimeText } from './time-text.ts'

test('a moment is spelled as toISOString spells it, whatever the year', () => {
  const timeText = createTimeText()
  const near = fc.date({ min: new Date('1960-01-01T00:00:00Z'), max: new Date('2400-12-31T23:59:59.999Z'), noInvalidDate: true })
  fc.assert(
    fc.property(fc.oneof(near, fc.date({ noInvalidDate: true })), (date) =>
      assert.equal(timeText(date.getTime()), date.toISOString()),
    ),
    { numRuns: 2_000, seed: 3 },
  )
  for (const text of ['2024-02-29', '2023-02-28', '2000-12-31', '2100-03-01', '9999-12-31', '1000-01-01', '0999-12-31'])
    assert.equal(timeText(Date.parse(`${text}T23:59:59.009Z`)), `${text}T23:59:59.009Z`)
})
