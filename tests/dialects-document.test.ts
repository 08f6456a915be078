import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { cover } from '../scripts/dialects/coverage.ts'
import { parseStatements } from '../scripts/dialects/statements.ts'
import { surveyDialects } from '../scripts/dialects/survey.ts'
import { namedTestsIn, placeOf, type NamedTest } from '../scripts/dialects/tests.ts'

const file = 'src/dialects/toy/statements.md'
const served = (...ids: string[]): NamedTest => ({ file: 'src/dialects/toy/serve.test.ts', ids })
const called = (...ids: string[]): NamedTest => ({ file: 'src/dialects/toy/connect.test.ts', ids })
const shared = (...ids: string[]): NamedTest => ({ file: 'src/dialects/toy/wire.test.ts', ids })

/** What is wrong with a contract of these lines, beside these tests. */
function faultsOf(lines: readonly string[], tests: readonly NamedTest[]): readonly string[] {
  return cover([{ dialect: 'toy', file, statements: parseStatements(lines.join('\n'), file) }], tests).faults
}
const one = (binds: string) => [`- **TOYS-01** ${binds}: It plays.`]

test('every statement has its tests, every test names what is declared, and docs/dialects.md says so', () => {
  const root = resolve(import.meta.dirname, '..')
  const { document, faults, statements } = surveyDialects(root)
  assert.deepEqual(faults, [])
  assert.ok(statements > 0)
  assert.equal(readFileSync(resolve(root, 'docs/dialects.md'), 'utf8'), document, 'stale: npm run dialects')
})

test('a statement needs a test on each side that it binds', () => {
  assert.deepEqual(faultsOf(one('both'), [served('TOYS-01'), called('TOYS-01')]), [])
  assert.deepEqual(faultsOf(one('both'), [shared('TOYS-01')]), [])
  assert.match(faultsOf(one('served'), []).join(), /^TOYS-01 binds the side served, and no test there/)
  assert.match(faultsOf(one('both'), [served('TOYS-01')]).join(), /^TOYS-01 binds the side called/)
  assert.deepEqual(faultsOf(one('neither'), []), [])
})

test('a test stands on no side that its statement does not bind', () => {
  assert.match(
    faultsOf(one('served'), [served('TOYS-01'), called('TOYS-01')]).join(),
    /does not bind the side called.*connect\.test/,
  )
  assert.match(faultsOf(one('neither'), [shared('TOYS-01')]).join(), /binds neither side/)
})

test('a test names nothing that nobody declared', () => {
  assert.match(faultsOf(one('served'), [served('TOYS-01', 'TOYS-02')]).join(), /^TOYS-02 is named by a test in .*serve\.test\.ts/)
})

test('an id is declared once, and a contract has one family of them', () => {
  assert.match(faultsOf([...one('served'), ...one('served')], [served('TOYS-01')]).join(), /TOYS-01 is declared twice/)
  assert.match(faultsOf([...one('neither'), '- **GAME-01** neither: It plays.'], []).join(), /TOYS and GAME/)
})

test('a list item that is no statement is refused with its line, and the heading goes with each statement', () => {
  for (const line of [
    '- TOYS-01 served: x',
    '- **TOYS-01** sometimes: x',
    '- **TOYS-01** served:',
    '  - **TOYS-01** served: x',
    '* x',
  ])
    assert.throws(() => parseStatements(`# Toys\n\n${line}\n`, file), { message: /statements\.md:3: write/ }, line)
  assert.deepEqual(parseStatements('Text.\n\n## Silent\n- **TOYS-Q1** both: Yes: it does.', file), [
    { id: 'TOYS-Q1', binds: 'both', text: 'Yes: it does.', section: 'Silent' },
  ])
})

test('a test proves the statements that its name begins with, unless it is skipped', () => {
  const source = [
    `test('TOYS-01 TOYS-Q02 it plays, as TOYS-09 said', () => {})`,
    `  test(\n    \`TOYS-P03 \${name}: it plays\`, () => {})`,
    `test.skip('TOYS-04 later', () => {})`,
    `test('it plays, see TOYS-05', () => {})`,
  ].join('\n')
  assert.deepEqual(namedTestsIn(source), [['TOYS-01', 'TOYS-Q02'], ['TOYS-P03']])
})

test('where a test stands tells its side', () => {
  const places = {
    'src/dialects/bird/connect-check.test.ts': 'called',
    'src/dialects/bird/create.test.ts': 'served',
    'src/dialects/bird/wire.test.ts': 'either',
    'src/http/server.test.ts': 'served',
    'src/sync/plan.test.ts': 'called',
    'src/wire/call.test.ts': 'either',
    'tests/main-job.test.ts': 'either',
  }
  for (const [path, place] of Object.entries(places)) assert.equal(placeOf(path), place, path)
})
