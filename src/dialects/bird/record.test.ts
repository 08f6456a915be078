import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inviteUser, jane, openBird, roleId, type BirdFace } from '../../../tests/bird.ts'
import { formats, validatorOf } from '../../../tests/bird-document.ts'
import { stateOf, type MemberState } from '../../directory/membership.ts'

/** Adds a whole profile past Bird and answers the membership as Bird shows it. */
async function show(face: BirdFace, over: Partial<MemberState> = {}, as: 'active' | 'invited' = 'active') {
  const { member } = await face.world.home.directory.addMember(face.world.call(), {
    as,
    state: {
      userName: 'ada',
      externalId: '00u1',
      displayName: 'Ada King',
      name: { givenName: 'Ada', familyName: 'King' },
      emails: [{ value: 'ada@example.com' }, { value: 'king@example.com', primary: true }],
      roleIds: [],
      suspended: false,
      attributes: {
        locale: 'en-GB',
        timezone: 'Europe/London',
        phoneNumbers: [{ value: 'tel:+44 20 7946 0000' }, { value: '+31612345678', primary: true }, { value: 'x1' }],
        photos: [{ value: 'https://example.com/ada.png' }],
      },
      ...over,
    },
  })
  const { json } = await face.send('GET', `${face.users}/${member.personId}`)
  return { member, json }
}

test('BIRD-16 lists and updates never show teamRoles', async (t) => {
  const face = await openBird(t)
  const id = await inviteUser(face)
  const [listed] = (await face.send('GET', face.users)).json.results
  const patched = await face.send('PATCH', `${face.users}/${id}`, { body: { attributes: { a: 1 } } })
  assert.deepEqual(
    [listed, patched.json].map((membership) => 'teamRoles' in membership),
    [false, false],
  )
})

test('BIRD-17 one membership shows its teams, with the roles that they grant', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const { member, json } = await show(face)
  assert.deepEqual(json.teamRoles, [])
  const admin = await roleId(face, 'Admin')
  const group = { externalId: undefined, attributes: {}, membershipIds: [member.id] }
  const granting = await directory.addGroup(face.world.call(), { ...group, displayName: 'Support', roleIds: [admin] })
  const other = await directory.addGroup(face.world.call(), { ...group, displayName: 'Chess', roleIds: [] })
  const shown = (await face.send('GET', `${face.users}/${member.personId}`)).json
  assert.deepEqual(shown.teamRoles, [
    { id: granting.id, name: 'Support', roleRefs: [{ id: admin, type: 'managed' }] },
    { id: other.id, name: 'Chess', roleRefs: null },
  ])
  assert.equal(shown.roleRefs, null)
})

test('BIRD-18 a user who is unknown, or no member here, is 404', async (t) => {
  const face = await openBird(t)
  for (const id of ['00000000-0000-4000-8000-000000000000', 'x', 'jane@example.com']) {
    const { status, json } = await face.send('GET', `${face.users}/${id}`)
    assert.equal(status, 404)
    assert.deepEqual(Object.keys(json), ['code', 'message'])
  }
})

test('BIRD-19 BIRD-21 BIRD-64 a whole membership carries what it must, with UUIDs and RFC 3339 times', async (t) => {
  const { json, member } = await show(await openBird(t))
  for (const name of ['user', 'status', 'createdAt', 'updatedAt']) assert.ok(name in json)
  for (const name of ['id', 'status', 'name', 'activeSessions', 'emails', 'phoneNumbers', 'createdAt', 'updatedAt'])
    assert.ok(name in json.user)
  assert.equal(json.user.id, member.personId)
  assert.match(json.user.id, formats['uuid']!)
  assert.match(json.createdAt, formats['date-time']!)
  const bare = (await show(await openBird(t), { emails: [], attributes: {}, externalId: undefined })).json
  assert.deepEqual([bare.user.emails, bare.user.phoneNumbers, 'defaultEmail' in bare.user], [[], [], false])
})

test('BIRD-20 BIRD-Q11 the status of the membership and of the user are apart', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const statuses = async (id: string) => {
    const { json } = await face.send('GET', `${face.users}/${id}`)
    return [json.status, json.user.status]
  }
  const { member } = await show(face)
  assert.deepEqual(await statuses(member.personId), ['active', 'active'])
  await directory.suspendMember(face.world.call(), { id: member.id, sessions: 'keep' })
  assert.deepEqual(await statuses(member.personId), ['banned', 'active'])
  const { member: invited, invitationToken } = await directory.addMember(face.world.call(), {
    as: 'invited',
    state: { ...stateOf(member), userName: 'x', emails: [{ value: 'x@example.com' }], suspended: false },
  })
  assert.deepEqual(await statuses(invited.personId), ['invited', 'pending'])
  await directory.suspendMember(face.world.call(), { id: invited.id, sessions: 'keep' })
  assert.deepEqual(await statuses(invited.personId), ['banned', 'pending'])
  await directory.resumeMember(face.world.call(), { id: invited.id })
  await directory.acceptInvitation(face.world.call(), { token: invitationToken ?? '' })
  assert.deepEqual(await statuses(invited.personId), ['active', 'active'])
})

