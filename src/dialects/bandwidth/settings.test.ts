import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBandwidthSettings } from './settings.ts'

test('without settings the defaults of the contract count', () => {
  const defaults = { passwordMinimum: 12, strictPut: false, honourEnabled: true }
  for (const settings of [undefined, null, {}]) assert.deepEqual(parseBandwidthSettings(settings), defaults)
})

test('a setting that is unknown or wrong is named', () => {
  assert.throws(() => parseBandwidthSettings({ passwordMinimum: 0 }), { name: 'ConfigError', message: /passwordMinimum/ })
  assert.throws(() => parseBandwidthSettings({ strictPut: 'yes' }), { name: 'ConfigError', message: /strictPut/ })
  assert.throws(() => parseBandwidthSettings({ honorEnabled: true }), { name: 'ConfigError', message: /honorEnabled/ })
  assert.throws(() => parseBandwidthSettings('strict'), { name: 'ConfigError' })
})
