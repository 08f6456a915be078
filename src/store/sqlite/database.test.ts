import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../../tests/folder.ts'
import type { Credential } from '../../directory/credential.ts'
import { ConfigError, DirectoryError } from '../../directory/errors.ts'
import { groupsOfMembers } from '../groups.ts'
import { migrationStatus, openStore, type OpenStore } from '../open.ts'
import { sqliteDialect } from '../sql-dialect.ts'
import { bind, prepare } from '../statement.ts'
import { createGroupCommit } from '../group-commit.ts'
import { createDriver } from './connection.ts'
import { createBegin } from './transaction.ts'

const sealer = { seal: (text: string) => text, open: (text: string) => text }
const at = new Date('2026-03-01T00:00:00.000Z')
const unavailable = (error: unknown) => error instanceof DirectoryError && error.refusal === 'unavailable'

async function open(t: TestContext): Promise<{ readonly opened: OpenStore; readonly file: string; readonly folder: string }> {
  const folder = temporaryFolder(t)
  const file = join(folder, 'rollcall.db')
  const opened = await openStore({ database: file, sealer })
  t.after(() => opened.close())
  return { opened, file, folder }
}

const putPerson = ({ store }: OpenStore, id: string) => store.write('o', (tx) => tx.putPerson({ id, createdAt: at }))

test('the file and what stands beside it are readable by their owner alone', async (t) => {
  const { opened, folder } = await open(t)
  await putPerson(opened, 'a')
  const files = readdirSync(folder)
  assert.ok(files.length > 1)
  for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
})

test('a file that is no database, and a place where none can be, are refused with a sentence that says so', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'These are notes, long enough to be looked at. '.repeat(100))
  for (const database of [file, join(folder, 'missing', 'rollcall.db'), ':memory:', ''])
    await assert.rejects(openStore({ database, sealer }), ConfigError)
})

test('asking for the migrations of a file that is not there does not make it', async (t) => {
  const file = join(temporaryFolder(t), 'rollcall.db')
  assert.equal((await migrationStatus(file)).current, 0)
  assert.ok(!existsSync(file))
})

test('the groups of people are found by person, not among the members of all groups', async (t) => {
  const { file } = await open(t)
  const db = new DatabaseSync(file)
  t.after(() => db.close())
  const prepared = prepare(sqliteDialect(), groupsOfMembers.build, undefined)
  const values = bind(prepared, { organization_id: 'o', membership_ids: '["a","b"]' })
  const plan = JSON.stringify(db.prepare(`explain query plan ${prepared.text}`).all(...values))
  assert.match(plan, /group_members_by_membership_id \(organization_id=\? AND membership_id=\?\)/)
})

test('works that wait at the same time share a commit', async (t) => {
  const { opened, file } = await open(t)
  const log = `${file}-wal`
  const before = statSync(log).size
  await Promise.all(Array.from({ length: 100 }, (_, index) => putPerson(opened, `p${index}`)))
  const together = statSync(log).size - before
  for (let index = 0; index < 10; index++) await putPerson(opened, `q${index}`)
  assert.ok(statSync(log).size - before - together > together)
})

test('while another process holds the file the writer waits, and readers do not', async (t) => {
  const { opened, file } = await open(t)
  await opened.store.write('o', (tx) =>
    tx.putOrganization({ id: 'o', name: 'O', plan: 'free', sso: 'none', emailDomains: [], createdAt: at, updatedAt: at }),
  )
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const order: string[] = []
  const written = putPerson(opened, 'a').then(() => order.push('written'))
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await opened.store.read((reader) => reader.organization('o')))?.name, 'O')
  }
  order.push('read')
  other.exec('rollback')
  other.close()
  await written
  assert.deepEqual(order, ['read', 'written'])
})

test('a writer that waited too long for another process refuses as unavailable, and writes again later', async (t) => {
  const file = join(temporaryFolder(t), 'x.db')
  const db = new DatabaseSync(file)
  db.exec('pragma journal_mode = wal; create table t (a text); pragma busy_timeout = 0')
  const queue = createGroupCommit(createBegin(db, { driver: createDriver(db), busyTimeoutMs: 20 }))
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  await assert.rejects(
    queue.run('', async () => db.exec(`insert into t values ('lost')`)),
    unavailable,
  )
  other.exec('rollback')
  other.close()
  await queue.run('', async () => db.exec(`insert into t values ('kept')`))
  assert.deepEqual(db.prepare('select count(*) as n from t').get()?.['n'], 1)
  await queue.close()
  db.close()
})

