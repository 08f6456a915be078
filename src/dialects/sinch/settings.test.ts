import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from './settings.ts'

test('SNCH-06 absent settings are the defaults, and wrong ones are named', () => {
  assert.deepEqual(parseSettings(undefined), { region: 'us', regions: {} })
  for (const [settings, message] of [
    [{ region: 'mars' }, /at region/],
    [{ regions: { nothing: 'eu' } }, /at regions/],
    [{ other: 1 }, /other/],
  ] as const)
    assert.throws(() => parseSettings(settings), { name: 'ConfigError', message })
})
