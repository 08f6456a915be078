import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApplicationHub, openApplicationStory, openBandwidthTwin, patching, provisioningOf, pushed } from './application.ts'
import { temporaryFolder } from './folder.ts'
import { createTestDatabase } from './postgres.ts'

test('two processes on one PostgreSQL serve a connection’s address: each person is made once, whoever was asked and whoever does it', async (t) => {
  const { url: databaseUrl, drop } = await createTestDatabase()
  const home = temporaryFolder(t)
  const hubs = [await openApplicationHub(t, { home, databaseUrl }), await openApplicationHub(t, { home, databaseUrl })] as const
  // After the hubs have been closed.
  t.after(drop)
  const twin = await openBandwidthTwin(t)
  const { connection, token, sender, accounts, owner } = await openApplicationStory({ hub: hubs[0], twin })
  const [first, second] = hubs.map(({ url }) => sender(`${url}/scim/v2/connections/${connection.id}`, token))
  assert.ok(first && second)
  const names = ['ada', 'beth', 'cleo', 'dora', 'edda', 'fay']
  const made = await Promise.all(names.map((name, index) => (index % 2 === 0 ? first : second)('POST', '/Users', pushed(name))))
  for (const reply of made) assert.deepEqual([reply.status, provisioningOf(reply)], [201, 'done'], JSON.stringify(reply.body))
  const created = twin.writes().filter(({ operation }) => /add|create/i.test(operation))
  assert.equal(created.length, names.length, JSON.stringify(created))
  for (const name of names) assert.ok((await accounts()).has(`${name}@example.com`))

  const { id } = made[0]?.body ?? {}
  const twice = await Promise.all([first, second].map((send) => send('POST', '/Users', pushed('gwen'))))
  assert.deepEqual(
    twice.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
  )
  await first('PATCH', `/Users/${id}`, patching({ op: 'replace', path: 'active', value: false }))
  const found = async (filter: string) => {
    const { body } = await second('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    return body.Resources.map(({ userName }: { userName: string }) => userName)
  }
  assert.deepEqual(await found('active eq false and externalId eq "idp-ada"'), ['ada@example.com'])
  assert.equal((await found('active eq true')).length, names.length)

  await owner.quarantineConnection({ connectionId: connection.id, body: { reason: 'they move' } })
  const writes = twin.writes().length
  for (const send of [first, second]) assert.equal((await send('POST', '/Users', pushed('hazel'))).status, 503)
  assert.equal(twin.writes().length, writes, 'what one process was told, every process keeps to')
  await owner.releaseConnection({ connectionId: connection.id, body: { reason: 'they moved' } })
  assert.equal((await second('POST', '/Users', pushed('hazel'))).status, 201)
})
