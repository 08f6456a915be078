import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A node process that this one started. */
export interface Child {
  readonly pid: number
  /** The first line of its standard output, parsed; rejects when the process ends before it wrote one. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  /** How it ended; resolves, never rejects. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** The last of its standard error. */
  readonly errors: () => string
  kill(signal: NodeJS.Signals): boolean
  /** Asks it to stop, insists after ten seconds, and resolves when it is gone. */
  stop(): Promise<void>
}

export const projectRoot = fileURLToPath(new URL('..', import.meta.url))
export const mainFile = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))

/** Starts `node <args>`. The process sees this environment and nothing else but PATH. */
export function startNode(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<Awaited<Child['ended']>>()
  const { promise: ready, resolve: begin, reject: fail } = Promise.withResolvers<Readonly<Record<string, unknown>>>()
  ready.catch(() => undefined)
  child.once('error', (cause) => fail(cause))
  child.once('close', (code, signal) => {
    end({ code, signal })
    fail(new Error(`node ${args.join(' ')} ended with ${signal ?? code} before it was ready.\n${errors}`))
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      begin(JSON.parse(line) as Readonly<Record<string, unknown>>)
    } catch (cause) {
      fail(new Error(`not a JSON line: ${line.slice(0, 200)}`, { cause }))
    }
  })
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    errors: () => errors,
    kill: (signal) => child.kill(signal),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(insist)
    },
  }
}

/** Runs a command of `rollcall` to its end and parses the one JSON line it prints. Throws with its standard error when it fails. */
export async function runRollcall(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const child = startNode([mainFile, ...args], environment)
  const { code, signal } = await child.ended
  if (code !== 0) throw new Error(`rollcall ${args.join(' ')} ended with ${signal ?? code}.\n${child.errors()}`)
  return child.ready
}
