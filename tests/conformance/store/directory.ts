import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DirectoryError } from '../../../src/directory/errors.ts'
import { readMembership, type Membership } from '../../../src/directory/membership.ts'
import { addMember, stateOf, useBench, type CreateDatabase } from './bench.ts'

const taken = (field: string) => (error: unknown) =>
  error instanceof DirectoryError && error.refusal === 'taken' && error.field === field

export function directoryConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const at = new Date('2026-03-01T10:20:30.456Z')

  test('organizations, workspaces and roles come back as they were put, changed by a second put', async () => {
    const { opened, newId } = bench()
    const organization = {
      id: newId(),
      name: 'Änderung',
      plan: 'free',
      sso: 'okta',
      emailDomains: ['example.com'],
      createdAt: at,
      updatedAt: at,
    } as const
    const workspace = { id: newId(), organizationId: organization.id, name: 'Support', createdAt: at }
    const role = {
      id: newId(),
      organizationId: organization.id,
      workspaceId: workspace.id,
      name: 'Agent',
      owner: true,
      createdAt: at,
    }
    const { store } = opened
    await store.write(organization.id, async (tx) => {
      await tx.putOrganization({ ...organization, name: 'Before' })
      await tx.putOrganization(organization)
      await tx.putWorkspace(workspace)
      await tx.putRole(role)
      await tx.putRole({ ...role, id: newId(), workspaceId: undefined, owner: false, name: 'Gone' })
      const [, gone] = await tx.roles(organization.id)
      assert.equal(gone?.workspaceId, undefined)
      await tx.removeRole(organization.id, gone?.id ?? '')
    })
    assert.deepEqual(await store.read((reader) => reader.organization(organization.id)), organization)
    assert.deepEqual(await store.read((reader) => reader.workspaces(organization.id)), [workspace])
    assert.deepEqual(await store.read((reader) => reader.roles(organization.id)), [role])
    assert.equal(await store.read((reader) => reader.organization(newId())), undefined)
  })

  test('organizations are listed in order over the whole installation', async () => {
    const { opened, organization } = bench()
    const ids = [
      (await organization()).organizationId,
      (await organization()).organizationId,
      (await organization()).organizationId,
    ]
    const list = await opened.store.read((reader) => reader.organizations({ after: ids[0], limit: 2 }))
    assert.deepEqual(
      list.map(({ id }) => id),
      ids.slice(1),
    )
  })

  test('a membership comes back whole, by id, by userName and by e-mail without regard to case, in its own organization alone', async () => {
    const { opened, organization, newId } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const member: Membership = {
      id: newId(),
      organizationId: call.organizationId,
      personId: newId(),
      userName: 'Änne.O’Hara',
      externalId: 'E-1',
      displayName: 'Änne',
      name: { familyName: 'O’Hara', givenName: 'Änne' },
      emails: [{ value: 'other@Example.com' }, { value: 'Änne@Example.com', primary: true, type: 'work' }],
      roleIds: [newId(), newId()],
      attributes: { title: 'X"\\$.y', 'urn:x:2.0:User': { department: 'ß', list: [1, null, { deep: true }] } },
      status: 'suspended',
      acceptedAt: at,
      createdAt: at,
      updatedAt: new Date(at.getTime() + 1),
      version: 3,
    }
    await opened.store.write(call.organizationId, (tx) => tx.putMembership(member))
    await opened.store.read(async (reader) => {
      assert.deepEqual(await reader.membership(call.organizationId, member.id), member)
      assert.deepEqual(await reader.membershipByUserName(call.organizationId, 'A\u0308NNE.o’HARA'), member)
      assert.deepEqual(await reader.membershipByEmail(call.organizationId, 'äNNE@example.COM'), member)
      assert.equal(await reader.membershipByEmail(call.organizationId, 'other@example.com'), undefined)
      assert.equal(await reader.membership(elsewhere.organizationId, member.id), undefined)
      assert.equal(await reader.membershipByUserName(elsewhere.organizationId, member.userName), undefined)
      assert.equal(await reader.membershipByEmail(elsewhere.organizationId, 'änne@example.com'), undefined)
      assert.deepEqual(await reader.memberships(elsewhere.organizationId, { limit: 10 }), [])
    })
  })

  test('what is unique is so without regard to case, in its organization alone, also where no command looked first', async () => {
    const { opened, organization, newId } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const ada = await addMember(bench(), call, 'Ada', { emails: [{ value: 'Ada@example.com' }] })
    const put = (member: Membership) => opened.store.write(member.organizationId, (tx) => tx.putMembership(member))
    await assert.rejects(put({ ...ada, id: newId(), userName: 'ADA', emails: [] }), taken('userName'))
    await assert.rejects(put({ ...ada, id: newId(), userName: 'Grace', emails: [{ value: 'ADA@EXAMPLE.COM' }] }), taken('emails'))
    await put({ ...ada, id: newId(), userName: 'Grace', emails: [] })
    await put({ ...ada, id: newId(), userName: 'Edsger', emails: [] })
    await put({ ...ada, id: newId(), organizationId: elsewhere.organizationId })
    const group = await bench().directory.addGroup(call, {
      displayName: 'Team',
      externalId: undefined,
      roleIds: [],
      attributes: {},
      membershipIds: [],
    })
    await assert.rejects(
      opened.store.write(call.organizationId, (tx) => tx.putGroup({ ...group, id: newId(), displayName: 'TEAM' })),
      taken('displayName'),
    )
  })

  test('a removed member leaves its groups and its names, and its id is never used again', async () => {
    const { directory, opened, database, organization } = bench()
    const call = await organization()
    const ada = await addMember(bench(), call, 'Ada', { emails: [{ value: 'ada@example.com' }] })
    const group = await directory.addGroup(call, {
      displayName: 'Team',
      externalId: undefined,
      roleIds: [],
      attributes: {},
      membershipIds: [ada.id],
    })
    await directory.removeMember(call, { id: ada.id })
    assert.deepEqual(await directory.listGroupMembers(call, { id: group.id, limit: 10 }), [])
    assert.equal(await directory.findMemberByUserName(call, { userName: 'ada' }), undefined)
    const again = await addMember(bench(), call, 'ADA', { emails: [{ value: 'ADA@example.com' }] })
    assert.notEqual(again.id, ada.id)
    await assert.rejects(
      opened.store.write(call.organizationId, (tx) => tx.putMembership({ ...ada, userName: 'free', emails: [] })),
      (error) => error instanceof DirectoryError && error.refusal === 'conflict',
    )
    const tombstones = await database.execute(
      `select membership_id, user_name from tombstones where organization_id = '${call.organizationId}'`,
    )
    assert.deepEqual(JSON.parse(JSON.stringify(tombstones)), [{ membership_id: ada.id, user_name: 'Ada' }])
  })

  test('active holders of roles are counted without the one that is left out', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const [owner, admin] = (await directory.listRoles(call, undefined)).map(({ id }) => id)
    assert.ok(owner && admin)
    const ada = await addMember(bench(), call, 'ada', { roleIds: [owner, admin] })
    const grace = await addMember(bench(), call, 'grace', { roleIds: [admin] })
    await addMember(bench(), call, 'edsger', { roleIds: [owner], suspended: true })
    const count = (roleIds: readonly string[], except: string) =>
      opened.store.read((reader) => reader.countActiveHolders(call.organizationId, roleIds, except))
    assert.equal(await count([owner, admin], 'nobody'), 2)
    assert.equal(await count([owner], ada.id), 0)
    assert.equal(await count([admin], ada.id), 1)
    assert.equal(await count([], 'nobody'), 0)
    await directory.changeMember(call, { id: grace.id, sessions: 'keep', change: () => stateOf('grace', { roleIds: [owner] }) })
    assert.equal(await count([owner], ada.id), 1)
    assert.equal(await count([admin], ada.id), 0)
  })

  test('groups come back as they were put, with members in order and a page at a time', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const names = [{ displayName: 'Ada L.' }, { name: { givenName: 'Grace', familyName: 'Hopper' } }, {}]
    const members: Membership[] = []
    for (const [index, over] of names.entries()) members.push(await addMember(bench(), call, `m${index}`, over))
    const ids = members.map(({ id }) => id)
    const group = {
      id: newId(),
      organizationId,
      displayName: 'Ä-Team',
      externalId: 'x',
      roleIds: [newId()],
      attributes: { a: [1] },
      createdAt: at,
      updatedAt: at,
      version: 2,
    }
    await opened.store.write(organizationId, async (tx) => {
      await tx.putGroup(group)
      assert.deepEqual(
        await tx.addGroupMembers(organizationId, group.id, [ids[2] ?? '', 'stranger', ids[0] ?? '', ids[0] ?? '']),
        [ids[2], ids[0]],
      )
      assert.deepEqual(await tx.addGroupMembers(organizationId, group.id, ids), [ids[1]])
      assert.deepEqual(await tx.addGroupMembers(organizationId, group.id, []), [])
      assert.deepEqual(await tx.addGroupMembers(organizationId, 'no group', ids), [])
    })
    await opened.store.read(async (reader) => {
      assert.deepEqual(await reader.group(organizationId, group.id), group)
      assert.deepEqual(await reader.groupByDisplayName(organizationId, 'ä-TEAM'), group)
      assert.deepEqual(await reader.groupMembers(organizationId, group.id, { limit: 2 }), [
        { membershipId: ids[0], displayName: 'Ada L.' },
        { membershipId: ids[1], displayName: 'Grace Hopper' },
      ])
      assert.deepEqual(await reader.groupMembers(organizationId, group.id, { after: ids[1], limit: 2 }), [
        { membershipId: ids[2], displayName: 'm2' },
      ])
      assert.deepEqual(
        await reader.groupsOf(organizationId, [ids[0] ?? '', 'stranger']),
        new Map([[ids[0], [{ ...group, membership: 'direct' }]]]),
      )
      assert.deepEqual(await reader.groupsOf(organizationId, []), new Map())
      const groups = [{ id: group.id, displayName: group.displayName, membership: 'direct' }]
      const [first] = ids
      const found = await reader.membershipInGroups(organizationId, { id: first ?? '' })
      assert.deepEqual(found?.groups, groups)
      assert.deepEqual(found && readMembership(found.member), await reader.membership(organizationId, first ?? ''))
      assert.deepEqual(
        await reader.membershipInGroups(organizationId, { userName: found?.member.userName.toUpperCase() ?? '' }),
        found,
      )
      assert.equal(await reader.membershipInGroups('another', { id: first ?? '' }), undefined)
    })
    await opened.store.write(organizationId, async (tx) => {
      assert.deepEqual(await tx.removeGroupMembers(organizationId, group.id, ['stranger', ids[1] ?? '']), [ids[1]])
      assert.equal(await tx.removeAllGroupMembers(organizationId, group.id), 2)
      await tx.addGroupMembers(organizationId, group.id, ids)
      await tx.removeGroup(organizationId, group.id)
      assert.equal(await tx.group(organizationId, group.id), undefined)
      assert.deepEqual(await tx.groupsOf(organizationId, ids), new Map())
      assert.deepEqual((await tx.membershipInGroups(organizationId, { id: ids[0] ?? '' }))?.groups, [])
    })
  })

  test('a list can be walked from its newest member, and a person is found in every organization', async () => {
    const { opened, directory, organization, newId } = bench()
    const here = await organization()
    const there = await organization()
    const members: Membership[] = []
    for (const name of ['a', 'b', 'c']) members.push(await addMember(bench(), here, name))
    const [a, b, c] = members
    assert.ok(a && b && c)
    const elsewhere: Membership = { ...b, id: newId(), organizationId: there.organizationId }
    await opened.store.write(there.organizationId, (tx) => tx.putMembership(elsewhere))
    await directory.removeMember(here, { id: a.id })
    await opened.store.read(async (reader) => {
      const names = async (page: Parameters<typeof reader.memberships>[1]) =>
        (await reader.memberships(here.organizationId, page)).map(({ userName }) => userName)
      assert.deepEqual(await names({ newestFirst: true, limit: 5 }), ['c', 'b'])
      assert.deepEqual(await names({ newestFirst: true, after: c.id, limit: 5 }), ['b'])
      assert.deepEqual(await reader.membershipByPerson(here.organizationId, b.personId), b)
      assert.equal(await reader.membershipByPerson(there.organizationId, c.personId), undefined)
      assert.deepEqual(
        (await reader.membershipsOfPerson(b.personId)).map(({ organizationId }) => organizationId),
        [there.organizationId, here.organizationId],
      )
      assert.equal(await reader.formerUserName(here.organizationId, a.personId), 'a')
      assert.equal(await reader.formerUserName(there.organizationId, a.personId), undefined)
      const person = {
        kind: 'compare',
        attribute: { names: ['personId'] },
        operator: 'eq',
        value: { type: 'text', value: c.personId },
      } as const
      assert.deepEqual(await names({ where: person, limit: 5 }), ['c'])
    })
  })

  test('open sessions are counted for many members at once', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const ada = await addMember(bench(), call, 'ada')
    const grace = await addMember(bench(), call, 'grace')
    for (const { id } of [ada, ada, grace]) await directory.startSession(call, { membershipId: id })
    await directory.endSessions(call, { membershipId: grace.id })
    await opened.store.read(async (reader) => {
      assert.deepEqual(
        await reader.countOpenSessions(call.organizationId, [ada.id, grace.id, 'stranger']),
        new Map([[ada.id, 2]]),
      )
      assert.deepEqual(await reader.countOpenSessions('elsewhere', [ada.id]), new Map())
      assert.deepEqual(await reader.countOpenSessions(call.organizationId, []), new Map())
    })
  })

  test('invitations, sessions and credentials come back as they were put', async () => {
    const { opened, organization, newId } = bench()
    const { organizationId } = await organization()
    const membershipId = newId()
    const invitation = {
      id: newId(),
      organizationId,
      membershipId,
      tokenHash: newId(),
      createdAt: at,
      expiresAt: at,
      acceptedAt: undefined,
      cancelledAt: undefined,
    }
    const session = { id: newId(), organizationId, membershipId, startedAt: at, endedAt: undefined }
    const credential = {
      id: newId(),
      organizationId,
      kind: 'scim',
      name: 'Okta',
      identifier: newId(),
      secretHash: 'ab',
      scopes: ['read', 'write'],
      createdAt: at,
      expiresAt: at,
      lastUsedAt: undefined,
      revokedAt: undefined,
    } as const
    const confined = { ...credential, id: newId(), identifier: newId(), workspaceId: newId(), connectionId: newId() }
    await opened.store.write(organizationId, async (tx) => {
      await tx.putInvitation(invitation)
      await tx.putSession(session)
      await tx.putCredential(credential)
      await tx.putCredential(confined)
    })
    await opened.store.read(async (reader) => {
      assert.deepEqual(await reader.invitation(organizationId, invitation.id), invitation)
      assert.deepEqual(await reader.invitationByTokenHash(invitation.tokenHash), invitation)
      assert.deepEqual(await reader.invitationsOf(organizationId, membershipId), [invitation])
      assert.deepEqual(await reader.sessionsOf(organizationId, membershipId), [session])
      assert.deepEqual(await reader.credential(organizationId, credential.id), credential)
      assert.deepEqual(await reader.credentials(organizationId), [credential, confined])
      assert.deepEqual(await reader.credentialByIdentifier(confined.identifier), confined)
      assert.deepEqual(await reader.credentialByIdentifier(credential.identifier), credential)
      assert.equal(await reader.credentialByIdentifier('unknown'), undefined)
      assert.equal(await reader.credential('elsewhere', credential.id), undefined)
    })
    await opened.store.write(organizationId, async (tx) => {
      await tx.putInvitation({ ...invitation, acceptedAt: at, cancelledAt: at })
      await tx.putSession({ ...session, endedAt: at })
      await tx.putCredential({ ...credential, lastUsedAt: at, revokedAt: at, expiresAt: undefined })
      assert.deepEqual(await tx.invitation(organizationId, invitation.id), { ...invitation, acceptedAt: at, cancelledAt: at })
      assert.deepEqual(await tx.sessionsOf(organizationId, membershipId), [{ ...session, endedAt: at }])
      assert.deepEqual(await tx.credential(organizationId, credential.id), {
        ...credential,
        lastUsedAt: at,
        revokedAt: at,
        expiresAt: undefined,
      })
    })
    await assert.rejects(
      opened.store.write('other', (tx) => tx.putCredential({ ...credential, organizationId: 'other', id: newId() })),
      taken('identifier'),
    )
  })
}
