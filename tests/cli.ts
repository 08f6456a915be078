import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { runCli } from '../src/cli/run.ts'

const main = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))

/** What JSON.parse answers; a test says what it expects by comparing. */
type Parsed = ReturnType<typeof JSON.parse>

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The JSON document on stdout. */
  readonly json: Parsed
}

/** Runs the real command in a process of its own, with nothing of this process's environment. */
export async function rollcall(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...environment, HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  return {
    code: child.exitCode,
    stdout,
    stderr,
    get json(): Parsed {
      return JSON.parse(stdout)
    },
  }
}

/** Runs a command in this process: the same code, without the price of starting it. */
export async function inProcess(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const code = await runCli(args, environment, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  })
  return {
    code,
    stdout,
    stderr,
    get json(): Parsed {
      return JSON.parse(stdout)
    },
  }
}

export interface Running {
  /** The first line that it printed. */
  readonly ready: Parsed
  /** Asks it to stop; answers its exit code. */
  stop(): Promise<number | null>
  /** Ends it at once, without a word. */
  kill(): Promise<void>
  /** Asks it to read its files again; resolves with what it says on stderr from then on, once that matches. */
  reload(until: RegExp): Promise<string>
}

/** Starts a command that stays up, and waits until it says that it is ready. It is stopped when the test ends. */
export async function start(
  t: TestContext,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...environment, HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const closed = once(child, 'close')
  const stop = async () => {
    child.kill('SIGTERM')
    await closed
    return child.exitCode
  }
  t.after(stop)
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([once(lines, 'line'), closed.then(() => undefined)])
  if (!first) throw new Error(`rollcall ${args.join(' ')} ended before it was ready: ${stderr}`)
  const kill = async () => {
    child.kill('SIGKILL')
    await closed
  }
  const reload = async (until: RegExp) => {
    const from = stderr.length
    child.kill('SIGHUP')
    while (!until.test(stderr.slice(from))) await once(child.stderr, 'data')
    return stderr.slice(from)
  }
  return { ready: JSON.parse(String(first[0])), stop, kill, reload }
}
