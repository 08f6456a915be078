import { join } from 'node:path'
import { z } from 'zod'
import { installPython } from './python.ts'
import { runProgram, type Target, type Verdict } from './suite.ts'

/** https://pypi.org/project/scim-sanity/ */
const requirement = 'scim-sanity==0.7.4'

const Report = z.object({
  summary: z.object({ passed: z.number(), failed: z.number(), warnings: z.number(), errors: z.number(), skipped: z.number() }),
  results: z.array(z.object({ name: z.string(), status: z.string(), message: z.string().optional() })),
})

/** What it asks of a PATCH beyond the RFC; src/dialects/scim/README.md says why. */
const listed: ReadonlySet<string> = new Set([
  'PATCH /Groups/{id}',
  'PATCH /Groups/{id} add member',
  'PATCH /Groups/{id} remove members',
])

export async function runScimSanity({ baseUrl, token, cache }: Target): Promise<Verdict> {
  const installed = installPython(cache, { name: 'scim-sanity', requirement })
  if ('kind' in installed) return installed
  const options = ['--token', token, '--i-accept-side-effects', '--json-output']
  const ran = runProgram(join(installed.bin, 'scim-sanity'), ['probe', baseUrl, ...options])
  if (!ran?.stdout) throw new Error(`scim-sanity ended with ${ran?.status}.\n${ran?.stderr.slice(-2_000)}`)
  const { summary, results } = Report.parse(JSON.parse(ran.stdout))
  const found = results.filter(({ status }) => status !== 'pass' && status !== 'skip')
  const told = ({ name, message = '' }: (typeof found)[number]) => `${name}: ${message.replaceAll(/\s+/g, ' ')}`
  return {
    kind: 'ran',
    counts: summary,
    errors: found.filter(({ name }) => !listed.has(name)).map(told),
    deviations: found.filter(({ name }) => listed.has(name)).map(told),
  }
}
