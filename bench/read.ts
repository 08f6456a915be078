import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { openHome, syncParts } from '../src/app.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import { createEngine } from '../src/sync/create.ts'
import { readVendor } from '../src/sync/read-vendor.ts'
import { withConnection } from '../src/sync/run.ts'

// Reads a vendor completely into a home of its own, as the engine does, once and once more; in a process of its own, so that the memory is that of reading.

const { values } = parseArgs({
  options: { home: { type: 'string' }, vendor: { type: 'string' }, credentials: { type: 'string' } },
})
const { vendor = '' } = values
const credentials = z.record(z.string(), z.json()).parse(JSON.parse(readFileSync(values.credentials ?? '', 'utf8')))
const home = await openHome(values.home ?? '', {})
const access = await home.createOrganization(
  { name: 'Reader', plan: 'enterprise', sso: 'okta', emailDomains: [] },
  'http://127.0.0.1',
)
const call = (): Call => ({
  organizationId: access['organization']?.['id'] ?? '',
  actor: 'system:bench',
  scopes: new Set(scopes),
  now: new Date(),
  requestId: 'bench',
  via: 'bench.read',
})
const parts = syncParts(home, { log: undefined })
const { id: connectionId } = await createEngine(parts).addConnection(call(), {
  name: vendor,
  vendor,
  baseUrl: z.string().parse(credentials['baseUrl']),
  credentials,
  assignments: [],
})
const read = async () => {
  const started = performance.now()
  const known = await withConnection(parts, call(), { connectionId, work: (hand) => readVendor(hand, 'person') })
  return { seconds: (performance.now() - started) / 1000, certificate: known.snapshot.certificate }
}
const before = process.cpuUsage()
const first = await read()
const again = await read()
const { user, system } = process.cpuUsage(before)
const { complete, reasons, accounts, passes = 1 } = again.certificate
await home.close()
process.stdout.write(
  `${JSON.stringify({
    event: 'ready',
    seconds: first.seconds,
    againSeconds: again.seconds,
    cpuSeconds: (user + system) / 1e6,
    complete: complete && first.certificate.complete,
    reasons: [...first.certificate.reasons, ...reasons],
    accounts,
    passes,
    peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  })}\n`,
)
