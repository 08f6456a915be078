import { spawn } from 'node:child_process'
import type { HandedKey, HandOutcome } from '../sync/keys/hand-out.ts'

const timeoutMs = 60_000
const searched = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Runs a command with the key as one line of JSON on its standard input, and nowhere else: not among its arguments, not in its environment. What it prints
 * is thrown away, since it may be the secret. Exit code 0 acknowledges the key.
 */
export function runCommand({ argv }: { readonly argv: readonly [string, ...string[]] }, key: HandedKey): Promise<HandOutcome> {
  const [file, ...args] = argv
  return new Promise((resolve) => {
    const failed = (reason: string) => resolve({ outcome: 'failed', reason })
    const child = spawn(file, args, {
      env: { PATH: searched },
      stdio: ['pipe', 'ignore', 'ignore'],
      // A group of its own, so that whatever the command started ends with it.
      detached: true,
    })
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      failed(`its command cannot be run (${'code' in error ? String(error.code) : 'unknown error'})`)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve({ outcome: 'acknowledged' })
      else failed(signal ? `its command was ended by ${signal}` : `its command ended with ${code}`)
    })
    // A command that does not read its input closes it; its exit code tells.
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${JSON.stringify(key)}\n`)
  })
}
