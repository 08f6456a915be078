import assert from 'node:assert/strict'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { hashFact } from '../src/directory/fact.ts'
import { toFact } from '../src/store/facts.ts'
import type { FactRow } from '../src/store/schema.ts'
import { signCheckpoint } from '../src/sync/record/checkpoint.ts'
import { seededRandom } from '../src/twin/random.ts'
import { createTestSigner, openSyncWorld, type SyncWorld } from './sync.ts'

type Row = Record<string, SQLOutputValue>
const tables = {
  facts: {
    key: 'sequence',
    record: 'fact',
    columns: ['at', 'actor', 'via', 'request_id', 'action', 'subject', 'detail', 'previous_hash', 'hash'],
  },
  checkpoints: { key: 'number', record: 'checkpoint', columns: ['sequence', 'content'] },
  receipts: { key: 'id', record: 'receipt', columns: ['subject', 'content'] },
  leaver_receipts: { key: 'id', record: 'receipt', columns: ['offboarding_id', 'content'] },
} as const
type Table = keyof typeof tables

/** The stored record as it is, and a way around the store to change it and to put it back. */
interface Bench {
  readonly world: SyncWorld
  readonly below: (under: number) => number
  readonly rows: (table: Table | 'chain_heads') => readonly Row[]
  readonly put: (table: Table | 'chain_heads', rows: readonly Row[]) => void
}

/** What was done, and which row must be named for it: any of them. */
interface Tampering {
  readonly what: string
  readonly record: 'fact' | 'checkpoint' | 'receipt'
  readonly rows: readonly string[]
}

/**
 * Changes, deletes, inserts, reorders and cuts off facts, checkpoints and receipts in the database so many times, each time in one way, and lets the record be
 * verified: each is found, and the first bad row named.
 */
export async function tamperOften(t: TestContext, times: number, seed = 1): Promise<void> {
  const random = seededRandom(seed)
  const world = await openSyncWorld(t)
  await fill(world)
  const file = new DatabaseSync(world.file)
  file.exec('pragma synchronous = off')
  t.after(() => file.close())
  const all = new Map<string, readonly Row[]>()
  for (const table of [...Object.keys(tables), 'chain_heads']) all.set(table, file.prepare(`select * from ${table}`).all())
  const touched = new Set<Table | 'chain_heads'>()
  const bench: Bench = {
    world,
    below: (under) => Math.floor(random() * under),
    rows: (table) => all.get(table) ?? [],
    put: (table, rows) => {
      const names = Object.keys(all.get(table)?.[0] ?? {})
      const insert = file.prepare(`insert into ${table} (${names.join()}) values (${names.map(() => '?').join()})`)
      file.exec(`begin immediate; delete from ${table}`)
      for (const row of rows) insert.run(...names.map((name) => row[name] ?? null))
      file.exec('commit')
      touched.add(table)
    },
  }
  const whole = await verify(bench)
  assert.ok(whole.intact)
  t.diagnostic(`${whole.head.sequence} facts, ${whole.checkpoints} checkpoints, ${whole.receipts} receipts`)
  assert.ok(whole.checkpoints > 3 && whole.receipts > 3)
  const done = new Map<string, number>()
  for (let count = 0; count < times; count++) {
    const way = ways[count % ways.length]!
    const tampering = way(bench)
    const verdict = await verify(bench)
    const told = `seed ${seed}, tampering ${count}: ${tampering.what}`
    assert.ok(!verdict.intact, `${told} was not found`)
    assert.equal(verdict.record, tampering.record, `${told}: ${verdict.record} ${verdict.row}: ${verdict.reason}`)
    assert.ok(tampering.rows.includes(verdict.row), `${told}: ${verdict.record} ${verdict.row}: ${verdict.reason}`)
    for (const table of touched) bench.put(table, bench.rows(table))
    touched.clear()
    const kind = tampering.what.replace(/ [0-9a-f]*(forged)?-?[0-9]+.*$/, '')
    done.set(kind, (done.get(kind) ?? 0) + 1)
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(done)))
  assert.ok((await verify(bench)).intact, 'it was put back')
}

/** Statements of one turn read from one transaction: what was put in the turn is seen in the next. */
async function verify({ world }: Bench) {
  await setImmediate()
  return world.engine.verifyRecord(world.by('audit', 'auditor'))
}

