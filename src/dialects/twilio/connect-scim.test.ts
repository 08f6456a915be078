import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted } from '../../../tests/bandwidth-vendor.ts'
import { invite, memberOf, roleSid } from '../../../tests/twilio.ts'
import { ada, connect, connectToFace, listAll, make, organizationSid, withKey } from '../../../tests/twilio-vendor.ts'

const scim = { credentials: { profile: 'scim' } }

test('TWIL-39 the SCIM profile reads all pages with startIndex and count', async (t) => {
  const { url, seen } = await scripted(t, ({ url: path }) => {
    const from = Number(new URL(path, 'http://x').searchParams.get('startIndex')) - 1
    const Resources = Array.from({ length: Math.min(2, 5 - from) }, (_, at) => ({
      id: `US${from + at}`,
      userName: `p${from + at}@example.com`,
      active: true,
    }))
    return json({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 5, Resources })
  })
  const { vendor } = connect(url, { ...withKey, profile: 'scim' })
  const accounts = await listAll(vendor)
  assert.deepEqual(
    accounts.map(({ id, status }) => [id, status]),
    [0, 1, 2, 3, 4].map((at) => [`US${at}`, 'active']),
  )
  assert.equal(vendor.reader.paging, 'offset')
  assert.ok(seen.every(({ headers }) => headers.authorization === `Bearer ${withKey.orgKeySecret}`))
  assert.ok(seen[0]?.url.startsWith(`/api/scim/v2/Organizations/${organizationSid}/Users?startIndex=1&count=`))
})

test('TWIL-42 TWIL-43 TWIL-45 TWIL-49 the SCIM profile invites, changes, suspends, resumes and removes', async (t) => {
  const { face, vendor } = await connectToFace(t, scim)
  const account = await make(vendor)
  assert.deepEqual([account.userName, account.givenName, account.familyName], ['ada@example.com', 'Ada', 'King'])
  assert.equal((await memberOf(face, account.id)).status, 'invited')
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  const changed = await vendor.writer.update(account.id, { ...ada, email: 'countess@example.com', givenName: 'Augusta' })
  assert.deepEqual(
    [changed.userName, changed.email, changed.givenName],
    ['countess@example.com', 'countess@example.com', 'Augusta'],
  )
  const rest = await face.send('GET', `${face.users}/${account.id}`)
  assert.deepEqual([rest.json['email'], rest.json['first_name']], ['countess@example.com', 'Augusta'])
  assert.equal((await vendor.writer.suspend?.(account.id))?.status, 'suspended')
  assert.equal((await vendor.writer.resume?.(account.id))?.status, 'active')
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
  await vendor.writer.remove(account.id)
})

test('TWIL-48 the capabilities say that active=false ends no session, and that a removal does', async (t) => {
  const { vendor } = await connectToFace(t, scim)
  assert.equal(vendor.capabilities.suspend, true)
  assert.ok(vendor.capabilities.notes.some((note) => /does not end running sessions.*has to be removed/.test(note)))
})

test('TWIL-55 TWIL-57 SCIM sets no roles, and the notes say why and which identity providers are supported', async (t) => {
  const { vendor } = await connectToFace(t, scim)
  assert.equal(vendor.capabilities.setRoles, false)
  const { notes } = vendor.capabilities
  assert.ok(notes.some((note) => /mapped to Console roles in the identity provider.*without mapping grants nothing/.test(note)))
  assert.ok(notes.some((note) => /Okta, Microsoft Entra ID and OneLogin are supported.*Google Workspace is not/.test(note)))
})

