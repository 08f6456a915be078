import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../tests/world.ts'
import { readVendorFile, vendorBaseUrl } from './vendor-file.ts'

const credentials = { baseUrl: 'http://127.0.0.1:9/bandwidth/api', accountId: '1', username: 'u', password: 'hunter2' }

test('the vendor’s credentials are found in all three forms in which they are printed', (t) => {
  const file = join(temporaryFolder(t), 'f.json')
  for (const printed of [
    credentials,
    { organization: { id: '1', name: 'n' }, native: {}, scim: {}, bandwidth: credentials },
    { event: 'ready', url: 'http://127.0.0.1:9', vendor: 'bandwidth', credentials },
  ]) {
    writeFileSync(file, `${JSON.stringify(printed, null, 1)}\n`)
    assert.deepEqual(readVendorFile(file, 'bandwidth'), credentials)
  }
  writeFileSync(file, `${JSON.stringify({ vendor: 'bandwidth', credentials })}\n{"event":"stopped"}\n`)
  assert.deepEqual(readVendorFile(file, 'bandwidth'), credentials)
})

test('credentials of another vendor and files that are no JSON are refused without being repeated', (t) => {
  const file = join(temporaryFolder(t), 'f.json')
  for (const content of [
    JSON.stringify({ vendor: 'bandwidth', credentials }),
    JSON.stringify({ organization: {}, bandwidth: credentials }),
    'password: hunter2',
    '[]',
  ]) {
    writeFileSync(file, content)
    assert.throws(
      () => readVendorFile(file, 'twilio'),
      (error: Error) => error.name === 'CommanderError' && !error.message.includes('hunter2'),
    )
  }
})

test('the base URL is the one given, but a bare host takes the path from the credentials', () => {
  assert.equal(vendorBaseUrl(undefined, credentials), credentials.baseUrl)
  assert.equal(vendorBaseUrl('http://127.0.0.1:9', credentials), credentials.baseUrl)
  assert.equal(vendorBaseUrl('http://127.0.0.1:9/', credentials), credentials.baseUrl)
  assert.equal(vendorBaseUrl('http://proxy.example/x', credentials), 'http://proxy.example/x')
  assert.throws(() => vendorBaseUrl(undefined, { username: 'u' }), /--url/)
})
