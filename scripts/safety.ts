import { test } from 'node:test'
import { showBadReads } from '../tests/bad-reads.ts'
import { carryOutRandomPlans } from '../tests/random-plans.ts'
import { tamperOften } from '../tests/tamperings.ts'
import { keepInMemory } from './in-memory.ts'

// npm run safety -- [reads|plans|tamper] [HOW-MANY] [SEED]: what tests/bad-reads.test.ts, tests/random-plans.test.ts and tests/tamperings.test.ts do a few
// times, often: 1,000 bad reads, 10,000 random plans and 10,000 tamperings unless another number is given. Ends with 1 when one of them took away what it
// must not, or was not found.

keepInMemory()

const [which, howMany, given] = process.argv.slice(2)
const seed = given === undefined ? 1 : Number(given)

if (which === undefined || which === 'reads') {
  const count = Number(howMany ?? 1_000)
  test(`${count} bad reads`, (t) => showBadReads(t, count, seed))
}
if (which === undefined || which === 'plans') {
  const count = Number(howMany ?? 10_000)
  test(`${count} random plans`, (t) => carryOutRandomPlans(t, count, seed))
}
if (which === undefined || which === 'tamper') {
  const count = Number(howMany ?? 10_000)
  test(`${count} tamperings`, (t) => tamperOften(t, count, seed))
}
