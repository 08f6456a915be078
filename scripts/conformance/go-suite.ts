import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { missing, runProgram, type Target, type Verdict } from './suite.ts'

/** https://github.com/scim2/test-suite, fetched as a Go module. */
const modulePath = 'github.com/scim2/test-suite'
/** Every feature that the suite knows, so that none is excused for not being announced. What it skips itself is told. */
const forced = 'core,filter,sort,changePassword,patch,bulk,etag,users,groups,testResource,me'
const levels = ['MUST', 'MUST NOT', 'SHALL', 'SHALL NOT', 'SHOULD', 'SHOULD NOT', 'MAY']

/** Requirements that the suite reads otherwise than the RFC says, with what it finds; src/dialects/scim/README.md says why. */
const listed: ReadonlyMap<string, RegExp> = new Map([['RFC7643-2.3.7-L578', /^GET https?:\S+ \(member \$ref\): got status 404/]])

const Entry = z.object({ id: z.string(), level: z.string(), message: z.string().optional() })
const Report = z.object({
  byLevel: z.record(z.string(), z.object({ pass: z.number(), fail: z.number() })),
  failures: z.array(Entry).nullable(),
})

export async function runGoSuite({ baseUrl, token, cache, folder }: Target): Promise<Verdict> {
  const work = join(folder, 'suite')
  mkdirSync(work)
  // Modules are kept writable, so that node_modules can be removed with them in it.
  const flags = [process.env['GOFLAGS'], '-mod=mod', '-modcacherw'].filter(Boolean).join(' ')
  const env = { GOPATH: join(cache, 'go'), GOFLAGS: flags }
  const go = (...args: readonly string[]) => runProgram('go', args, { cwd: work, env })
  const begun = go('mod', 'init', 'conformance')
  if (!begun) return missing('It needs go in the PATH.')
  const fetched = go('get', `${modulePath}@latest`)
  if (fetched?.status !== 0)
    return missing(`The Go proxy does not give ${modulePath}: ${fetched?.stderr.trim().split('\n').at(-1) ?? ''}`)
  const version = go('list', '-m', '-f', '{{.Version}}', modulePath)?.stdout.trim() ?? ''
  const report = join(folder, 'report.txt')
  const options = [`-scim.url=${baseUrl}`, `-scim.token=${token}`, `-scim.force=${forced}`, `-scim.report=${report}`]
  const ran = go('test', `${modulePath}/compliance`, '-count=1', '-v', ...options)
  const output = `${ran?.stdout ?? ''}${ran?.stderr ?? ''}`
  // It writes JSON beside the report that it is asked for.
  const written = join(folder, 'report.json')
  if (!existsSync(written)) {
    const errors = [`The suite wrote no report: ${output.slice(-2_000)}`]
    return { kind: 'ran', version, counts: {}, errors, deviations: [] }
  }
  const { byLevel, failures } = Report.parse(JSON.parse(readFileSync(written, 'utf8')))
  const counted: (readonly [what: string, count: number])[] = levels.flatMap((level) => {
    const { pass, fail } = byLevel[level] ?? { pass: 0, fail: 0 }
    return pass + fail > 0 ? [[`of ${pass + fail} ${level} passed`, pass] as const] : []
  })
  // The report leaves out what was skipped, the output does not.
  const skipped = [...output.matchAll(/\[SKIP\] ([^\s/]+)/g)].map(([, id]) => id)
  if (skipped.length > 0) counted.push([`skipped (${skipped.join(', ')})`, skipped.length])
  const isListed = ({ id, message = '' }: z.output<typeof Entry>) => listed.get(id)?.test(message) ?? false
  const told = ({ id, level, message = '' }: z.output<typeof Entry>) => `${id} (${level}): ${message}`
  return {
    kind: 'ran',
    version,
    counts: Object.fromEntries(counted),
    errors: (failures ?? []).filter((each) => !isListed(each)).map(told),
    deviations: (failures ?? []).filter(isListed).map(told),
  }
}
