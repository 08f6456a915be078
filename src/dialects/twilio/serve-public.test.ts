import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faceOf, invite, memberOf, openTwilio, roleSid, type Face } from '../../../tests/twilio.ts'

const organizations = (face: Face) => `/twilio/Organizations/${face.access.organizationSid}`
const json = { 'content-type': 'application/json' }
const assign = (face: Face, body: object) =>
  face.sendScim('POST', `${organizations(face)}/RoleAssignments`, { body: JSON.stringify(body), headers: json })

test('TWIL-P01 the same user answers under the guide’s path and both public ones, by base path and by host', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  const { organizationSid } = face.access
  for (const [host, path] of [
    ['', `${face.scim}/Users/${sid}`],
    ['', `${organizations(face)}/scim/Users/${sid}`],
    ['', `/twilio/scim/v2/Users/${sid}`],
    ['accounts.twilio.com', `/scim/v2/Organizations/${organizationSid}/Users/${sid}`],
    ['preview-iam.twilio.com', `/Organizations/${organizationSid}/scim/Users/${sid}`],
    ['iam.twilio.com', `/scim/v2/Users/${sid}`],
  ] as const) {
    const reply = await face.sendScim('GET', path, { headers: { host } })
    assert.deepEqual([reply.status, reply.json.id], [200, sid], path)
  }
  assert.equal((await face.sendScim('GET', `${organizations(face)}/scim/Groups`)).status, 404)
})

test('TWIL-P02 a token is given for the organization key: 201, an hour, and dead with the key', async (t) => {
  const face = await openTwilio(t)
  const ask = (body: object) => face.send('POST', '/twilio/v1/token', { body, headers: { authorization: '' } })
  const grant = { grant_type: 'client_credentials', client_id: 'OQ1', client_secret: face.access.orgKeySecret }
  const { status, json: token } = await ask(grant)
  assert.deepEqual([status, token['token_type'], token['expires_in']], [201, 'Bearer', 3600])
  const headers = { authorization: `Bearer ${String(token['access_token'])}` }
  for (const path of [`${face.scim}/Users`, '/twilio/scim/v2/Users', `${organizations(face)}/RoleAssignments`])
    assert.equal((await face.sendScim('GET', path, { headers })).status, 200, path)
  const [head, payload, signature = ''] = String(token['access_token']).split('.')
  const forged = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  for (const wrong of [forged, unsigned])
    assert.equal(
      (await face.sendScim('GET', `${face.scim}/Users`, { headers: { authorization: `Bearer ${wrong}` } })).status,
      401,
    )
  const { directory } = face.world.home
  const key = (await directory.listCredentials(face.world.call(), undefined)).find(({ kind }) => kind === 'twilioorgkey')
  await directory.revokeCredential(face.world.call(), { id: key?.id ?? '' })
  assert.equal((await face.sendScim('GET', `${face.scim}/Users`, { headers })).status, 401)
  assert.equal((await ask(grant)).status, 401)
})

test('TWIL-P02 no other secret and no other grant gets a token', async (t) => {
  const face = await openTwilio(t)
  const ask = async (over: object) =>
    (
      await face.send('POST', '/twilio/v1/token', {
        body: { grant_type: 'client_credentials', client_id: 'OQ1', client_secret: face.access.orgKeySecret, ...over },
        headers: { authorization: '' },
      })
    ).status
  assert.equal(await ask({ client_secret: face.access.authToken }), 401)
  assert.equal(await ask({ client_secret: face.access.apiKeySecret }), 401)
  assert.equal(await ask({ client_secret: 'x' }), 401)
  assert.equal(await ask({ client_id: '' }), 400)
})

