import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('peers', import.meta.url))

/** Installs the packages of the servers that we are measured against, unless they are there: nothing of the product needs them. */
export function installPeers(say: (line: string) => void): void {
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return
  say('npm ci --prefix bench/peers …')
  const installed = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (installed.status !== 0)
    throw new Error(
      `The peers' packages could not be installed: is the npm registry reachable? Without --peers nothing of them is needed.\n${installed.stderr ?? installed.error}`,
    )
}
