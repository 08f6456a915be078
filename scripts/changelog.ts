// Puts the fragments of changelog.d/ (`<what>.<added|changed|fixed|removed>.md`) under a new heading of CHANGELOG.md and removes them: npm run changelog -- 0.2.0
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [version] = process.argv.slice(2)
const folder = 'changelog.d'
const kinds = ['added', 'changed', 'fixed', 'removed'] as const
const names = readdirSync(folder).filter((name) => name.endsWith('.md'))
const unknown = names.find((name) => !kinds.some((kind) => name.endsWith(`.${kind}.md`)))
if (!version || !/^\d+\.\d+\.\d+$/.test(version)) fail('Name the version: npm run changelog -- 0.2.0')
if (unknown) fail(`${folder}/${unknown}: the name must end in one of ${kinds.map((kind) => `.${kind}.md`).join(', ')}`)
if (names.length === 0) fail(`${folder} is empty: nothing to release.`)

const section = kinds
  .map((kind) => ({
    kind,
    lines: names
      .filter((name) => name.endsWith(`.${kind}.md`))
      .map((name) => `- ${readFileSync(join(folder, name), 'utf8').trim()}`),
  }))
  .filter(({ lines }) => lines.length > 0)
  .map(({ kind, lines }) => `### ${kind[0]!.toUpperCase()}${kind.slice(1)}\n${lines.join('\n')}\n`)
  .join('\n')
const [head, ...rest] = readFileSync('CHANGELOG.md', 'utf8').split(/(?=^## )/m)
writeFileSync('CHANGELOG.md', [head, `## ${version}\n\n${section}\n`, ...rest].join(''))
for (const name of names) rmSync(join(folder, name))

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
