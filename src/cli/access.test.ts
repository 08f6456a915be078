import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inProcess } from '../../tests/cli.ts'
import { ask } from '../../tests/native.ts'
import { openWorld, temporaryFolder } from '../../tests/world.ts'
import { syncParts } from '../app.ts'
import { parseCsv } from '../dialects/csv/wire.ts'
import { createEngine } from '../sync/create.ts'

const list = ['userName,email,status,roles', 'ada,ada@example.com,active,Admin', '"=1+1,""x""",eve@example.com,active,'].join(
  '\n',
)

/** A hub that listens, with a connection whose list has been read. */
async function open(t: TestContext) {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  await ask(world, 'POST', '/members', {
    body: { as: 'active', userName: 'ada', emails: [{ value: 'ada@example.com' }] },
  })
  const { body } = await ask(world, 'POST', '/connections', {
    body: {
      name: 'payroll',
      vendor: 'csv',
      baseUrl: 'https://payroll.example',
      credentials: { list },
      assignments: [{ kind: 'everyone' }],
    },
  })
  assert.equal((await ask(world, 'POST', `/connections/${body.id}/import`)).status, 200)
  const folder = temporaryFolder(t)
  const environment = { ROLLCALL_URL: url, ROLLCALL_KEY: world.access['native']?.['key'] ?? '' }
  return {
    world,
    connectionId: body.id as string,
    file: (name: string) => join(folder, name),
    folder,
    run: (...args: readonly string[]) => inProcess(args, environment),
  }
}

test('access is listed for people, as lines of JSON, and narrowed', async (t) => {
  const { run } = await open(t)
  const shown = await run('access')
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /ada@example\.com +active +payroll +ada +active +Admin +everyone/)
  assert.match(shown.stdout, /\(nobody\).*orphan/)
  const rows = (await run('access', '--json')).stdout.trim().split('\n')
  assert.equal(rows.length, 2)
  const one = (await run('access', '--json', '--person', 'ada@example.com', '--connection', 'payroll', '--role', 'admin')).json
  assert.deepEqual([one.account.userName, one.why, one.linkedBy], ['ada', [{ kind: 'everyone' }], 'userName'])
  assert.match((await run('access', '--person', 'nobody')).stderr, /Nobody has access/)
})

test('a time is one that is past, or a day that is over', async (t) => {
  const { run } = await open(t)
  assert.match((await run('access', '--at', '2020-02-28')).stderr, /Nobody has access/)
  const now = await run('access', '--json', '--at', new Date().toISOString())
  assert.deepEqual(
    now.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).source),
    ['facts', 'facts'],
  )
  assert.match((await run('access', '--at', '2999-01-01')).stderr, /not past yet/)
  for (const wrong of ['yesterday', '2020-13-01', '2020-01-01T00:00:00'])
    assert.match((await run('access', '--at', wrong)).stderr, /--at must be a day/)
})

test('a CSV file is for its owner alone, and holds no formula', async (t) => {
  const { run, file, folder } = await open(t)
  const ran = await run('access', '--csv', file('access.csv'))
  assert.equal(ran.code, 0, ran.stderr)
  const text = readFileSync(file('access.csv'), 'utf8')
  assert.equal(statSync(file('access.csv')).mode & 0o077, 0)
  const rows = parseCsv(text)
  assert.match(text, /"'=1\+1,""x"""/)
  assert.equal(rows.length, 3)
  assert.deepEqual(readdirSync(folder), ['access.csv'], 'nothing half written is left')
})

test('a signed document verifies offline, and not when it was changed', async (t) => {
  const { run, file } = await open(t)
  const ran = await run('access', '--signed', file('access.jsonl'))
  assert.equal(ran.code, 0, ran.stderr)
  writeFileSync(file('key.pem'), (await run('receipt', 'key')).stdout)
  const valid = await inProcess(['verify', file('access.jsonl'), '--public-key', file('key.pem'), '--json'])
  assert.deepEqual([valid.code, valid.json.valid, valid.json.trusted, valid.json.items], [0, true, true, 2])
  assert.deepEqual([valid.json.head.kind, valid.json.head.source], ['rollcall.access', 'ledger'])
  assert.match((await inProcess(['verify', file('access.jsonl')])).stdout, /^Valid\. rollcall\.access of 2 lines/)
  writeFileSync(file('forged.jsonl'), readFileSync(file('access.jsonl'), 'utf8').replace('Admin', 'Agent'))
  const forged = await inProcess(['verify', file('forged.jsonl')])
  assert.deepEqual([forged.code, /Not valid/.test(forged.stdout)], [1, true])
})

test('pages are walked by cursors that belong to their filters', async (t) => {
  const { world } = await open(t)
  const first = await ask(world, 'GET', '/access?limit=1')
  assert.deepEqual([first.status, first.body.items.length], [200, 1])
  const second = await ask(world, 'GET', `/access?limit=1&cursor=${first.body.nextCursor}`)
  assert.deepEqual([second.body.items.length, second.body.nextCursor], [1, undefined])
  assert.notEqual(second.body.items[0].account.id, first.body.items[0].account.id)
  assert.equal((await ask(world, 'GET', `/access?role=x&cursor=${first.body.nextCursor}`)).status, 400)
})