test('TWIL-63 TWIL-64 a leaver is found by REST, suspended by SCIM, looks the same whoever did it, and is removed', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const sids = [await invite(face), await invite(face, { Email: 'b@example.com' })]
  const [first, second] = await listAll(vendor)
  assert.deepEqual([first?.id, second?.id], sids)
  const mine = await vendor.writer.suspend?.(sids[0]!)
  await face.sendScim('PATCH', `${face.scim}/Users/${sids[1]}`, {
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    },
  })
  assert.equal(mine?.status, 'suspended')
  assert.deepEqual(
    (await listAll(vendor)).map(({ status }) => status),
    ['suspended', 'suspended'],
  )
  for (const sid of sids) await vendor.writer.remove(sid)
  assert.deepEqual(await listAll(vendor), [])
})

test('TWIL-63 a suspension that Twilio did not keep is an error, and REST alone cannot suspend', async (t) => {
  const { url } = await scripted(t, () => json({ id: 'US1', userName: 'a@example.com', active: true }))
  const { vendor } = connect(url, withKey)
  await assert.rejects(async () => vendor.writer.suspend?.('US1'), {
    name: 'RemoteError',
    effect: 'unknown',
    message: /still shows/,
  })
  const { orgKeySecret: _, ...rest } = withKey
  const without = connect(url, rest).vendor
  assert.equal(without.capabilities.suspend, false)
  assert.equal('suspend' in without.writer, false)
})

test('TWIL-46 the documented answer to a PATCH is understood, and so is none at all', async (t) => {
  const answers = [json({ id: 'US1', userName: 'a@example.com', active: false }), { status: 204 }]
  for (const answer of answers) {
    const user = { id: 'US1', sid: 'US1', userName: 'a@example.com', active: false }
    const { url, seen } = await scripted(t, ({ method }) => (method === 'PATCH' ? answer : json(user)))
    assert.equal((await connect(url, withKey).vendor.writer.suspend?.('US1'))?.status, 'suspended')
    const sent: unknown = JSON.parse(seen[0]?.body ?? '')
    assert.deepEqual(sent, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    })
    assert.match(seen[0]?.headers['content-type'] ?? '', /^application\/scim\+json/)
  }
})

test('something else at the SCIM address is no list', async (t) => {
  for (const body of [
    {},
    { totalResults: 1, Resources: [{ userName: 'x' }] },
    { totalResults: 1, Resources: [{ id: 'ACx', userName: 'x' }] },
  ]) {
    const { url } = await scripted(t, () => json(body))
    await assert.rejects(listAll(connect(url, { ...withKey, profile: 'scim' }).vendor), { name: 'RemoteError' })
  }
})

test('TWIL-P01 the SCIM profile works under the public address of iam.twilio.com too', async (t) => {
  const { face, baseUrl } = await connectToFace(t)
  const { organizationSid: sid, orgKeySecret } = face.access
  const { vendor } = connect(baseUrl, { organizationSid: sid, orgKeySecret, scimBaseUrl: `${baseUrl}/scim/v2` })
  await make(vendor)
  assert.equal((await listAll(vendor)).length, 1)
})

test('roles by REST and suspension by SCIM work on the same user, whose roles stand in every answer', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const role = await roleSid(face, 'Admin')
  const account = await make(vendor, { ...ada, roleIds: [role] })
  const suspended = await vendor.writer.suspend?.(account.id)
  const read = await vendor.reader.read(account.id)
  for (const answer of [suspended, read]) assert.deepEqual([answer?.status, answer?.roles[0]?.id], ['suspended', role])
})

test('where REST does not show active, the status of a suspension is what SCIM says', async (t) => {
  const { url } = await scripted(t, ({ url: path }) =>
    path.includes('/scim/')
      ? json({ id: 'US1', userName: 'a@example.com', active: false })
      : json({ sid: 'US1', email: 'a@example.com', friendly_name: null, role_sid: 'RL1' }),
  )
  const { vendor } = connect(url, withKey)
  const suspended = await vendor.writer.suspend?.('US1')
  assert.deepEqual([suspended?.status, suspended?.roles[0]?.id], ['suspended', 'RL1'])
  assert.equal((await vendor.reader.read('US1'))?.status, 'unknown')
})