/** People come and go, and it is signed now and then where the facts stand; the last facts come after the last checkpoint. */
async function fill(world: SyncWorld): Promise<void> {
  await world.connect({ policy: { removalLimit: { accounts: 100, percent: 100 } } })
  for (let round = 0; round < 4; round++) {
    const joined = await Promise.all(['a', 'b', 'c'].map((name) => world.join(`${name}${round}`)))
    await world.settle()
    for (const { id } of joined.slice(0, 2)) await world.leave(id)
    await world.pass(6)
    for (const { id, digest } of await world.engine.listPlans(world.by('boss', 'approver'), { state: 'open', limit: 10 }))
      await world.engine.approvePlan(world.by('boss', 'approver'), { id, digest, reason: 'left' })
    await world.pass(6)
    if (round < 3) await world.engine.takeCheckpoint(world.by('record', 'auditor'))
    if (round === 1) await world.pass(2)
    await world.join(`d${round}`)
    await world.engine.takeCheckpoint(world.by('record', 'auditor'))
  }
  await world.join('last')
  await world.settle()
}

const text = (value: SQLOutputValue | undefined): string => String(value)
const sequenceOf = (row: Row | undefined): number => Number(row?.['sequence'])
const keyOf = (table: Table, row: Row | undefined): string => text(row?.[tables[table].key])

/** Another value of the same kind. */
function other(value: SQLOutputValue | undefined, below: Bench['below']): SQLOutputValue {
  if (typeof value === 'number') return value + 1 + below(3)
  const given = text(value)
  const at = below(given.length)
  return given.slice(0, at) + String.fromCharCode(given.charCodeAt(at) ^ (1 << below(5))) + given.slice(at + 1)
}

/** Whether two rows are read as different things: JSON may be spelled in more than one way. */
function differ(table: Table, one: Row, another: Row): boolean {
  const canonical = (row: Row) => {
    try {
      return JSON.stringify(
        Object.values(row).map((value) =>
          typeof value === 'string' && value.startsWith('{') && table !== 'checkpoints' ? JSON.parse(value) : value,
        ),
      )
    } catch {
      return 'unreadable'
    }
  }
  return canonical(one) !== canonical(another)
}

const change =
  (table: Table) =>
  ({ below, rows, put }: Bench): Tampering => {
    const all = rows(table)
    const { columns, record } = tables[table]
    for (;;) {
      const at = below(all.length)
      const row = all[at]!
      const column = columns[below(columns.length)]!
      const changed = { ...row, [column]: other(row[column], below) }
      if (!differ(table, row, changed)) continue
      put(table, all.with(at, changed))
      return { what: `change ${table} ${keyOf(table, row)} ${column}`, record, rows: [keyOf(table, row)] }
    }
  }

const remove =
  (table: Table) =>
  ({ below, rows, put }: Bench): Tampering => {
    const all = rows(table)
    const at = below(all.length)
    put(table, all.toSpliced(at, 1))
    return { what: `delete ${table} ${keyOf(table, all[at])}`, record: tables[table].record, rows: [keyOf(table, all[at])] }
  }

/** Two rows change places, and keep the keys of those places. */
const reorder =
  (table: Table) =>
  ({ below, rows, put }: Bench): Tampering => {
    const all = rows(table)
    const one = below(all.length - 1)
    const two = one + 1 + below(all.length - one - 1)
    const { key, record } = tables[table]
    const [first, second] = [all[one]!, all[two]!]
    put(table, all.with(one, { ...second, [key]: first[key]! }).with(two, { ...first, [key]: second[key]! }))
    const bad = [keyOf(table, first), ...(record === 'receipt' ? [keyOf(table, second)] : [])]
    return { what: `reorder ${table} ${keyOf(table, first)} and ${keyOf(table, second)}`, record, rows: bad }
  }

/** A copy of a fact where another one stood, with all later ones moved up. */
function insertFact({ below, rows, put }: Bench): Tampering {
  const all = rows('facts')
  const at = below(all.length)
  const sequence = sequenceOf(all[at])
  const copy = { ...all[(at + 1 + below(all.length - 1)) % all.length]!, sequence }
  put('facts', [...all.slice(0, at), copy, ...all.slice(at).map((row) => ({ ...row, sequence: sequenceOf(row) + 1 }))])
  return { what: `insert facts ${sequence}`, record: 'fact', rows: [String(sequence)] }
}

/** A fact that follows from the last one, with the head left where it was. */
function appendFact({ rows, put }: Bench): Tampering {
  const all = rows('facts')
  const last = all.at(-1)!
  put('facts', [...all, forged(last, { ...last, sequence: sequenceOf(last) + 1, actor: 'forger' })])
  return { what: `append facts ${sequenceOf(last) + 1}`, record: 'fact', rows: [String(sequenceOf(last) + 1)] }
}

