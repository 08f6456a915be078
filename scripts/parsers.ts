import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import * as fc from 'fast-check'
import { DirectoryError } from '../src/directory/errors.ts'
import { FilterSyntaxError } from '../src/dialects/scim/filter/lexer.ts'
import { parseFilter } from '../src/dialects/scim/filter/parse.ts'
import { printFilter } from '../src/dialects/scim/filter/print.ts'
import { applyPatch } from '../src/dialects/scim/patch.ts'
import { readPatch } from '../src/dialects/scim/patch-steps.ts'
import { parsePath, printPath } from '../src/dialects/scim/path.ts'
import { indexType, userType } from '../src/dialects/scim/schema/resource-type.ts'
import { filters, filterTexts, longPatches, longTexts, longTextLength, paths, patchOperations } from '../tests/scim-inputs.ts'

// npm run parsers -- --cases N --seed N --json
// N filters and N bodies of PATCH, made up: what is printed and parsed is the same again, what is refused is refused by an error of ours, and no
// text of up to 10,000 characters takes 5 ms. Ends with 1, and the smallest input that shows it, where one does not hold.

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const cases = Number(values.cases)
const seed = Number(values.seed)
if (!Number.isInteger(cases) || cases < 10 || !Number.isInteger(seed)) throw new Error('--cases and --seed take whole numbers')

const longestMs = 5
/** A pause of the collector, or of the machine, is not the parser's: what was slow must be slow each time. */
const attempts = 5
let slowestMs = 0

const users = indexType(userType)
const person = {
  userName: 'ada',
  name: { givenName: 'Ada' },
  emails: [
    { value: 'a@work.example', type: 'work', primary: true },
    { value: 'a@home.example', type: 'home' },
  ],
}

const properties: readonly (readonly [name: string, share: number, property: fc.IRawProperty<unknown>])[] = [
  [
    'filters, printed and parsed',
    0.6,
    fc.property(filters, (filter) => assert.deepEqual(parseFilter(printFilter(filter)), filter)),
  ],
  ['filters, any text', 0.39, fc.property(filterTexts, (text) => within(() => parseFilter(text)))],
  [`filters of ${longTextLength} characters`, 0.01, fc.property(longTexts, (text) => within(() => parseFilter(text)))],
  ['paths, printed and parsed', 0.2, fc.property(paths, (path) => assert.deepEqual(parsePath(printPath(path)), path))],
  [`paths of ${longTextLength} characters`, 0.01, fc.property(longTexts, (text) => within(() => parsePath(text)))],
  [
    `PATCH bodies of ${longTextLength} characters`,
    0.01,
    fc.property(longPatches, (Operations) => within(() => patch(Operations))),
  ],
  ['PATCH bodies', 0.78, fc.property(patchOperations, (Operations) => within(() => patch(Operations)))],
]

const counts: Record<string, number> = {}
for (const [name, share, property] of properties) {
  const numRuns = Math.ceil(cases * share)
  await fc.assert(property, { numRuns, seed })
  counts[name] = numRuns
  if (!values.json) console.log(`${numRuns} ${name}`)
}
const total = { ...counts, crashes: 0, slowestMs: Number(slowestMs.toFixed(3)) }
console.log(values.json ? JSON.stringify(total) : `nothing failed; the slowest text took ${total.slowestMs} ms`)

function patch(Operations: readonly object[]): unknown {
  return applyPatch(person, readPatch({ Operations }, users), { type: users, missing: 'refuse' })
}

/** Does it, or is refused by an error of ours, soon enough. */
function within(parse: () => unknown): void {
  let least = Infinity
  for (let attempt = 0; attempt < attempts && least >= longestMs; attempt++) {
    const started = performance.now()
    try {
      parse()
    } catch (error) {
      if (!(error instanceof FilterSyntaxError || error instanceof DirectoryError)) throw error
    }
    least = Math.min(least, performance.now() - started)
  }
  slowestMs = Math.max(slowestMs, least)
  assert.ok(least < longestMs, `took ${least.toFixed(1)} ms`)
}
