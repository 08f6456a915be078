import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { installPython } from './python.ts'
import { runProgram, type Target, type Verdict } from './suite.ts'

/** https://pypi.org/project/scim2-tester/ in a virtual environment of its own. */
const version = 'scim2-tester[httpx2]==0.5.2'
const runner = fileURLToPath(new URL('scim2_tester_run.py', import.meta.url))

const Report = z.object({
  counts: z.record(z.string(), z.number()),
  errors: z.array(z.object({ title: z.string(), reason: z.string(), attribute: z.string() })),
})

/**
 * Findings that are the suite's own: it compares text with the decoded value of a date or of bytes, asks for what is shown on request without asking for it, and wants
 * an attribute gone that it wants always there.
 */
const listed = new Set(['dateTimeAttr', 'binaryAttr', 'requestOnlyAttr', 'alwaysReturnedAttr'])

export const runScim2Tester =
  (types: readonly string[]) =>
  async ({ baseUrl, token, cache }: Target): Promise<Verdict> => {
    const installed = installPython(cache, { name: 'python', requirement: version })
    if ('kind' in installed) return installed
    const ran = runProgram(join(installed.bin, 'python'), [runner, baseUrl, ...types], { env: { SCIM_TOKEN: token } })
    if (ran?.status !== 0) throw new Error(`scim2-tester ended with ${ran?.status}.\n${ran?.stderr.slice(-2_000)}`)
    const { counts, errors } = Report.parse(JSON.parse(ran.stdout))
    const isListed = ({ attribute }: { readonly attribute: string }) => types.includes('TestResource') && listed.has(attribute)
    const told = ({ title, reason }: { readonly title: string; readonly reason: string }) =>
      `${title}: ${reason.replaceAll('\n', ' ')}`
    return {
      kind: 'ran',
      counts,
      errors: errors.filter((each) => !isListed(each)).map(told),
      deviations: errors.filter(isListed).map(told),
    }
  }
