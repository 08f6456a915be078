import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite, openTwilio, type Face } from '../../../tests/twilio.ts'

const accounts = '/twilio/2010-04-01/Accounts.json'
const make = async (face: Face, name: string) => {
  const { id } = await face.world.home.directory.createWorkspace(face.world.call(), { name })
  return `AC${id.replaceAll('-', '')}`
}

test('TWIL-31 TWIL-P09 subaccounts are listed with sid, name and status, without a token', async (t) => {
  const face = await openTwilio(t)
  const sid = await make(face, 'EU')
  const { status, json } = await face.send('GET', accounts)
  assert.equal(status, 200)
  assert.equal(json['next_page_uri'], null)
  const [first] = json.accounts
  assert.deepEqual(
    [json.accounts.length, first?.sid, first?.['friendly_name'], first?.['status'], first?.['owner_account_sid']],
    [1, sid, 'EU', 'active', face.access.accountSid],
  )
  assert.match(String(first?.['date_created']), /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/)
  assert.equal('auth_token' in (first ?? {}), false)
  const one = await face.send('GET', `/twilio${String(first?.['uri'])}`)
  assert.deepEqual(one.json, first)
  assert.equal((await face.send('GET', `/twilio/2010-04-01/Accounts/${face.access.accountSid}.json`)).status, 404)
  assert.equal((await face.send('GET', `/twilio/2010-04-01/Accounts/${sid}`)).status, 404)
})

test('TWIL-32 FriendlyName and Status narrow the list', async (t) => {
  const face = await openTwilio(t)
  const sid = await make(face, 'MySubaccount')
  await make(face, 'Other')
  const found = await face.send('GET', `${accounts}?FriendlyName=MySubaccount`)
  assert.deepEqual(
    found.json.accounts.map((account) => account.sid),
    [sid],
  )
  assert.equal((await face.send('GET', `${accounts}?Status=active`)).json.accounts.length, 2)
  assert.equal((await face.send('GET', `${accounts}?Status=closed`)).json.accounts.length, 0)
})

test('TWIL-11 the 2010 API’s links are relative and keep what was asked for', async (t) => {
  const face = await openTwilio(t)
  const made = [await make(face, 'A'), await make(face, 'A'), await make(face, 'A'), await make(face, 'B')]
  const walked: string[] = []
  for (let uri: unknown = '/2010-04-01/Accounts.json?PageSize=2&FriendlyName=A'; typeof uri === 'string';) {
    assert.match(uri, /^\/2010-04-01\/Accounts\.json\?/)
    const { json } = await face.send('GET', `/twilio${uri}`)
    walked.push(...json.accounts.map(({ sid }) => sid))
    uri = json['next_page_uri']
  }
  assert.deepEqual(walked, made.slice(0, 3))
  assert.equal((await face.send('GET', `${accounts}?PageToken=PAUS${'0'.repeat(32)}`)).status, 400)
})

test('TWIL-33 a subaccount is never a user, and a user never a subaccount', async (t) => {
  const face = await openTwilio(t)
  const sid = await make(face, 'EU')
  await invite(face)
  const users = await face.send('GET', face.users)
  const scim = await face.sendScim('GET', `${face.scim}/Users`)
  assert.ok(users.json.users.every((user) => user.sid.startsWith('US')))
  assert.ok(scim.json.Resources.every((user) => user.id.startsWith('US')))
  assert.equal((await face.send('GET', `${face.users}/${sid}`)).status, 404)
  assert.equal((await face.send('GET', `${face.users}/${sid.replace('AC', 'US')}`)).status, 404)
  assert.ok((await face.send('GET', accounts)).json.accounts.every((account) => account.sid.startsWith('AC')))
})

test('under the vendor’s host the path is the vendor’s', async (t) => {
  const face = await openTwilio(t)
  const reply = await face.send('GET', '/2010-04-01/Accounts.json', { headers: { host: 'api.twilio.com' } })
  assert.equal(reply.status, 200)
})

test('TWIL-P09 the auth token makes a subaccount, which is a workspace; a name that is not given is Twilio’s usual one', async (t) => {
  const face = await openTwilio(t)
  const made = await face.send('POST', accounts, { body: { FriendlyName: 'EU' } })
  assert.equal(made.status, 201, made.text)
  assert.deepEqual([made.json['friendly_name'], made.json['status'], made.json['type']], ['EU', 'active', 'Full'])
  assert.deepEqual((await face.send('GET', accounts)).json.accounts, [made.json])
  const [workspace] = await face.world.home.directory.listWorkspaces(face.world.call(), undefined)
  assert.equal(`AC${workspace?.id.replaceAll('-', '')}`, made.json.sid)
  for (const body of [{}, { FriendlyName: ' ' }])
    assert.match(
      String((await face.send('POST', accounts, { body })).json['friendly_name']),
      /^SubAccount Created at \d{4}-\d\d-\d\d (?:0[1-9]|1[0-2]):\d\d [ap]m$/,
    )
  assert.equal((await face.send('POST', accounts, { body: { FriendlyName: 'x'.repeat(65) } })).status, 400)
})

test('TWIL-03 TWIL-P09 a standard API key and the organization key make no subaccount', async (t) => {
  const face = await openTwilio(t)
  const { apiKeySid, apiKeySecret, orgKeySecret } = face.access
  const key = `Basic ${Buffer.from(`${apiKeySid}:${apiKeySecret}`).toString('base64')}`
  const refused = await face.send('POST', accounts, { body: { FriendlyName: 'EU' }, headers: { authorization: key } })
  assert.deepEqual([refused.status, refused.json['code']], [403, 20403])
  const bearer = { authorization: `Bearer ${orgKeySecret}` }
  assert.equal((await face.send('POST', accounts, { body: {}, headers: bearer })).status, 401)
  assert.deepEqual(await face.world.home.directory.listWorkspaces(face.world.call(), undefined), [])
})
