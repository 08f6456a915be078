import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSinchSettings } from './settings.ts'

test('SNCH-06 absent settings are the defaults, and wrong ones are named', () => {
  assert.deepEqual(parseSinchSettings(undefined), { region: 'us', regions: {} })
  for (const [settings, message] of [
    [{ region: 'mars' }, /at region/],
    [{ regions: { nothing: 'eu' } }, /at regions/],
    [{ other: 1 }, /other/],
  ] as const)
    assert.throws(() => parseSinchSettings(settings), { name: 'ConfigError', message })
})
