import { writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { openHub } from '../../src/app.ts'
import { isKillPoint, withKillPoints } from './kill-points.ts'

// `rollcall serve` that can be told where to die, and with a lease so short that the work of a killed process is taken over at once, many times in a run.

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    port: { type: 'string' },
    /** The kill point at which the process ends itself as `kill -9` would, when it has been passed so often before. */
    'die-at': { type: 'string' },
    passes: { type: 'string', default: '0' },
    /** Where it says so, right before. */
    note: { type: 'string', default: '' },
  },
})
const { DATABASE_URL } = process.env
const aim = values['die-at']
if (aim !== undefined && !isKillPoint(aim)) throw new Error(`there is no kill point "${aim}"`)
let passes = Number(values.passes)

const hub = await openHub({
  home: values.home ?? '',
  environment: { DATABASE_URL },
  host: '127.0.0.1',
  port: Number(values.port),
  log: undefined,
  leaseMs: 800,
  around: (parts) =>
    withKillPoints(parts, async (point) => {
      if (point !== aim || passes-- > 0) return
      writeFileSync(values.note, point)
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => undefined)
    }),
})
process.stdout.write(`${JSON.stringify({ event: 'ready', url: hub.url })}\n`)
// Whoever is killed leaves no time for it.
flushCompileCache()
process.once('SIGTERM', () => void hub.close())
