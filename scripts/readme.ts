import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyCheckpoint } from '../src/sync/record/checkpoint.ts'
import { verifyLeaverReceipt } from '../src/sync/leaver/receipt.ts'
import { mainFile, projectRoot } from './child.ts'
import { freePort } from './free-port.ts'
import { keepInMemory } from './in-memory.ts'

// npm run readme: follows the README's "Try it with all five vendors" word for word in an empty folder, and ends with 1 when a command of it fails or
// the proof at its end does not hold.

keepInMemory()

const heading = '## Try it with all five vendors'
const vendors = ['bandwidth', 'bird', 'messagebird', 'sinch', 'twilio']

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')
const block = /```bash\n([\s\S]*?)```/.exec(readme.slice(readme.indexOf(heading)))?.[1]
if (!readme.includes(heading) || block === undefined) throw new Error(`README.md has no block of commands under "${heading}"`)

const folder = mkdtempSync(join(tmpdir(), 'rollcall-readme-'))
const started = performance.now()
try {
  const port = String(await freePort())
  // The commands as they stand, but for the port. Of the exit codes, 4 says what the text says: it waits for an approval.
  const script = [
    `trap 'kill $(jobs -p) 2> /dev/null' EXIT`,
    // What stays in the background is the job itself, so that killing the job ends it.
    `rollcall() { case $1 in serve|twin) exec '${process.execPath}' '${mainFile}' "$@";; esac; '${process.execPath}' '${mainFile}' "$@"; local code=$?; case $code in 0|4|143) return $code;; esac; echo "$code: rollcall $*" >> failed; return $code; }`,
    `node() { '${process.execPath}' "$@"; }`,
    block.replaceAll('8080', port).replace('rollcall serve ', `rollcall serve --port ${port} `),
  ].join('\n')
  const run = spawnSync('bash', ['-u', '-c', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 15 * 60_000,
  })
  if (run.error) throw run.error
  if (existsSync(join(folder, 'failed'))) throw new Error(`failed: ${readFileSync(join(folder, 'failed'), 'utf8')}`)
  const receipt = verifyLeaverReceipt(readFileSync(join(folder, 'receipt.json'), 'utf8'))
  if (!receipt.valid) throw new Error(receipt.reason)
  const outcomes = receipt.receipt.connections.map(({ name, outcome }) => `${name} ${outcome}`).toSorted()
  if (outcomes.join() !== vendors.map((name) => `${name} gone`).join())
    throw new Error(`the receipt tells of ${outcomes.join(', ')}`)
  const checkpoint = verifyCheckpoint(readFileSync(join(folder, 'checkpoint.json'), 'utf8'))
  if (!checkpoint.valid) throw new Error(checkpoint.reason)
  process.stdout.write(
    `The README’s path: ${Math.round((performance.now() - started) / 1000)} s, gone at ${outcomes.length} vendors\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
