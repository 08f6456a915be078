import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openHub } from '../src/app.ts'
import { temporaryFolder } from './folder.ts'
import { openMailServer } from './mail-server.ts'

const basic = (user: string | undefined, password: string | undefined) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

test('MBRD-16 TWIL-16 SNCH-14 BIRD-47 whoever is invited through a vendor’s API gets a mail, is invited until they accept, and then active', async (t) => {
  const home = temporaryFolder(t)
  const server = await openMailServer(t)
  writeFileSync(
    join(home, 'settings.json'),
    JSON.stringify({ mail: { host: '127.0.0.1', port: server.port, from: 'hub@example.com' } }),
  )
  const hub = await openHub({ home, environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  const access = await hub.home.createOrganization({ name: 'Acme', plan: 'enterprise', sso: 'okta', emailDomains: [] }, hub.url)
  const { twilio = {}, messagebird = {}, sinch = {}, bird = {}, native = {} } = access
  const json = { 'content-type': 'application/json' }
  const invitations: Readonly<Record<string, readonly [url: string, headers: Record<string, string>, body: string]>> = {
    messagebird: [
      `${messagebird['baseUrl']}/users`,
      { ...json, authorization: `AccessKey ${messagebird['accessKey']}` },
      '{"email":"messagebird@example.com"}',
    ],
    twilio: [
      `${twilio['baseUrl']}/v1/Organizations/${twilio['organizationSid']}/Users`,
      { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(twilio['accountSid'], twilio['authToken']) },
      'Email=twilio%40example.com',
    ],
    sinch: [
      `${sinch['baseUrl']}/projects/${sinch['projectId']}/members`,
      { ...json, authorization: basic(sinch['keyId'], sinch['keySecret']) },
      '{"email":"sinch@example.com","role":"MEMBER"}',
    ],
    bird: [
      `${bird['baseUrl']}/organizations/${bird['organizationId']}/users`,
      { ...json, authorization: `AccessKey ${bird['accessKey']}` },
      '{"email":"bird@example.com","name":"Ada"}',
    ],
  }
  const statusOf = async (email: string) => {
    const reply = await fetch(`${native['baseUrl']}/members?email=${email}`, {
      headers: { authorization: `Bearer ${native['key']}` },
    })
    return ((await reply.json()) as { readonly items: readonly { readonly status: string }[] }).items.map(({ status }) => status)
  }
  for (const [name, [url, headers, body]] of Object.entries(invitations)) {
    const email = `${name}@example.com`
    const arrived = server.next()
    const reply = await fetch(url, { method: 'POST', headers, body })
    assert.ok(reply.ok, `${name}: ${reply.status} ${await reply.clone().text()}`)
    const mail = await arrived
    assert.deepEqual(mail.to, [email])
    assert.deepEqual(await statusOf(email), ['invited'])
    const link = /http:\S+\/invitations\/\S+/.exec(mail.text)?.[0] ?? ''
    assert.ok(!(await reply.text()).includes(link.slice(-50)), `${name} does not hand out the token`)
    assert.equal((await fetch(link)).status, 200)
    assert.deepEqual(await statusOf(email), ['invited'])
    assert.equal((await fetch(link, { method: 'POST' })).status, 200)
    assert.deepEqual(await statusOf(email), ['active'])
  }
})
