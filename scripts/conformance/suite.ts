import { spawnSync } from 'node:child_process'

/** What a suite is run against, and where it may put its things. */
export interface Target {
  readonly baseUrl: string
  readonly token: string
  /** Stays from run to run. */
  readonly cache: string
  /** Gone after the run. */
  readonly folder: string
}

/** What came of it. `deviations` are findings that src/dialects/scim/README.md lists. */
export type Verdict = Missing | Ran

/** What the machine does not have, so that the suite was not run. */
export interface Missing {
  readonly kind: 'missing'
  readonly reason: string
}

interface Ran {
  readonly kind: 'ran'
  /** Of the suite, where the run found out which. */
  readonly version?: string
  readonly counts: Readonly<Record<string, number>>
  readonly errors: readonly string[]
  readonly deviations: readonly string[]
}

export const missing = (reason: string): Missing => ({ kind: 'missing', reason })

/** Runs a program to its end; undefined for one that the machine does not have. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 10 * 60 * 1_000,
  })
  if (error && 'code' in error && error.code === 'ENOENT') return undefined
  return { status, stdout, stderr: error ? error.message : stderr }
}