test('BIRD-23 BIRD-30 addresses are records of the user, the default one among them', async (t) => {
  const { json } = await show(await openBird(t))
  assert.equal(json.user.defaultEmail, 'king@example.com')
  assert.deepEqual(
    json.user.emails.map(({ email, verified, passwordSet, tokenSet, userId }) => [
      email,
      verified,
      passwordSet,
      tokenSet,
      userId,
    ]),
    [
      ['ada@example.com', false, false, false, json.user.id],
      ['king@example.com', true, false, false, json.user.id],
    ],
  )
  assert.equal(new Set(json.user.emails.map(({ id }) => id)).size, 2)
})

test('BIRD-24 BIRD-25 identities and telephone numbers hold what the document lists', async (t) => {
  const { json } = await show(await openBird(t))
  const { identities, phoneNumbers, phoneNumber, locale, timezone, avatarUrl, createdAt, updatedAt, id: userId } = json.user
  assert.deepEqual(identities, [{ id: '00u1', provider: 'okta', createdAt, updatedAt }])
  assert.deepEqual(
    phoneNumbers.map(({ id: _id, ...rest }) => rest),
    [
      { userId, phoneNumber: '+31612345678', verified: false, primary: true, createdAt, updatedAt },
      { userId, phoneNumber: '+442079460000', verified: false, primary: false, createdAt, updatedAt },
    ],
  )
  assert.deepEqual(
    [phoneNumber, locale, timezone, avatarUrl],
    ['+31612345678', 'en-GB', 'Europe/London', 'https://example.com/ada.png'],
  )
})

test('what the document’s formats do not take is left out', async (t) => {
  const attributes = { locale: 'not a locale', timezone: 'Mars/Olympus', phoneNumbers: [{ value: '12' }, 7], photos: 'x' }
  const { json } = await show(await openBird(t), { attributes })
  for (const name of ['locale', 'timezone', 'phoneNumber', 'avatarUrl']) assert.ok(!Object.hasOwn(json.user, name), name)
})

test('BIRD-26 hidden telephone numbers are the literal, and nowhere else', async (t) => {
  const { json } = await show(await openBird(t, { settings: { bird: { phoneNumbers: 'hidden' } } }))
  assert.deepEqual([json.user.phoneNumber, json.user.phoneNumbers], ['**hidden**', []])
})

test('BIRD-27 a validator that does not assert phone-number fails on the hidden number', async (t) => {
  const { json } = await show(await openBird(t, { settings: { bird: { phoneNumbers: 'hidden' } } }))
  const pointer = '/components/schemas/UserMembershipEnriched'
  assert.equal(validatorOf(pointer)(json), true)
  assert.equal(validatorOf(pointer, { ...formats, 'phone-number': true })(json), false)
})

test('BIRD-28 no badge but messagebird:cx is ever shown', async (t) => {
  const { json } = await show(await openBird(t), { attributes: { badges: ['other'] } })
  assert.ok((json.user.badges ?? []).every((badge: string) => badge === 'messagebird:cx'))
})

test('BIRD-29 activeSessions counts the open sessions, in lists as well', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const { member, json } = await show(face)
  assert.equal(json.user.activeSessions, 0)
  const one = await directory.startSession(face.world.call(), { membershipId: member.id })
  await directory.startSession(face.world.call(), { membershipId: member.id })
  const count = async () => (await face.send('GET', `${face.users}?preview=true`)).json.results[0].user.activeSessions
  assert.ok(one)
  assert.equal(await count(), 2)
  await directory.endSessions(face.world.call(), { membershipId: member.id })
  assert.equal(await count(), 0)
})

test('BIRD-31 a membership without roles and attributes says null', async (t) => {
  const { json } = await show(await openBird(t))
  assert.deepEqual([json.roleIds, json.roleRefs, json.attributes], [null, null, null])
})

test('roles that came through another API are shown as attributes.roles, a workspace’s as references', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'Support' })
  const agent = await directory.createRole(face.world.call(), { name: 'Agent', workspaceId: workspace.id })
  const { json } = await show(face, { roleIds: [await roleId(face, 'Admin'), agent.id] })
  assert.deepEqual(json.attributes, { roles: ['managed:organization_admin'] })
  assert.deepEqual(json.roleRefs, [{ id: agent.id, type: 'organization', workspaces: [workspace.id] }])
})

test('two roles that would have one slug, and names that are none, are told apart', async (t) => {
  const face = await openBird(t)
  const names = ['Night shift', 'night_shift', 'Ærø', 'Organization admin']
  const roleIds: string[] = []
  for (const name of names) roleIds.push((await face.world.home.directory.createRole(face.world.call(), { name })).id)
  const { json } = await show(face, { roleIds })
  const { roles } = json.attributes
  assert.deepEqual([roles[0], roles[3]], ['organization:night_shift', 'organization:organization_admin'])
  assert.equal(new Set(roles).size, 4)
  const id = await inviteUser(face, { ...jane, attributes: { roles } })
  assert.deepEqual((await face.send('GET', `${face.users}/${id}`)).json.attributes.roles, roles)
})