test('TWIL-P02 the Authorization Code grant is refused in the shape of Twilio’s errors, and gives no token', async (t) => {
  const face = await openTwilio(t)
  for (const grant_type of ['authorization_code', 'refresh_token', 'password']) {
    const { status, json } = await face.send('POST', '/twilio/v1/token', {
      body: { grant_type, client_id: 'OQ1', client_secret: face.access.orgKeySecret, code: 'c', redirect_uri: 'https://x' },
      headers: { authorization: '' },
    })
    assert.deepEqual(
      [status, json],
      [
        400,
        {
          code: 20400,
          message: 'Only the grant_type client_credentials is offered.',
          more_info: 'https://www.twilio.com/docs/errors/20400',
          status: 400,
        },
      ],
    )
  }
})

test('TWIL-P03 a role is assigned, listed and taken away, and the user’s role_sid follows', async (t) => {
  const face = await openTwilio(t)
  const identity = await invite(face)
  const role = (await roleSid(face, 'Admin')).slice(2)
  const { organizationSid: scope, accountSid } = face.access
  const made = await assign(face, { role_sid: `IX${role}`, scope, identity })
  assert.equal(made.status, 201, made.text)
  assert.match(made.json.sid, /^IY[0-9a-f]{32}$/)
  assert.deepEqual({ ...made.json, sid: '' }, { sid: '', role_sid: `IX${role}`, scope, identity })
  assert.equal((await face.send('GET', `${face.users}/${identity}`)).json['role_sid'], `RL${role}`)
  const again = await assign(face, { role_sid: `RL${role}`, scope: accountSid, identity })
  assert.deepEqual(again.json, made.json)
  const list = await face.sendScim('GET', `${organizations(face)}/RoleAssignments?Identity=${identity}&Scope=${scope}`)
  assert.deepEqual(list.json.content, [made.json])
  const path = `${organizations(face)}/RoleAssignments/${made.json.sid}`
  assert.equal((await face.sendScim('DELETE', path)).status, 204)
  assert.equal((await face.sendScim('DELETE', path)).status, 404)
  assert.deepEqual((await memberOf(face, identity)).roleIds, [])
})

test('TWIL-P03 a role of a subaccount is assigned in that subaccount alone', async (t) => {
  const face = await openTwilio(t)
  const identity = await invite(face)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'EU' })
  const role = await directory.createRole(face.world.call(), { name: 'Developer', workspaceId: workspace.id })
  const role_sid = `IX${role.id.replaceAll('-', '')}`
  const scope = `AC${workspace.id.replaceAll('-', '')}`
  assert.equal((await assign(face, { role_sid, scope: face.access.organizationSid, identity })).status, 400)
  assert.equal((await assign(face, { role_sid, scope, identity })).json['scope'], scope)
  assert.equal((await face.send('GET', `${face.users}/${identity}`)).json['role_sid'], null)
  const inScope = await face.sendScim('GET', `${organizations(face)}/RoleAssignments?Scope=${scope}`)
  assert.equal(inScope.json.content.length, 1)
})

test('TWIL-P03 what cannot be assigned is refused: no role, no user, another organization’s', async (t) => {
  const face = await openTwilio(t)
  const another = faceOf(face.world, await face.world.another())
  const identity = await invite(face)
  const role_sid = await roleSid(face, 'Admin')
  const scope = face.access.organizationSid
  assert.equal((await assign(face, { role_sid: 'IXx', scope, identity })).status, 400)
  assert.equal((await assign(face, { role_sid, scope: 'ORx', identity })).status, 400)
  assert.equal((await assign(face, { role_sid, scope, identity: 'x' })).status, 400)
  assert.equal((await assign(face, { role_sid, scope, identity: `US${'0'.repeat(32)}` })).status, 404)
  assert.equal((await assign(face, { role_sid: await roleSid(another, 'Admin'), scope, identity })).status, 400)
  const made = await assign(face, { role_sid, scope, identity })
  const foreign = `${organizations(another)}/RoleAssignments/${made.json.sid}`
  assert.equal((await another.sendScim('DELETE', foreign)).status, 404)
})

