import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { onServer, startPostgres } from '../tests/postgres.ts'
import { compare, ratioOf, round } from './compare.ts'
import { measurePairs, pairsTargetMs, type PairsRow } from './measure-pairs.ts'
import { measureRates } from './measure-rates.ts'
import { median } from './median.ts'
import { membersOf } from './people.ts'
import { installPeers } from './peers.ts'
import { printRows } from './print-rows.ts'
import { residentMb } from './resident.ts'
import { startSubject, type Subject } from './subject.ts'
import { ownSubjects, peerSubjects, rollcall, type SubjectKind } from './subjects.ts'

// npm run bench -- --people N[,N] --seconds S --peers --json
// Servers stand side by side, each in a process of its own; every operation is measured in slices that take turns, so that what slows the machine slows all.

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000,100000' },
    seconds: { type: 'string', default: '6' },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const sizes = values.people
  .split(',')
  .map(Number)
  .toSorted((a, b) => a - b)
const seconds = Number(values.seconds)
if (!sizes.every((size) => Number.isInteger(size) && size > 1) || !(seconds > 0))
  throw new Error('--people takes whole numbers above 1, --seconds a number above 0')

const say = (line: string) => process.stderr.write(`${line}\n`)
if (values.peers) installPeers(say)
const kinds = values.peers ? [...ownSubjects, ...peerSubjects] : ownSubjects

const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
const postgres = kinds.some(({ database }) => database === 'postgres') ? await startPostgres({ durable: true }) : undefined
const subjects: Subject[] = []
try {
  // The first start after an installation compiles, and keeps what it compiled when it ends.
  await (await start(rollcall, 2)).child.stop()
  for (const people of sizes)
    for (const kind of kinds) {
      say(`${kind.name}: ${people} people …`)
      subjects.push(await start(kind, people))
    }
  for (const { name, note } of kinds) if (note !== undefined) say(`${name}: ${note}`)
  const rates = await measureRates(subjects, { seconds, say })
  const rows = compare(subjects, rates)
  printRows(rows, say)
  const largest = subjects.findLast(({ kind }) => kind === rollcall)!
  const member = {
    members: membersOf(largest.people).length,
    perSecond: round(median(rates('member', largest))),
    toTen: ratioOf(rates('member', largest), rates('ten', largest)),
  }
  say(`member into a group of ${member.members}: ${member.perSecond}/s, ${member.toTen.toFixed(2)} of the rate in a group of 10`)
  const pairs: PairsRow[] = []
  for (const subject of subjects.filter(({ kind }) => kind.is === 'product')) pairs.push(...(await measurePairs(subject)))
  for (const { pairs: name, people, subject, milliseconds } of pairs)
    say(
      `16 pairs (${name}) at ${people} people, ${subject}: ${milliseconds} ms${people > 10_000 || milliseconds < pairsTargetMs ? '' : `, not below ${pairsTargetMs}`}`,
    )
  const coldStartMs = Math.round(largest.startMs)
  const resident = Math.round(residentMb(largest.child.pid))
  say(`cold start on ${largest.people} people: ${coldStartMs} ms; resident after the run: ${resident} MB`)
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, member, pairs, coldStartMs, residentMb: resident })}\n`)
} finally {
  await Promise.all(subjects.map((subject) => subject.child.stop()))
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function start(kind: SubjectKind, people: number): Promise<Subject> {
  const name = `${kind.name.toLowerCase().replace(/\W+/g, '_')}_${people}`
  const own = join(folder, name)
  mkdirSync(own)
  if (kind.database !== 'postgres' || !postgres) return startSubject(kind, { folder: own, people, database: undefined })
  await onServer(postgres.url, `create database ${name}`)
  return startSubject(kind, {
    folder: own,
    people,
    database: Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href,
  })
}
