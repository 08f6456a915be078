import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHub } from '../src/app.ts'
import { ConfigError } from '../src/directory/errors.ts'
import { eventually, openApplicationStory, openBandwidthTwin, pushed } from './application.ts'
import { temporaryFolder } from './folder.ts'

/** Samples by their line up to the value. */
async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const reply = await fetch(url)
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const lines = (await reply.text()).trimEnd().split('\n')
  const comments = lines.filter((line) => line.startsWith('#'))
  for (const line of comments) assert.match(line, /^# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ (gauge|counter))$/)
  const samples = lines.filter((line) => !line.startsWith('#'))
  for (const line of samples) assert.match(line, /^[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? [0-9.e+]+$/)
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

test('metrics at an address of their own tell of every connection, of what waits and of the requests, and name nobody', async (t) => {
  const startedAt = Date.now() / 1000
  const hub = await openHub({
    home: temporaryFolder(t),
    environment: {},
    host: '127.0.0.1',
    port: 0,
    log: undefined,
    metrics: { host: '127.0.0.1', port: 0 },
  })
  t.after(() => hub.close())
  const { metricsUrl } = hub
  assert.ok(metricsUrl)
  const { owner, send, connection, access } = await openApplicationStory({ hub, twin: await openBandwidthTwin(t) })
  assert.equal((await send('POST', '/Users', pushed('ada'))).status, 201)
  const labels = `{organization="${access['organization']?.['id']}",connection="desk",vendor="bandwidth"}`
  const read = await eventually(async () => {
    const samples = await scrape(metricsUrl)
    const success = samples.get(`rollcall_connection_last_success_timestamp_seconds${labels}`) ?? 0
    return success >= startedAt - 1 ? samples : undefined
  })
  assert.equal(read.get(`rollcall_connection_quarantined${labels}`), 0)
  assert.equal(read.get(`rollcall_connection_writes_enabled${labels}`), 1)
  assert.equal(read.get('rollcall_webhook_deliveries_waiting'), 0)
  assert.ok((read.get('rollcall_requests_total{dialect="scim",status="2xx"}') ?? 0) >= 1)
  assert.ok((read.get('rollcall_requests_total{dialect="native",status="2xx"}') ?? 0) >= 1)
  assert.ok((read.get('process_resident_memory_bytes') ?? 0) > 1e6)

  await owner.quarantineConnection({ connectionId: connection.id, body: { reason: 'ada asked' } })
  await fetch(`${hub.url}/nowhere/ada@example.com`)
  const held = await scrape(metricsUrl)
  assert.equal(held.get(`rollcall_connection_quarantined${labels}`), 1)
  assert.ok((held.get('rollcall_requests_total{dialect="none",status="4xx"}') ?? 0) >= 1)
  const text = await (await fetch(metricsUrl)).text()
  assert.doesNotMatch(text, /ada|@|rc_/)
  assert.equal((await fetch(metricsUrl.replace('/metrics', '/api/v1/members'))).status, 404)
  assert.equal((await fetch(`${hub.url}/metrics`)).status, 404, 'what serves the APIs tells nobody')
})

test('without an address for them there are no metrics, and a taken one is named', async (t) => {
  const hub = await openHub({ home: temporaryFolder(t), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  assert.equal(hub.metricsUrl, undefined)
  const port = Number(new URL(hub.url).port)
  const further = { home: temporaryFolder(t), environment: {}, host: '127.0.0.1', port: 0, log: undefined }
  await assert.rejects(openHub({ ...further, metrics: { host: '127.0.0.1', port } }), (error) => {
    assert.ok(error instanceof ConfigError)
    return /Port \d+ is in use\. Choose another with --metrics/.test(error.message)
  })
})
