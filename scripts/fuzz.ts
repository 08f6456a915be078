import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { dialects } from '../src/dialects/index.ts'
import { mainFile, startNode, type Child } from './child.ts'
import { createCases } from './fuzz/cases.ts'
import { createCoverage } from './fuzz/coverage.ts'
import { createDice } from './fuzz/dice.ts'
import { collectionOf, gatherIds, idsIn } from './fuzz/ids.ts'
import { isHeldBack, leaksIn, shapeFault } from './fuzz/judge.ts'
import { exchange } from './fuzz/raw-http.ts'
import { keysOf, soundBodies } from './fuzz/keys.ts'
import {
  addWebhook,
  beRefused,
  canariesOf,
  connectToItself,
  describeSettled,
  describeTenant,
  openUp,
  prepareWorld,
  type Tenant,
} from './fuzz/world.ts'

// npm run fuzz -- --cases N --seed N --json
// Made-up requests, most of them hostile, to every operation of a running hub. None may fail on our side, end the process, tell anything of another
// organization or change it, and every refusal has the shape of its dialect. 501 is a refusal (RFC 7644 §3.4.2), and so is 503 for a connection that was put into quarantine; every other 5xx is a fault. Every
// operation is asked for as it should be first; a run that leaves one unreached has failed.

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const cases = Number(values.cases)
const seed = Number(values.seed)
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) throw new Error('--cases and --seed take whole numbers')

const Ready = z.object({ url: z.string() })
/** How many failures of a kind are told. */
const toldOfEach = 5

const folder = mkdtempSync(join(tmpdir(), 'rollcall-fuzz-'))
const counts = { cases: 0, serverErrors: 0, leaks: 0, crashes: 0, shapeErrors: 0, silent: 0 }
const statuses = new Map<string, number>()
const coverage = createCoverage(dialects)
let hub: Child | undefined
try {
  const world = await prepareWorld(folder)
  const canaries = canariesOf(world.other)
  const nextCase = createCases(dialects, createDice(seed))
  let port = await startHub()
  const url = `http://127.0.0.1:${port}`
  const learn = async (tenant: Tenant) => {
    await connectToItself(url, tenant, { name: 'itself' })
    await addWebhook(url, tenant)
    const keys = await keysOf(url, dialects, tenant)
    await beRefused(url, tenant)
    return { keys, ids: await gatherIds(url, dialects, { tenant, keys }) }
  }
  const { keys, ids: own } = await learn(world.caller)
  const bodies = soundBodies(url, world.caller)
  const { ids: foreign } = await learn(world.other)
  const persons = new Set([...foreign].flatMap(([collection, ids]) => (collection.startsWith('bird ') ? ids : [])))
  const before = await describeSettled(folder, world.other)
  for (let number = 1; number <= cases; number++) {
    // People and keys come and go: who is named should mostly be there.
    if (number % 2_000 === 0)
      for (const [collection, ids] of await gatherIds(`http://127.0.0.1:${port}`, dialects, { tenant: world.caller, keys }))
        own.set(collection, ids)
    const made = nextCase({ keys, bodies, own, foreign, persons })
    counts.cases++
    const outcome = await exchange(port, made.request, { timeoutMs: 30_000, hangUpMs: made.broken ? 100 : undefined })
    const tell = (kind: 'serverErrors' | 'leaks' | 'crashes' | 'shapeErrors' | 'silent', detail: string) => {
      if (++counts[kind] <= toldOfEach)
        say(`${kind}: case ${number}: ${made.title}\n  ${detail}\n  ${made.request.toString('latin1').slice(0, 1500)}\n`)
    }
    if (outcome === 'silent') tell('silent', 'no answer within 30 s')
    const ended = hub && (await Promise.race([hub.ended, Promise.resolve(undefined)]))
    if (ended) {
      tell('crashes', `the hub ended with ${ended.signal ?? ended.code}: ${hub?.errors().slice(-1000)}`)
      port = await startHub()
    }
    if (typeof outcome === 'string') {
      count(outcome)
      // A server may hang up on more than it takes, and on what is no HTTP.
      if (outcome === 'closed' && !made.broken && made.request.length <= 1024 * 1024) tell('silent', 'closed without an answer')
      continue
    }
    count(String(outcome.status))
    coverage.note(made, outcome.status)
    if (outcome.status >= 500 && outcome.status !== 501 && !isHeldBack(outcome))
      tell('serverErrors', `${outcome.status} ${outcome.body.slice(0, 300)}`)
    const leaks = leaksIn(outcome, { request: decodeLoosely(made.request.toString('utf8')), canaries })
    if (leaks.length > 0) tell('leaks', `${leaks.join(', ')} in ${outcome.status} ${outcome.body.slice(0, 300)}`)
    const fault = shapeFault(outcome, made)
    if (fault !== undefined) tell('shapeErrors', fault)
    if (made.operation.name === 'changeOrganization' && outcome.status === 200)
      await openUp(`http://127.0.0.1:${port}`, world.caller)
    if (made.operation.name === 'deleteConnection' && outcome.status === 204)
      for (const [collection, ids] of await connectToItself(`http://127.0.0.1:${port}`, world.caller, {
        name: `itself ${number}`,
      }))
        own.set(collection, [...(own.get(collection) ?? []), ...ids].slice(-100))
    // What was made can be asked for again.
    if (outcome.status === 201 && made.dialect) {
      const collection = collectionOf(made.dialect, made.operation.path)
      const suffix = made.operation.path.endsWith('.json') ? '.json' : ''
      const ids = idsIn(parseOrNone(outcome.body)).map((id) => id + suffix)
      own.set(collection, [...(own.get(collection) ?? []), ...ids].slice(-100))
    }
  }
  await hub?.stop()
  if ((await describeTenant(folder, world.other)) !== before) {
    counts.leaks++
    say('leaks: something of the other organization was changed')
  }
} finally {
  await hub?.stop()
  rmSync(folder, { recursive: true, force: true })
}
say(
  `answers: ${[...statuses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, number]) => `${status} × ${number}`)
    .join(', ')}`,
)
const { operations, reached, succeeded, unreached, neverTaken } = coverage.report()
if (unreached.length > 0) say(`unreached: ${unreached.join(', ')}`)
if (neverTaken.length > 0) say(`reached and never taken: ${neverTaken.join(', ')}`)
const result = { ...counts, operations, reached, succeeded }
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${Object.entries(result)
        .map(([name, number]) => `${name} ${number}`)
        .join(', ')}\n`,
)
const faults = counts.serverErrors + counts.leaks + counts.crashes + counts.shapeErrors + counts.silent
process.exitCode = faults > 0 || unreached.length > 0 ? 1 : 0

async function startHub(): Promise<number> {
  hub = startNode([mainFile, 'serve', '--home', folder, '--port', '0', '--json'])
  return Number(new URL(Ready.parse(await hub.ready).url).port)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function count(status: string): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}

/** With what is percent-encoded spelled out as well, wherever that can be read. */
function decodeLoosely(text: string): string {
  return `${text}\n${text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))}`
}

function parseOrNone(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
