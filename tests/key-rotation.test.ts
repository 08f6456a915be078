import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rotateUnderTraffic } from '../scripts/rotate/run.ts'
import { temporaryFolder } from './folder.ts'

test('SNCH-31 SNCH-P02 a key is rotated again and again while services call with it, and nobody is refused once', async (t) => {
  const report = await rotateUnderTraffic({
    folder: temporaryFolder(t),
    rotations: 5,
    perSecond: 50,
    clients: 4,
    quietSeconds: 0.1,
    say: () => undefined,
  })
  assert.deepEqual(
    { ...report, requests: undefined, seconds: undefined },
    {
      rotations: 5,
      done: 5,
      requests: undefined,
      failures: {},
      refusedByVendor: 0,
      mostKeys: 2,
      keysLeft: 1,
      seconds: undefined,
    },
  )
  assert.ok(report.requests > report.rotations * 4, 'every service has called with every key')
})
