import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settingRows } from '../src/config/setting-rows.ts'

test('docs/configuration.md tells of every setting what the schema says, and of no other', () => {
  const document = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
  const table = document
    .slice(document.indexOf('## Every setting'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const cell = (text: string) => text.replaceAll('|', '\\|')
  assert.deepEqual(
    table,
    settingRows().map(({ path, takes, default: usual, description }) => {
      assert.notEqual(description, '', path)
      return `| \`${path}\` | ${cell(takes)} | ${usual === undefined ? '' : `\`${usual}\``} | ${cell(description)} |`
    }),
  )
})