/** A checkpoint that was signed by somebody, or a copy of a true one, after the last. */
function insertCheckpoint({ below, rows, put, world }: Bench): Tampering {
  const all = rows('checkpoints')
  const last = all.at(-1)!
  const number = Number(last['number']) + 1
  const head = sequenceOf(rows('facts').at(-1))
  const chain = { sequence: head, hash: text(rows('facts').at(-1)?.['hash']) }
  const organization = { id: world.organizationId }
  const content =
    below(2) === 0
      ? text(all[below(all.length)]?.['content'])
      : signCheckpoint({ kind: 'checkpoint', version: 1, organization, number, chain, former: null, at: '' }, createTestSigner())
  put('checkpoints', [...all, { ...last, number, sequence: head, content }])
  return { what: `insert checkpoints ${number}`, record: 'checkpoint', rows: [String(number)] }
}

/** A receipt under another id. */
const insertReceipt =
  (table: 'receipts' | 'leaver_receipts') =>
  ({ below, rows, put }: Bench): Tampering => {
    const all = rows(table)
    const id = `${'0123456789abcdef'[below(16)]}forged-${below(1_000)}`
    put(table, [...all, { ...all[below(all.length)]!, id }])
    return { what: `insert ${table} ${id}`, record: 'receipt', rows: [id] }
  }

/** The last facts are gone, and the head still tells of them. */
function cutFacts({ below, rows, put }: Bench): Tampering {
  const all = rows('facts')
  const kept = below(all.length)
  put('facts', all.slice(0, kept))
  return { what: `cut facts ${kept}`, record: 'fact', rows: [String(kept + 1)] }
}

/** The last facts are gone and the head is put where they end: what was signed tells. */
function cutFactsWithHead({ below, rows, put }: Bench): Tampering {
  const all = rows('facts')
  const signed = sequenceOf(rows('checkpoints').at(-1))
  const kept = 1 + below(signed)
  put('facts', all.slice(0, kept))
  moveHead({ rows, put }, all[kept - 1]!)
  return { what: `cut facts with their head ${kept}`, record: 'fact', rows: [String(kept + 1)] }
}

const cut =
  (table: 'checkpoints' | 'receipts' | 'leaver_receipts') =>
  ({ below, rows, put }: Bench): Tampering => {
    const all = rows(table)
    const kept = below(all.length)
    put(table, all.slice(0, kept))
    const gone = all.slice(kept).map((row) => keyOf(table, row))
    // Receipts are told of in the order in which they were issued, which is that of their ids.
    return { what: `cut ${table} ${kept}`, record: tables[table].record, rows: gone.slice(0, 1) }
  }

/** A fact is changed and all hashes after it are made anew, up to the head: each follows from the one before it. The next checkpoint tells. */
function rewrite({ below, rows, put }: Bench): Tampering {
  const all = rows('facts')
  const ends = rows('checkpoints').map(sequenceOf)
  const chosen = all.filter(
    (row) => sequenceOf(row) <= ends.at(-1)! && row['action'] !== 'receipt.issued' && row['action'] !== 'checkpoint.signed',
  )
  const at = sequenceOf(chosen[below(chosen.length)]) - 1
  const anew = [...all]
  for (let index = at; index < all.length; index++) {
    const row = index === at ? { ...all[index]!, actor: 'somebody else' } : all[index]!
    anew[index] = forged(anew[index - 1], row)
  }
  put('facts', anew)
  moveHead({ rows, put }, anew.at(-1)!)
  return { what: `rewrite facts ${at + 1}`, record: 'fact', rows: [String(ends.find((end) => end > at))] }
}

/** The row as it would have to be to follow from another. */
function forged(before: Row | undefined, row: Row): Row {
  const fact = toFact({ ...row, previous_hash: before ? text(before['hash']) : '0'.repeat(64) } as unknown as FactRow)
  const { hash: _, ...rest } = fact
  return { ...row, previous_hash: fact.previousHash, hash: hashFact(rest) }
}

function moveHead({ rows, put }: Pick<Bench, 'rows' | 'put'>, { sequence, hash }: Row): void {
  put(
    'chain_heads',
    rows('chain_heads').map((row) => ({ ...row, sequence: sequence!, hash: hash! })),
  )
}

const ways: readonly ((bench: Bench) => Tampering)[] = [
  change('facts'),
  change('checkpoints'),
  change('receipts'),
  change('leaver_receipts'),
  remove('facts'),
  remove('checkpoints'),
  remove('receipts'),
  remove('leaver_receipts'),
  insertFact,
  appendFact,
  insertCheckpoint,
  insertReceipt('receipts'),
  insertReceipt('leaver_receipts'),
  reorder('facts'),
  reorder('checkpoints'),
  reorder('receipts'),
  reorder('leaver_receipts'),
  cutFacts,
  cutFactsWithHead,
  cut('checkpoints'),
  cut('receipts'),
  cut('leaver_receipts'),
  rewrite,
]