test('TWIL-P06 assignments are walked page by page, within a person too, with at most 100 on a page', async (t) => {
  const face = await openTwilio(t)
  const expected: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const identity = await invite(face, { Email: `${name}@example.com` })
    for (const role of ['Admin', 'Member', 'ReadOnly'])
      expected.push(
        (await assign(face, { role_sid: await roleSid(face, role), scope: face.access.organizationSid, identity })).json.sid,
      )
  }
  const walked: string[] = []
  for (let url: unknown = `${organizations(face)}/RoleAssignments?PageSize=2`; typeof url === 'string';) {
    const reply = await face.sendScim('GET', url.replace('http://rollcall.test', ''))
    walked.push(...reply.json.content.map(({ sid }) => sid))
    url = reply.json.meta['next_page_url']
  }
  assert.deepEqual(walked, expected)
  const counted = await face.sendScim('GET', `${organizations(face)}/RoleAssignments?PageSize=2&Page=1`)
  assert.equal(counted.status, 400)
  const large = await face.sendScim('GET', `${organizations(face)}/RoleAssignments?PageSize=5000`)
  assert.deepEqual([large.json.meta['page_size'], large.json.meta['key'], large.json.content.length], [100, 'content', 9])
})

test('TWIL-P06 the organization’s accounts are listed under content, the main one among them', async (t) => {
  const face = await openTwilio(t)
  await face.world.home.directory.createWorkspace(face.world.call(), { name: 'EU' })
  const path = `${organizations(face)}/Accounts`
  const { json: list } = await face.sendScim('GET', `${path}?PageSize=5000`)
  assert.deepEqual(
    list.content.map((account) => account['friendly_name']),
    ['Example', 'EU'],
  )
  assert.equal(list.meta['page_size'], 100)
  const first = await face.sendScim('GET', `${path}?PageSize=1`)
  const next = String(first.json.meta['next_page_url']).replace('http://rollcall.test', '')
  const second = await face.sendScim('GET', next)
  assert.deepEqual([second.json.content[0]?.['friendly_name'], second.json.meta['next_page_url']], ['EU', null])
  const one = await face.sendScim('GET', `${path}/${face.access.accountSid}`)
  assert.equal(one.json['friendly_name'], 'Example')
  assert.equal((await face.sendScim('GET', `${path}/ACx`)).status, 404)
})

test('TWIL-P04 errors there have moreInfo in camel case and the SCIM media type', async (t) => {
  const face = await openTwilio(t)
  const reply = await face.sendScim('DELETE', `${organizations(face)}/RoleAssignments/IYx`)
  assert.equal(reply.headers['content-type'], 'application/scim+json')
  assert.deepEqual(
    [reply.status, reply.json['code'], reply.json['status'], reply.json['moreInfo']],
    [404, 20404, 404, 'https://www.twilio.com/docs/errors/20404'],
  )
  const basic = await face.send('GET', `${organizations(face)}/RoleAssignments`)
  assert.equal(basic.status, 401)
})

test('TWIL-P06 a page of assignments is put together from a bounded number of people, and says where to go on', async (t) => {
  const face = await openTwilio(t)
  const { world } = face
  const admin = (await world.home.directory.listRoles(world.call(), undefined)).find(({ name }) => name === 'Admin')!
  await world.home.database.store.write(world.organizationId, async (tx) => {
    for (let number = 0; number < 2_050; number++) {
      const [id, personId] = [world.home.newId(), world.home.newId()]
      const now = new Date()
      await tx.putPerson({ id: personId, createdAt: now })
      await tx.putMembership({
        id,
        personId,
        organizationId: world.organizationId,
        userName: `p${number}@example.com`,
        externalId: undefined,
        displayName: undefined,
        name: {},
        emails: [],
        roleIds: number === 2_040 ? [admin.id] : [],
        attributes: {},
        status: 'active',
        acceptedAt: now,
        createdAt: now,
        updatedAt: now,
        version: 1,
      })
    }
  })
  const first = await face.sendScim('GET', `${organizations(face)}/RoleAssignments`)
  assert.deepEqual(first.json.content, [])
  const next = String(first.json.meta['next_page_url']).replace('http://rollcall.test', '')
  const second = await face.sendScim('GET', next)
  assert.deepEqual([second.json.content.length, second.json.meta['next_page_url']], [1, null])
})
