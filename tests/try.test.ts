import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess } from './cli.ts'
import { openApplicationHub, openApplicationStory, openBandwidthTwin, provisioningOf, pushed } from './application.ts'
import { temporaryFolder } from './folder.ts'

test('from the command line: a connection for an application, its token, and one person tried and provisioned', async (t) => {
  const story = await openApplicationStory({ hub: await openApplicationHub(t), twin: await openBandwidthTwin(t) })
  const { hub, twin, access, sender, accounts, owner } = story
  const file = join(temporaryFolder(t), 'bandwidth.json')
  writeFileSync(file, JSON.stringify({ bandwidth: twin.credentials }))
  const rollcall = (...args: readonly string[]) =>
    inProcess([...args, args[1] === 'add' ? '--hub' : '--url', hub.url], { ROLLCALL_KEY: access['native']?.['key'] ?? '' })

  const added = await rollcall(
    'connection',
    'add',
    '--name',
    'app',
    '--vendor',
    'bandwidth',
    '--credentials',
    file,
    '--application',
  )
  assert.equal(added.code, 0, added.stderr)
  const { scimBaseUrl, id } = (await rollcall('connection', 'list', '--json')).json.connections.find(
    ({ name }: { name: string }) => name === 'app',
  )
  assert.equal(scimBaseUrl, `${hub.url}/scim/v2/connections/${id}`)
  assert.ok(added.stderr.includes(scimBaseUrl), added.stderr)
  const token = await rollcall('credential', 'create', '--connection', 'app', '--name', 'okta')
  assert.match(token.stdout, /^rc_scimconnection_\w+\n$/)
  assert.ok(token.stderr.includes(scimBaseUrl))
  const made = await sender(scimBaseUrl, token.stdout.trim())('POST', '/Users', pushed('ada'))
  assert.deepEqual([made.status, provisioningOf(made)], [201, 'pending'])
  await owner.importAccounts({ connectionId: id })

  const waiting = await rollcall('try', 'ada@example.com', '--connection', 'app')
  assert.equal(waiting.code, 2, waiting.stderr)
  assert.match(waiting.stdout, /^1 {2}Person +ok +ada Pushed/)
  assert.match(waiting.stdout, /\n2 {2}Assigned +ok +is assigned to app by the group Assigned to app\n/)
  assert.match(waiting.stdout, /\n4 {2}Write +waits +create: .*enable-writes app\n/)
  assert.match(waiting.stdout, /\nemail +- +ada@example\.com +write +the account is new\n/)
  assert.equal((await rollcall('try', 'ada@example.com', '--connection', 'app', '--apply')).code, 4)
  assert.ok(!(await accounts()).has('ada@example.com'))

  assert.equal((await rollcall('connection', 'enable-writes', 'app')).code, 0)
  const done = await rollcall('try', 'ada@example.com', '--connection', 'app', '--apply', '--json')
  assert.equal(done.code, 0, done.stderr)
  assert.equal(done.json.report.steps.at(-1).outcome, 'ok')
  assert.ok((await accounts()).has('ada@example.com'))
  const after = await rollcall('try', 'ada@example.com', '--connection', 'app')
  assert.equal(after.code, 0)
  assert.match(after.stdout, /\n4 {2}Write +nothing/)
  const nobody = await rollcall('try', 'nobody@example.com', '--connection', 'app')
  assert.equal(nobody.code, 1)
  assert.match(nobody.stdout, /1 {2}Person +stopped/)
})

test('a credential for a connection is of its own kind, and of a connection that is there', async (t) => {
  const { access, hub, connection } = await openApplicationStory({
    hub: await openApplicationHub(t),
    twin: await openBandwidthTwin(t),
  })
  const create = async (body: object) => {
    const reply = await fetch(`${hub.url}/api/v1/credentials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access['native']?.['key']}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x', ...body }),
    })
    return { status: reply.status, body: JSON.parse(await reply.text()) }
  }
  const made = await create({ connectionId: connection.id })
  assert.deepEqual([made.status, made.body.credential.kind], [201, 'scimconnection'])
  assert.deepEqual([made.body.credential.connectionId, made.body.credential.scopes], [connection.id, ['read', 'write']])
  for (const body of [
    { kind: 'scimconnection' },
    { kind: 'scim', connectionId: connection.id },
    { kind: 'native', duty: 'owner', connectionId: connection.id },
  ])
    assert.deepEqual([(await create(body)).status, (await create(body)).body.field], [422, 'connectionId'])
  assert.equal((await create({ connectionId: '00000000-0000-7000-8000-000000000000' })).status, 404)
})
