import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTwilioSettings } from './settings.ts'

test('without settings the defaults of the contract count', () => {
  for (const settings of [undefined, null, {}]) assert.deepEqual(parseTwilioSettings(settings), { scimGroupById: 'offered' })
})

test('a setting that is unknown or wrong is named', () => {
  assert.throws(() => parseTwilioSettings({ scimGroupById: true }), { name: 'ConfigError', message: /scimGroupById/ })
  assert.throws(() => parseTwilioSettings({ scimGroupsById: 'offered' }), { name: 'ConfigError', message: /scimGroupsById/ })
  assert.throws(() => parseTwilioSettings('strict'), { name: 'ConfigError' })
})
