import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { surveyDialects } from './dialects/survey.ts'

// npm run dialects [-- --check]: writes docs/dialects.md, or only says whether it is current. Fails for a statement without its test, for a test that names
// what nobody declared, and with --check for a document that is stale.

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const root = resolve(import.meta.dirname, '..')
const file = resolve(root, 'docs/dialects.md')
const { document, faults, statements } = surveyDialects(root)

const stale = values.check && readOr(file, '') !== document ? ['docs/dialects.md is stale: npm run dialects'] : []
if (!values.check) writeFileSync(file, document)
for (const fault of [...faults, ...stale]) console.log(fault)
console.log(`${statements} statements, ${faults.length + stale.length} faults`)
process.exitCode = faults.length + stale.length > 0 ? 1 : 0

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
