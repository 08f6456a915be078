import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rotateUnderTraffic } from './rotate/run.ts'

// npm run rotate -- --rotations N --rate N --clients N --quiet SECONDS --json
// Rotates a key at a Sinch twin while services call with it; judges by what was refused and by the keys that are left.

const { values } = parseArgs({
  options: {
    rotations: { type: 'string', default: '100' },
    rate: { type: 'string', default: '50' },
    clients: { type: 'string', default: '10' },
    quiet: { type: 'string', default: '0.5' },
    json: { type: 'boolean', default: false },
  },
})
const numberOf = (name: 'rotations' | 'rate' | 'clients' | 'quiet') => {
  const number = Number(values[name])
  if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} takes a number above 0`)
  return number
}

const folder = mkdtempSync(join(tmpdir(), 'rollcall-rotate-'))
try {
  const report = await rotateUnderTraffic({
    folder,
    rotations: numberOf('rotations'),
    perSecond: numberOf('rate'),
    clients: numberOf('clients'),
    quietSeconds: numberOf('quiet'),
    say: (line) => process.stderr.write(`${line}\n`),
  })
  const failed = Object.values(report.failures).reduce((sum, count) => sum + count, 0)
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : `${report.done} rotations, ${report.requests} requests in ${report.seconds} s: ${failed} failed, ${report.refusedByVendor} refused by the vendor, ${report.keysLeft} key left\n`,
  )
  const isGood = report.done === report.rotations && failed === 0 && report.refusedByVendor === 0 && report.keysLeft === 1
  process.exitCode = isGood ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
