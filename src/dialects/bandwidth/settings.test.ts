import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from './settings.ts'

test('without settings the defaults of the contract count', () => {
  const defaults = { passwordMinimum: 12, strictPut: false, honourEnabled: true }
  for (const settings of [undefined, null, {}]) assert.deepEqual(parseSettings(settings), defaults)
})

test('a setting that is unknown or wrong is named', () => {
  assert.throws(() => parseSettings({ passwordMinimum: 0 }), { name: 'ConfigError', message: /passwordMinimum/ })
  assert.throws(() => parseSettings({ strictPut: 'yes' }), { name: 'ConfigError', message: /strictPut/ })
  assert.throws(() => parseSettings({ honorEnabled: true }), { name: 'ConfigError', message: /honorEnabled/ })
  assert.throws(() => parseSettings('strict'), { name: 'ConfigError' })
})
