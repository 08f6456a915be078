import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../../src/directory/errors.ts'
import { migrationStatus, openStore } from '../../../src/store/open.ts'
import type { CreateDatabase } from './bench.ts'

const sealer = { seal: (text: string) => text, open: (text: string) => text }

export function migrationConformance(create: CreateDatabase): void {
  test('an empty database lacks every migration, an opened one none, and looking changes nothing', async () => {
    const database = await create()
    const empty = await migrationStatus(database.location)
    assert.equal(empty.current, 0)
    assert.equal(empty.pending.length, empty.latest)
    assert.deepEqual(await migrationStatus(database.location), empty)
    await (await openStore({ database: database.location, sealer })).close()
    assert.deepEqual(await migrationStatus(database.location), { current: empty.latest, latest: empty.latest, pending: [] })
    await database.drop()
  })

  test('four that open an empty database at once migrate it once', async () => {
    const database = await create()
    const opened = await Promise.all(Array.from({ length: 4 }, () => openStore({ database: database.location, sealer })))
    for (const one of opened) await one.check()
    for (const one of opened) await one.close()
    assert.equal((await database.execute('select * from migrations')).length, (await migrationStatus(database.location)).latest)
    await database.drop()
  })

  test('a database that is newer than the code is refused, also when it becomes so', async () => {
    const database = await create()
    const opened = await openStore({ database: database.location, sealer })
    await database.execute(`insert into migrations (number, name, applied_at) values (99, 'later', 'now')`)
    await assert.rejects(opened.check(), ConfigError)
    await opened.close()
    await assert.rejects(openStore({ database: database.location, sealer }), ConfigError)
    await database.drop()
  })
}
