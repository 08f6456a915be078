import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted } from '../../../tests/bandwidth-vendor.ts'
import { invite, roleSid } from '../../../tests/twilio.ts'
import { ada, connect, connectToFace, listAll, make, organizationSid } from '../../../tests/twilio-vendor.ts'

const app = { organizationSid, clientId: `OQ${'d'.repeat(32)}`, clientSecret: 'secret-of-the-app', profile: 'current' }
const current = { credentials: { profile: 'current' } }
const publicRole = async (...[face, name]: Parameters<typeof roleSid>) => `IX${(await roleSid(face, name)).slice(2)}`

test('TWIL-P01 TWIL-P03 the current profile reads people by SCIM and their roles from the assignments', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, current)
  const RoleSid = await roleSid(face, 'Admin')
  const sid = await invite(face, { Email: 'jane@example.com', RoleSid })
  await invite(face, { Email: 'b@example.com' })
  const accounts = await listAll(vendor)
  assert.deepEqual(
    accounts.map(({ userName, roles }) => [userName, roles.map(({ id }) => id)]),
    [
      ['jane@example.com', [`IX${RoleSid.slice(2)}`]],
      ['b@example.com', []],
    ],
  )
  assert.deepEqual((await vendor.reader.read(sid))?.roles, accounts[0]?.roles)
  assert.ok(
    exchanges.every(({ url }) => new URL(url).pathname.startsWith(`/twilio/Organizations/${face.access.organizationSid}/`)),
  )
})

test('TWIL-P03 roles are set by making and deleting assignments, new ones first; those in subaccounts stay', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, current)
  const [admin, member] = [await publicRole(face, 'Admin'), await publicRole(face, 'Member')]
  const account = await make(vendor)
  const first = await vendor.writer.update(account.id, { ...ada, roleIds: [admin] })
  assert.deepEqual(
    first.roles.map(({ id }) => id),
    [admin],
  )
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'EU' })
  const role = await directory.createRole(face.world.call(), { name: 'Developer', workspaceId: workspace.id })
  await face.sendScim('POST', `/twilio/Organizations/${face.access.organizationSid}/RoleAssignments`, {
    body: JSON.stringify({
      role_sid: `IX${role.id.replaceAll('-', '')}`,
      scope: `AC${workspace.id.replaceAll('-', '')}`,
      identity: account.id,
    }),
    headers: { 'content-type': 'application/json' },
  })
  exchanges.length = 0
  const second = await vendor.writer.update(account.id, { ...ada, roleIds: [member] })
  assert.deepEqual(
    second.roles.map(({ id }) => id),
    [member],
  )
  assert.deepEqual(
    exchanges.map(({ method }) => method).filter((method) => method !== 'GET'),
    ['POST', 'DELETE'],
  )
  const all = await face.sendScim('GET', `/twilio/Organizations/${face.access.organizationSid}/RoleAssignments`)
  assert.equal(all.json.content.length, 2)
})

test('the current profile invites, changes, suspends and removes', async (t) => {
  const { vendor } = await connectToFace(t, current)
  const account = await make(vendor)
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  const changed = await vendor.writer.update(account.id, { ...ada, familyName: 'Lovelace' })
  assert.equal(changed.familyName, 'Lovelace')
  assert.equal((await vendor.writer.suspend?.(account.id))?.status, 'suspended')
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
})

test('TWIL-P02 an OAuth app gets a token, uses it until shortly before its end, and asks anew after it was refused', async (t) => {
  let nowMs = Date.parse('2026-11-21T00:00:00Z')
  let tokens = 0
  let refuse = false
  const { url, seen } = await scripted(t, ({ method, url: path }) => {
    if (path === '/api/v1/token') return json({ access_token: `t${++tokens}`, token_type: 'Bearer', expires_in: 3600 }, 201)
    if (refuse) return json({ code: 20003, message: 'Authenticate', status: 401 }, 401)
    if (path.includes('/RoleAssignments')) return json({ content: [], meta: { next_page_url: null } })
    return method === 'GET' ? json({ totalResults: 0, Resources: [] }) : { status: 204 }
  })
  const { vendor, exchanges } = connect(url, app, () => new Date(nowMs))
  const authorizations = () => seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers.authorization)
  await listAll(vendor)
  nowMs += 3000_000
  await listAll(vendor)
  assert.deepEqual(new Set(authorizations()), new Set(['Bearer t1']))
  nowMs += 575_000
  await listAll(vendor)
  assert.equal(authorizations().at(-1), 'Bearer t2')
  refuse = true
  await assert.rejects(listAll(vendor), { status: 401 })
  refuse = false
  await listAll(vendor)
  assert.equal(authorizations().at(-1), 'Bearer t3')
  assert.equal(seen[0]?.body, `grant_type=client_credentials&client_id=${app.clientId}&client_secret=secret-of-the-app`)
  assert.ok(!JSON.stringify(exchanges).includes('secret-of-the-app'))
  assert.ok(!JSON.stringify(exchanges).includes('"t1"'))
})

test('TWIL-P02 the current profile works with tokens that our own endpoint gives', async (t) => {
  const { face, baseUrl } = await connectToFace(t)
  const { organizationSid: sid, orgKeySecret } = face.access
  const { vendor } = connect(baseUrl, { ...app, organizationSid: sid, clientSecret: orgKeySecret })
  await make(vendor)
  assert.equal((await listAll(vendor)).length, 1)
  assert.equal((await vendor.reader.check()).usable, true)
})

test('TWIL-P06 assignments are followed over all pages', async (t) => {
  const assignment = (at: number) => ({
    sid: `IY${at}`,
    role_sid: 'IXa',
    scope: organizationSid,
    identity: `US${at}`,
  })
  const { url } = await scripted(t, ({ url: path }) => {
    if (!path.includes('/RoleAssignments'))
      return json({ totalResults: 2, Resources: [0, 1].map((at) => ({ id: `US${at}`, userName: `p${at}@example.com` })) })
    const isSecond = path.includes('Page=1')
    const next = `${url}/Organizations/${organizationSid}/RoleAssignments?Page=1`
    return json({ content: [assignment(isSecond ? 1 : 0)], meta: { key: 'content', next_page_url: isSecond ? null : next } })
  })
  const { vendor } = connect(url, { organizationSid, orgKeySecret: 'k', profile: 'current', roleNames: { IXa: 'Administrator' } })
  assert.deepEqual(
    (await listAll(vendor)).map(({ roles }) => roles),
    [[{ id: 'IXa', name: 'Administrator' }], [{ id: 'IXa', name: 'Administrator' }]],
  )
})
