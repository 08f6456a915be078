import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, rollcall, start } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/world.ts'

const email = 'ada@example.com'

test('the main job on the command line: connect, plan, apply, drift, offboard, approve, prove, back up, restore', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const home = ['--home', file('home'), '--json']
  const hub = await start(t, ['serve', '--port', '0', ...home])
  assert.deepEqual(Object.keys(hub.ready), ['event', 'url'])
  const twin = await start(t, [
    'twin',
    'bandwidth',
    '--port',
    '0',
    '--people',
    '6',
    '--seed',
    '1',
    '--home',
    file('twin'),
    '--json',
  ])
  assert.deepEqual(Object.keys(twin.ready), ['event', 'url', 'vendor', 'credentials'])
  writeFileSync(file('twin.json'), JSON.stringify(twin.ready))

  const organization = await rollcall([
    'organization',
    'create',
    '--name',
    'Acme',
    '--plan',
    'enterprise',
    '--sso',
    'okta',
    ...home,
  ])
  assert.equal(organization.code, 0, organization.stderr)
  assert.equal(organization.json.native.baseUrl, `${hub.ready.url}/api/v1`)
  const owner = { ROLLCALL_URL: hub.ready.url, ROLLCALL_KEY: organization.json.native.key as string }
  const approverKey = (await inProcess(['credential', 'create', '--name', 'second', '--role', 'approver', '--json'], owner)).json
    .key
  writeFileSync(file('approver.key'), `${approverKey}\n`)
  const approver = { ROLLCALL_URL: hub.ready.url }

  const noGroup = await inProcess(
    [
      'connection',
      'add',
      '--name',
      'bw',
      '--vendor',
      'bandwidth',
      '--url',
      twin.ready.url,
      '--credentials',
      file('twin.json'),
      '--group',
      'Nobody',
    ],
    owner,
  )
  assert.equal(noGroup.code, 1)
  assert.match(noGroup.stderr, /no group "Nobody".*create it/)
  const added = await inProcess(
    [
      'connection',
      'add',
      '--name',
      'bw',
      '--vendor',
      'bandwidth',
      '--url',
      twin.ready.url,
      '--credentials',
      file('twin.json'),
      '--everyone',
      '--json',
    ],
    owner,
  )
  assert.equal(added.code, 0, added.stderr)
  assert.equal(added.json.connection.writesEnabled, false)
  const check = await inProcess(['connection', 'check', 'bw', '--json'], owner)
  assert.deepEqual([check.code, check.json.check.usable], [0, true])

  const member = await fetch(`${hub.ready.url}/api/v1/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.ROLLCALL_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      as: 'active',
      userName: email,
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ value: email }],
    }),
  })
  assert.equal(member.status, 201)

  const plan = await rollcall(['plan', '--connection', 'bw', '--json'], owner)
  assert.equal(plan.code, 2, plan.stderr)
  const steps = plan.json.plan.steps.map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject])
  assert.deepEqual(steps, [['create', email]])
  assert.equal((await inProcess(['plan', '--connection', added.json.connection.id, '--exit-zero'], owner)).code, 0)

  assert.equal((await inProcess(['connection', 'enable-writes', 'bw'], owner)).code, 0)
  const applied = await rollcall(['apply', plan.json.plan.id, '--json'], owner)
  assert.equal(applied.code, 0, applied.stdout + applied.stderr)
  assert.equal(applied.json.plan.steps[0].state, 'done')

  const drift = await inProcess(['drift', '--connection', 'bw', '--json'], owner)
  assert.equal(drift.code, 2, 'the seeded people belong to nobody')
  assert.ok(drift.json.findings.every((finding: { connectionId: string }) => finding.connectionId === added.json.connection.id))
  assert.equal((await inProcess(['findings', '--json'], owner)).json.findings.length, drift.json.findings.length)

  const offboard = await inProcess(['offboard', email, '--reason', 'end of contract', '--wait', '--json'], owner)
  assert.equal(offboard.code, 4, offboard.stderr)
  assert.deepEqual([offboard.json.offboarding.state, offboard.json.offboarding.asked.reason], ['waiting', 'end of contract'])
  const removal = offboard.json.plans[0]
  assert.deepEqual(
    removal.steps.map(({ kind, state }: { kind: string; state: string }) => [kind, state]),
    [['remove', 'planned']],
  )
  assert.equal((await inProcess(['apply', removal.id], owner)).code, 4, 'nothing is removed before the approval')

  const approve = (digest: string, environment: Readonly<Record<string, string>>, more: readonly string[] = []) =>
    inProcess(['approve', removal.id, '--digest', digest, '--reason', 'left', ...more, '--json'], environment)
  const byAuthor = await approve(removal.digest, owner)
  assert.equal(byAuthor.code, 3, byAuthor.stderr)
  assert.equal(JSON.parse(byAuthor.stderr.trim().split('\n').at(-1) ?? '').error.type, 'forbidden')
  assert.equal((await approve('0'.repeat(64), approver, ['--key-file', file('approver.key')])).code, 5)
  const approved = await approve(removal.digest, approver, ['--key-file', file('approver.key')])
  assert.equal(approved.code, 0, approved.stderr)

  const removed = await inProcess(['apply', removal.id, '--json'], owner)
  assert.equal(removed.code, 0, removed.stdout + removed.stderr)
  assert.equal(removed.json.plan.steps[0].state, 'done')

  const shown = await inProcess(['offboardings', 'show', email, '--json'], owner)
  assert.deepEqual(
    [shown.json.offboarding.state, shown.json.offboarding.visits[0].state],
    ['verifying', 'gone'],
    shown.stdout + shown.stderr,
  )
  assert.match((await inProcess(['offboardings', 'list'], owner)).stdout, /verifying {2}ada@example\.com {2}request/)
  const written = await inProcess(['receipt', email, '--html', file('leaver.html'), '--out', file('leaver.json')], owner)
  assert.equal(written.code, 0, written.stderr)
  assert.equal(
    (await inProcess(['receipt', email, '--out', file('leaver.json')], owner)).code,
    1,
    'a proof is never written over',
  )
  assert.match(readFileSync(file('leaver.html'), 'utf8'), /<h1>Leaver’s receipt 1<\/h1>/)
  const proven = await inProcess(['verify', file('leaver.json')])
  assert.deepEqual([proven.code, proven.stdout.split('\n')[1]?.startsWith('  bw: gone, read last at')], [0, true], proven.stdout)
  writeFileSync(file('forged-leaver.json'), readFileSync(file('leaver.json'), 'utf8').replace('"gone"', '"none"'))
  assert.equal((await inProcess(['verify', file('forged-leaver.json')])).code, 1)

  const receipts = (await inProcess(['receipt', 'list', '--subject', email, '--json'], owner)).json.receipts
  assert.equal(receipts.length, 1)
  writeFileSync(file('receipt.json'), (await inProcess(['receipt', 'get', receipts[0].id], owner)).stdout)
  writeFileSync(file('key.pem'), (await inProcess(['receipt', 'key'], owner)).stdout)
  const valid = await rollcall(['verify', file('receipt.json'), '--public-key', file('key.pem'), '--json'])
  assert.deepEqual([valid.code, valid.json.valid, valid.json.trusted], [0, true, true])
  const text = readFileSync(file('receipt.json'), 'utf8')
  writeFileSync(file('forged.json'), text.replace(email, 'eve@example.com'))
  assert.equal((await inProcess(['verify', file('forged.json')])).code, 1)
  assert.equal((await inProcess(['verify', '--json'], owner)).json.organizations[0].intact, true)

  assert.equal((await rollcall(['backup', file('copy.db'), ...home])).code, 0)
  for (const name of ['copy.db', 'copy.db.keys'])
    assert.equal(statSync(file(name)).mode & 0o077, 0, `${name} is the owner's alone`)
  assert.equal((await inProcess(['backup', file('copy.db'), ...home])).code, 1, 'a backup never overwrites')
  assert.equal(
    (await inProcess(['restore', file('copy.db'), '--force', ...home])).code,
    1,
    'a home that is being served is not replaced',
  )
  const restored = await rollcall(['restore', file('copy.db'), '--home', file('home2'), '--json'])
  assert.deepEqual([restored.code, restored.json.switchedOff], [0, ['bw']], restored.stderr)
  assert.equal((await inProcess(['restore', file('copy.db'), '--home', file('home2')])).code, 1)
  assert.equal((await inProcess(['restore', file('copy.db'), '--home', file('home2'), '--force'])).code, 0)

  assert.equal(await hub.stop(), 0)
  assert.equal(await twin.stop(), 0)
  const again = await start(t, ['serve', '--port', '0', '--home', file('home2'), '--json'])
  const list = await inProcess(['connection', 'list', '--json', '--home', file('home2')], { ROLLCALL_KEY: owner.ROLLCALL_KEY })
  assert.deepEqual(
    list.json.connections.map(({ name, writesEnabled }: { name: string; writesEnabled: boolean }) => [name, writesEnabled]),
    [['bw', false]],
  )
  assert.equal(await again.stop(), 0)
})
