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

/** What it asks of a PATCH beyond the RFC, with what it finds; src/dialects/scim/README.md says why. */
const listed: ReadonlyMap<string, RegExp> = new Map([
  ['PATCH /Groups/{id}', /got 204/],
  ['PATCH /Groups/{id} add member', /got 400/],
  ['PATCH /Groups/{id} remove members', /got 204/],
])

export async function runScimSanity({ baseUrl, token, cache }: Target): Promise<Verdict> {
  const installed = installPython(cache, { name: 'scim-sanity', requirement })
  if ('kind' in installed) return installed
  const options = ['--token', token, '--i-accept-side-effects', '--json-output']
  // By its interpreter: the script names one by its path, which is another where the folder was moved.
  const ran = runProgram(join(installed.bin, 'python'), [join(installed.bin, 'scim-sanity'), 'probe', baseUrl, ...options])
  if (!ran?.stdout) throw new Error(`scim-sanity ended with ${ran?.status}.\n${ran?.stderr.slice(-2_000)}`)
  const { summary, results } = Report.parse(JSON.parse(ran.stdout))
  const found = results.filter(({ status }) => status !== 'pass' && status !== 'skip')
  const isListed = ({ name, message = '' }: (typeof found)[number]) => listed.get(name)?.test(message) ?? false
  const told = ({ name, message = '' }: (typeof found)[number]) => `${name}: ${message.replaceAll(/\s+/g, ' ')}`
  return {
    kind: 'ran',
    counts: summary,
    errors: found.filter((each) => !isListed(each)).map(told),
    deviations: found.filter(isListed).map(told),
  }
}
