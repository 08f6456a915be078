import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inProcess } from '../../tests/cli.ts'
import { ask } from '../../tests/native.ts'
import { openWorld, temporaryFolder } from '../../tests/world.ts'
import { openHome, syncParts } from '../app.ts'
import { createEngine } from '../sync/create.ts'

/** A hub that listens, with some facts, and a checkpoint of them that is kept elsewhere. */
async function open(t: TestContext) {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const folder = temporaryFolder(t)
  const environment = { ROLLCALL_URL: url, ROLLCALL_KEY: world.access['native']?.['key'] ?? '' }
  const run = (...args: readonly string[]) => inProcess(args, environment)
  const addGroup = (displayName: string) => ask(world, 'POST', '/groups', { body: { displayName } })
  /** The home as it stands now, to be looked at by itself. */
  const copyHome = (name: string): string => {
    const copy = join(folder, name)
    cpSync(world.folder, copy, { recursive: true })
    for (const file of ['rollcall.db', 'rollcall.db-wal', 'rollcall.db-shm']) rmSync(join(copy, file), { force: true })
    const database = new DatabaseSync(join(world.folder, 'rollcall.db'))
    database.prepare('vacuum into ?').run(join(copy, 'rollcall.db'))
    database.close()
    return copy
  }
  await addGroup('Voice')
  const old = copyHome('old')
  await addGroup('Fax')
  const checkpoint = join(folder, 'checkpoint.json')
  const written = await run('verify', '--out', checkpoint)
  assert.equal(written.code, 0, written.stderr)
  return { run, addGroup, old, checkpoint, folder }
}

test('a checkpoint verifies by itself, not with a bit changed, and is held against what the hub has later', async (t) => {
  const { run, addGroup, checkpoint, folder } = await open(t)
  const { json } = await run('verify', checkpoint, '--json')
  assert.deepEqual([json.valid, json.receipt.kind], [true, 'checkpoint'])
  assert.match((await run('verify', checkpoint)).stdout, /^Valid\. Organization .* stood at fact \d+/)
  const forged = join(folder, 'forged.json')
  writeFileSync(
    forged,
    readFileSync(checkpoint, 'utf8').replace(/"sequence": (\d)/, (_, digit) => `"sequence": ${Number(digit) + 1}`),
  )
  assert.deepEqual([(await run('verify', forged)).code, (await run('verify', '--checkpoint', forged)).code], [1, 1])
  await addGroup('Mail')
  const later = await run('verify', '--checkpoint', checkpoint, '--json')
  assert.deepEqual([later.code, later.json.organizations[0].intact], [0, true])
})

test('a whole older state that was put back holds by itself, and not against a checkpoint that was kept elsewhere', async (t) => {
  const { old, checkpoint } = await open(t)
  const alone = await inProcess(['verify', '--home', old])
  assert.equal(alone.code, 0, alone.stdout)
  const against = await inProcess(['verify', '--home', old, '--checkpoint', checkpoint])
  assert.equal(against.code, 1)
  assert.match(against.stdout, /broken at fact \d+: the chain ends at \d+, and the checkpoint of .* signs fact \d+/)
})

test('a chain that was written anew from some fact on is not the one that a checkpoint signs', async (t) => {
  const { old, checkpoint } = await open(t)
  const other = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const stranger = await inProcess(['verify', '--home', other.folder, '--checkpoint', checkpoint])
  assert.match(stranger.stderr, /is of organization .*, which is not here/)
  const home = await openHome(old, {})
  const { organization } = JSON.parse(readFileSync(checkpoint, 'utf8'))
  const call = { ...other.call(), organizationId: organization.id }
  for (const displayName of ['Other', 'Others', 'And others'])
    await home.directory.addGroup(call, { displayName, externalId: undefined, roleIds: [], attributes: {}, membershipIds: [] })
  await home.close()
  const anew = await inProcess(['verify', '--home', old, '--checkpoint', checkpoint])
  assert.equal(anew.code, 1)
  assert.match(
    anew.stdout,
    /broken at fact \d+: fact \d+ is not the one that the checkpoint of .* signs: the chain was written anew/,
  )
})
