import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { onServer, startPostgres } from '../tests/postgres.ts'
import { compare } from './compare.ts'
import { startHome, type ServedHome } from './home.ts'
import { importPeople } from './import-people.ts'
import { measureRates } from './measure-rates.ts'
import { printRows } from './print-rows.ts'
import { createRequests } from './requests.ts'
import { cpuSeconds, peakMb, residentMb } from './resident.ts'
import { walkByCursor } from './rollcall-groups.ts'
import type { ScimServer } from './scim-client.ts'
import type { Subject } from './subject.ts'
import { rollcall } from './subjects.ts'

// npm run bench:million -- --people N --at-once N --seconds S --database sqlite|postgres --json
// Imports people through /scim/v2/Bulk, then reads them beside a home of 1,000, in slices that take turns.

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000000' },
    'at-once': { type: 'string', default: '4' },
    seconds: { type: 'string', default: '6' },
    database: { type: 'string', default: 'sqlite' },
    json: { type: 'boolean', default: false },
  },
})
const people = Number(values.people)
const atOnce = Number(values['at-once'])
const seconds = Number(values.seconds)
if (!(Number.isInteger(people) && people > 1) || !(Number.isInteger(atOnce) && atOnce > 0) || !(seconds > 0))
  throw new Error('--people takes a whole number above 1, --at-once one above 0, --seconds a number above 0')

/** Beside how many people the many are read, and what has to be left of that rate. */
const fewPeople = Math.min(1_000, people)
const ownTarget = 0.7
/** What may be in memory, in MB. */
const mostMb = 300

const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'rollcall-million-'))
const postgres = values.database === 'postgres' ? await startPostgres({ durable: true }) : undefined
const homes: ServedHome[] = []
try {
  const few = await open('few', fewPeople)
  const many = await open('many', 0)
  const { pid } = many.child
  const emptyMb = Math.round(residentMb(pid))
  say(`importing ${people} people by Bulk, ${atOnce} requests at once …`)
  const started = performance.now()
  const computed = cpuSeconds(pid)
  let told = 0
  const ids = await importPeople(serverOf(many), {
    people,
    atOnce,
    onProgress: (created) => {
      if (created - told < people / 20) return
      told = created
      const cpuMicroseconds = Math.round(((cpuSeconds(pid) - computed) / created) * 1e6)
      say(
        `${String(created).padStart(8)} people  ${rateSince(started, created)}/s, ${cpuMicroseconds} µs of computing each  ${Math.round(residentMb(pid))} MB`,
      )
    },
  })
  const imported = {
    people,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    cpuSeconds: Math.round((cpuSeconds(pid) - computed) * 10) / 10,
    perSecond: rateSince(started, people),
  }
  const importPeakMb = Math.round(peakMb(pid))
  say(
    `imported in ${imported.seconds} s, ${imported.cpuSeconds} s of them computing: ${imported.perSecond} people/s; at most ${importPeakMb} MB, ${emptyMb} MB when it was empty`,
  )
  if (postgres) for (const name of ['few', 'many']) await onServer(databaseUrl(postgres.url, name), 'vacuum analyze')

  const walkStarted = performance.now()
  const subjects = [await toSubject(few, few.ids), await toSubject(many, ids)]
  say(`walked by cursor in ${Math.round((performance.now() - walkStarted) / 1000)} s: everybody was there once`)
  const rates = await measureRates(subjects, { seconds, say })
  const rows = compare(subjects, rates).map((row) => ({ ...row, target: ownTarget }))
  printRows(rows, say)
  const peak = Math.round(peakMb(pid))
  say(`at most ${peak} MB were in memory${peak < mostMb ? '' : `, not below ${mostMb}`}`)
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ database: values.database, imported, rows, emptyMb, importPeakMb, peakMb: peak })}\n`,
    )
} finally {
  await Promise.all(homes.map(({ child }) => child.stop()))
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function open(name: string, count: number): Promise<ServedHome> {
  if (postgres) await onServer(postgres.url, `create database ${name}`)
  const home = await startHome(folder, { people: count, database: postgres && databaseUrl(postgres.url, name) })
  homes.push(home)
  return home
}

function databaseUrl(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}

function serverOf({ access }: ServedHome): ScimServer {
  return { base: access['scim']?.['baseUrl'] ?? '', token: access['scim']?.['token'] ?? '' }
}

/** The home and what is read of it: nothing is written any more. */
async function toSubject(home: ServedHome, ids: readonly string[]): Promise<Subject> {
  const { child, url, startMs } = home
  const server = serverOf(home)
  const cursors = await walkByCursor(server, ids.length)
  const { get, filter, page, cursor } = createRequests({
    people: ids.length,
    server,
    idOf: (number) => ids[number - 1]!,
    group: '',
    cursors: cursors.slice(Math.floor(cursors.length / 2)),
  })
  return {
    kind: rollcall,
    people: ids.length,
    child,
    port: Number(new URL(url).port),
    server,
    startMs,
    requests: { get, filter, page, cursor },
  }
}

function rateSince(started: number, created: number): number {
  return Math.round(created / ((performance.now() - started) / 1000))
}
