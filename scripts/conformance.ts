import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { mainFile, projectRoot, startNode } from './child.ts'
import { runGoSuite } from './conformance/go-suite.ts'
import type { Target, Verdict } from './conformance/suite.ts'
import { runScim2Tester } from './conformance/scim2-tester.ts'
import { runScimSanity } from './conformance/scim-sanity.ts'

// npm run conformance -- --json
// Public SCIM suites against `rollcall serve`, each against a fresh home. What a suite needs is installed into node_modules/.cache/conformance; what the machine
// cannot install is said and counts as no error. Ends with 1 where a suite finds an error that is not listed in src/dialects/scim/README.md.

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

const Ready = z.object({ url: z.string() })
const Made = z.object({ scim: z.object({ token: z.string() }) })

const cache = join(projectRoot, 'node_modules/.cache/conformance')
mkdirSync(cache, { recursive: true })

const suites = [
  { name: 'scim2-tester (Users, Groups)', options: [], run: runScim2Tester(['User', 'Group']) },
  { name: 'scim2-tester (TestResources)', options: ['--scim-test-resources'], run: runScim2Tester(['TestResource']) },
  { name: 'scim-sanity', options: [], run: runScimSanity },
  { name: 'scim2/test-suite', options: ['--scim-test-resources'], run: runGoSuite },
]

const verdicts: Record<string, Verdict> = {}
for (const { name, options, run } of suites) verdicts[name] = await against(options, (target) => run(target))
for (const [name, verdict] of Object.entries(verdicts)) if (!values.json) console.log(describe(name, verdict))
if (values.json) console.log(JSON.stringify(verdicts))
if (Object.values(verdicts).some((verdict) => verdict.kind === 'ran' && verdict.errors.length > 0)) process.exitCode = 1

/** Runs a suite against a hub of its own. */
async function against(options: readonly string[], run: (target: Target) => Promise<Verdict>): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-conformance-'))
  const home = ['--home', join(folder, 'home'), '--json']
  const making = startNode([mainFile, 'organization', 'create', '--name', 'Conformance', '--plan', 'enterprise', ...home])
  const { scim } = Made.parse(await making.ready)
  await making.ended
  const hub = startNode([mainFile, 'serve', '--port', '0', '--log-level', 'error', ...options, ...home])
  try {
    const { url } = Ready.parse(await hub.ready)
    return await run({ baseUrl: `${url}/scim/v2`, token: scim.token, cache, folder })
  } finally {
    await hub.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function describe(name: string, verdict: Verdict): string {
  if (verdict.kind === 'missing') return `${name}: not run. ${verdict.reason}`
  const counts = Object.entries(verdict.counts).map(([what, count]) => `${count} ${what}`)
  const listed = verdict.deviations.map((text) => `\n  listed: ${text}`)
  const errors = verdict.errors.map((text) => `\n  error: ${text}`)
  return `${name}${verdict.version ? ` ${verdict.version}` : ''}: ${counts.join(', ')}, ${verdict.errors.length} not listed${listed.join('')}${errors.join('')}`
}
