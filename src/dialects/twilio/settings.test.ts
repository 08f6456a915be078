import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from './settings.ts'

test('without settings the defaults of the contract count', () => {
  for (const settings of [undefined, null, {}]) assert.deepEqual(parseSettings(settings), { scimGroupById: 'offered' })
})

test('a setting that is unknown or wrong is named', () => {
  assert.throws(() => parseSettings({ scimGroupById: true }), { name: 'ConfigError', message: /scimGroupById/ })
  assert.throws(() => parseSettings({ scimGroupsById: 'offered' }), { name: 'ConfigError', message: /scimGroupsById/ })
  assert.throws(() => parseSettings('strict'), { name: 'ConfigError' })
})
