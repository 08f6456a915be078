import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inProcess } from '../../tests/cli.ts'
import { ask } from '../../tests/native.ts'
import { openWorld, origin, temporaryFolder } from '../../tests/world.ts'
import { syncParts } from '../app.ts'
import { createEngine } from '../sync/create.ts'
import { parseCsv } from '../dialects/csv/wire.ts'

const people = ['ada@example.com', 'eve@example.com', 'rita@example.com']

/** A hub with the APIs of two vendors as connections, where everybody has an account, and keys for two reviewers and somebody who approves. */
async function open(t: TestContext) {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  for (const userName of people)
    await ask(world, 'POST', '/members', {
      body: { as: 'active', userName, emails: [{ value: userName }], name: { givenName: 'Given', familyName: 'Family' } },
    })
  const twins = new Map<string, string>()
  for (const vendor of ['messagebird', 'scim'] as const) {
    const access = await world.another({ name: vendor })
    const credentials = Object.fromEntries(
      Object.entries(access[vendor] ?? {}).map(([name, value]) => [name, value.replace(origin, url)]),
    )
    const { body: connection, status } = await ask(world, 'POST', '/connections', {
      body: {
        name: vendor,
        vendor,
        baseUrl: credentials['baseUrl'],
        credentials: vendor === 'messagebird' ? { ...credentials, profile: 'scim' } : credentials,
        assignments: [{ kind: 'everyone' }],
        policy: { matchBy: ['userName', 'email'] },
      },
    })
    assert.equal(status, 201, JSON.stringify(connection))
    await ask(world, 'PATCH', `/connections/${connection.id}`, { body: { writesEnabled: true } })
    const { body: plan } = await ask(world, 'POST', `/connections/${connection.id}/plans`)
    assert.equal((await ask(world, 'POST', `/plans/${plan.id}/apply`)).status, 200)
    twins.set(vendor, access['native']?.['key'] ?? '')
  }
  const keyFor = async (name: string, duty: string) =>
    (await ask(world, 'POST', '/credentials', { body: { name, duty } })).body.key as string
  const keys = {
    owner: world.access['native']?.['key'] ?? '',
    operator: await keyFor('operator', 'operator'),
    rita: await keyFor('rita', 'approver'),
    max: await keyFor('max', 'approver'),
    boss: await keyFor('boss', 'approver'),
    auditor: await keyFor('auditor', 'auditor'),
  }
  const folder = temporaryFolder(t)
  return {
    world,
    file: (name: string) => join(folder, name),
    as: (who: keyof typeof keys, ...args: readonly (string | readonly string[])[]) =>
      inProcess(args.flat(), { ROLLCALL_URL: url, ROLLCALL_KEY: keys[who] }),
    /** The user names of who is there at the vendor itself. */
    at: async (vendor: string): Promise<string[]> => {
      const { body } = await ask(world, 'GET', '/members', { key: twins.get(vendor) ?? '' })
      return body.items.map((member: { readonly userName: string }) => member.userName).toSorted()
    },
    keys,
  }
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const year = new Date().getUTCFullYear()

test('a review over two vendors: decided by two people, planned, approved by a third, gone, not given back, and proven', async (t) => {
  const { as, at, file, world, keys } = await open(t)
  const due = `${year + 1}-01-01`
  const created = await as(
    'operator',
    ['review', 'create', '--name', 'Quarter 4', '--due', due, '--json'],
    ['--reviewer', 'rita=rita@example.com', '--reviewer', 'max=outside'],
  )
  assert.equal(created.code, 0, created.stderr)
  assert.deepEqual(created.json.review.counts, { undecided: 6, keep: 0, revoke: 0 })
  assert.deepEqual(
    created.json.review.reviewers.map(({ waiting }: { readonly waiting: number }) => waiting),
    [4, 6],
  )
  const shown = lines((await as('rita', 'review', 'show', 'Quarter 4', '--mine', '--json')).stdout)
  const items = shown.slice(1).map(({ item }) => item)
  assert.deepEqual(new Set(items.map(({ account }) => account.userName)), new Set(people.slice(0, 2)))
  assert.equal(items.length, 4)
  assert.deepEqual([items[0].why, items[0].read.complete], [[{ kind: 'everyone' }], true])

  const idsOf = (person: string) => items.filter((item) => item.person?.email === person).map(({ id }) => id)
  const bare = await as('rita', 'review', 'decide', 'Quarter 4', ...idsOf('eve@example.com'), '--revoke')
  assert.match(bare.stderr, /Say why the access is revoked/)
  const revoked = await as(
    'rita',
    ['review', 'decide', 'Quarter 4', ...idsOf('eve@example.com')],
    ['--revoke', '--reason', 'moved to sales', '--json'],
  )
  assert.deepEqual([revoked.code, revoked.json], [0, { decision: 'revoke', decided: 2 }])
  const all = (who: 'rita' | 'max') =>
    as(who, 'review', 'decide', 'Quarter 4', '--keep', '--all', '--reason', 'as agreed', '--json')
  assert.equal((await all('rita')).json.decided, 2)
  assert.match((await as('operator', 'review', 'close', 'Quarter 4')).stderr, /2 items are undecided/)
  assert.equal((await all('max')).json.decided, 2)

  const closed = await as('operator', 'review', 'close', 'Quarter 4', '--json')
  assert.equal(closed.code, 4, closed.stderr)
  const { results } = closed.json.review
  assert.equal(results.length, 2)
  for (const { planId } of results) {
    const plan = (await as('boss', 'plan', planId, '--json')).json.plan
    assert.deepEqual(
      plan.steps.map(({ kind, subject }: { readonly kind: string; readonly subject: string }) => [kind, subject]),
      [['remove', 'eve@example.com']],
    )
    const approve = (who: 'rita' | 'boss') => as(who, 'approve', planId, '--digest', plan.digest, '--reason', 'agreed')
    assert.match((await approve('rita')).stderr, /Two people are needed/)
    assert.equal((await approve('boss')).code, 0)
    const applied = await as('operator', 'apply', planId)
    assert.equal(applied.code, 0, applied.stderr)
  }
  for (const vendor of ['messagebird', 'scim']) assert.ok(!(await at(vendor)).includes('eve@example.com'), vendor)
  for (const { connectionId } of results) {
    const again = await ask(world, 'POST', `/connections/${connectionId}/plans`, { key: keys.operator })
    assert.deepEqual([again.status, again.body.steps], [200, []])
  }
  const tried = await as('operator', 'try', 'eve@example.com', '--connection', 'scim', '--json')
  assert.match(tried.stdout, /is denied access by the review \\"Quarter 4\\": moved to sales/)

  const files = ['--signed', file('q4.jsonl'), '--csv', file('q4.csv'), '--markdown', file('q4.md')]
  const exported = await as('auditor', 'review', 'export', 'Quarter 4', files)
  assert.equal(exported.code, 0, exported.stderr)
  const rows = parseCsv(readFileSync(file('q4.csv'), 'utf8'))
  assert.equal(rows.length, 7)
  const page = readFileSync(file('q4.md'), 'utf8')
  assert.match(page, /^# Access review `Quarter 4`\n/)
  assert.equal(page.match(/^\| `eve@example\.com` .* revoke: moved to sales .*; gone by now \|$/gm)?.length, 2)
  writeFileSync(file('key.pem'), (await as('auditor', 'receipt', 'key')).stdout)
  const valid = await inProcess(['verify', file('q4.jsonl'), '--public-key', file('key.pem'), '--json'])
  assert.deepEqual([valid.code, valid.json.valid, valid.json.items], [0, true, 6])
  assert.deepEqual(valid.json.head.counts, { undecided: 0, keep: 4, revoke: 2 })
  assert.match((await inProcess(['verify', file('q4.jsonl')])).stdout, /^Valid\. rollcall\.review "Quarter 4" of 6 lines/)
  const evidence = readFileSync(file('q4.jsonl'))
  assert.deepEqual(
    lines(evidence.toString()).flatMap(({ decision, found }) => (decision?.kind === 'revoke' ? [[decision.reason, found]] : [])),
    [
      ['moved to sales', 'gone'],
      ['moved to sales', 'gone'],
    ],
  )
  for (const place of [10, evidence.length >> 1, evidence.length - 20]) {
    const forged = Buffer.from(evidence)
    forged[place] = (forged[place] ?? 0) ^ 1
    writeFileSync(file('forged.jsonl'), forged)
    const verdict = await inProcess(['verify', file('forged.jsonl')])
    assert.deepEqual([verdict.code, /Not valid/.test(verdict.stdout)], [1, true])
  }

  assert.match((await as('operator', 'review', 'denied')).stdout, /eve@example\.com +scim +Quarter 4/)
  const lifted = await as('operator', ['review', 'lift', 'eve@example.com', '--connection', 'scim', '--reason', 'came back'])
  assert.equal(lifted.code, 0, lifted.stderr)
  assert.equal((await as('operator', 'review', 'denied', '--json')).json.denied.length, 1)
})