test('when the disk is full every work of the commit so far is refused as unavailable, and nothing of it remains; who comes behind begins anew', async (t) => {
  const db = new DatabaseSync(join(temporaryFolder(t), 'x.db'))
  db.exec('pragma journal_mode = wal; create table t (a text); pragma max_page_count = 20')
  const queue = createGroupCommit(createBegin(db, { driver: createDriver(db), busyTimeoutMs: 20 }))
  const insert = (size: number) => queue.run('', async () => void db.prepare('insert into t values (?)').run('x'.repeat(size)))
  const settled = await Promise.allSettled([insert(10), insert(1_000_000), insert(10)])
  for (const one of settled.slice(0, 2)) {
    assert.ok(one.status === 'rejected' && unavailable(one.reason))
    assert.match(String(one.reason.cause), /full/)
  }
  assert.equal(settled[2]?.status, 'fulfilled')
  assert.equal(db.prepare('select count(*) as n from t').get()?.['n'], 1)
  await queue.close()
  db.close()
})

test('a backup that is made while others write is one committed state, whole and private', async (t) => {
  const { opened, folder } = await open(t)
  const write = (index: number) =>
    opened.store.write('o', async (tx) => {
      await tx.putPerson({ id: `a${index}`, createdAt: at })
      await tx.putPerson({ id: `b${index}`, createdAt: at })
    })
  for (let index = 0; index < 50; index++) await write(index)
  const target = join(folder, 'copy.db')
  await Promise.all([opened.backup(target), ...Array.from({ length: 50 }, (_, index) => write(100 + index))])
  assert.equal(statSync(target).mode & 0o777, 0o600)
  const copy = await openStore({ database: target, sealer })
  await copy.check()
  await copy.close()
  const db = new DatabaseSync(target)
  const counts = db
    .prepare(`select count(*) filter (where id like 'a%') as a, count(*) filter (where id like 'b%') as b from persons`)
    .get()
  assert.ok(Number(counts?.['a']) >= 50)
  assert.equal(counts?.['a'], counts?.['b'])
  assert.equal(db.prepare('pragma integrity_check').get()?.['integrity_check'], 'ok')
  db.close()
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.partial')),
    [],
  )
})

test('a backup that cannot be written says so', async (t) => {
  const { opened, folder } = await open(t)
  await assert.rejects(opened.backup(join(folder, 'missing', 'copy.db')), ConfigError)
})

test('what this process committed is seen at once, what another one committed from the next turn of the event loop on', async (t) => {
  const { opened, file } = await open(t)
  const organization = { id: 'o', name: 'O', plan: 'free', sso: 'none', emailDomains: [], createdAt: at, updatedAt: at } as const
  const name = async () => (await opened.store.read((reader) => reader.organization('o')))?.name
  await opened.store.write('o', (tx) => tx.putOrganization(organization))
  assert.equal(await name(), 'O')
  const other = new DatabaseSync(file)
  other.exec(`update organizations set name = 'Other'`)
  other.close()
  assert.equal(await name(), 'O', 'one turn reads one state')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await name(), 'Other')
  await opened.store.write('o', (tx) => tx.putOrganization({ ...organization, name: 'Own' }))
  assert.equal(await name(), 'Own')
})

test('a turn without end does not keep the log from being emptied', async (t) => {
  const { opened, file } = await open(t)
  for (let index = 0; index < 20; index++) {
    await putPerson(opened, `p${index}`)
    await opened.store.read((reader) => reader.organization('o'))
  }
  const db = new DatabaseSync(file)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(db.prepare('pragma wal_checkpoint(truncate)').get()?.['busy'], 0)
  db.close()
})

test('a credential that was revoked is refused by the next look, however often it was found before', async (t) => {
  const { opened } = await open(t)
  await opened.store.write('o', (tx) =>
    tx.putOrganization({ id: 'o', name: 'O', plan: 'free', sso: 'none', emailDomains: [], createdAt: at, updatedAt: at }),
  )
  const credential: Credential = {
    id: 'c',
    organizationId: 'o',
    kind: 'test',
    name: 'C',
    identifier: 'r123',
    secretHash: '0',
    scopes: [],
    createdAt: at,
    expiresAt: undefined,
    lastUsedAt: undefined,
    revokedAt: undefined,
  }
  const look = () => opened.store.read((reader) => reader.credentialByIdentifier('r123'))
  assert.equal(await look(), undefined)
  await opened.store.write('o', (tx) => tx.putCredential(credential))
  for (let time = 0; time < 3; time++) assert.equal((await look())?.revokedAt, undefined)
  await Promise.all([
    opened.store
      .write('o', (tx) => tx.putCredential({ ...credential, revokedAt: at }))
      .then(async () => {
        assert.deepEqual((await look())?.revokedAt, at)
      }),
    look(),
  ])
  assert.deepEqual((await look())?.revokedAt, at)
})
