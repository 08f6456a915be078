import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  detailOf,
  eventually,
  lifecycleUrn,
  openApplicationHub,
  openApplicationStory,
  openBandwidthTwin,
  patching,
  provisioningOf,
  pushed,
  type ApplicationStory,
  type ScimReply,
  type StoryOptions,
} from './application.ts'

const isRefused = ({ status, body }: ScimReply, expected: number, scimType?: string): void => {
  assert.equal(status, expected, JSON.stringify(body))
  assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
  assert.equal(body.scimType, scimType)
}
const namesIn = ({ body }: ScimReply): readonly string[] => body.Resources.map((user: { userName: string }) => user.userName)

/** One hub and one vendor for all; each story has an organization, and people, of its own. */
type Sides = Partial<Pick<ApplicationStory, 'hub' | 'twin'>>
const shared: { -readonly [Side in keyof Sides]: Sides[Side] } = {}
const closing: (() => unknown)[] = []
before(async () => {
  const t = { after: (close: () => unknown) => void closing.push(close) }
  shared.twin = await openBandwidthTwin(t)
  shared.hub = await openApplicationHub(t)
})
after(async () => {
  for (const close of closing.toReversed()) await close()
})
const open = (options?: StoryOptions, own: Sides = {}) => {
  const { hub, twin } = { ...shared, ...own }
  assert.ok(hub && twin)
  return openApplicationStory({ hub, twin }, options)
}

suite('the SCIM address of a connection', { concurrency: 4 }, () => {
  test('who is assigned there has an account when the answer comes, and who is unassigned stays in the directory', async () => {
    const { send, owner, accounts, connection } = await open()
    const made = await send('POST', '/Users', pushed('ada'))
    assert.equal(made.status, 201)
    assert.deepEqual([made.body.active, made.body.externalId, provisioningOf(made)], [true, 'idp-ada', 'done'])
    assert.equal(made.body.meta.location, `${connection.scimBaseUrl}/Users/${made.body.id}`)
    assert.equal((await accounts()).get('ada@example.com')?.FirstName, 'ada')
    isRefused(await send('POST', '/Users', pushed('ada')), 409, 'uniqueness')

    assert.equal((await send('DELETE', `/Users/${made.body.id}`)).status, 204)
    isRefused(await send('GET', `/Users/${made.body.id}`), 404)
    assert.deepEqual(namesIn(await send('GET', '/Users')), [])
    assert.equal((await owner.readMember({ memberId: made.body.id })).status, 'active')
    const plan = await eventually(async () =>
      (await owner.listPlans({ query: { state: 'open' } })).items.find(({ removals }) => removals === 1),
    )
    assert.equal((await owner.readPlan({ planId: plan.id })).steps[0]?.state, 'planned')
    assert.ok((await accounts()).has('ada@example.com'), 'the removal waits for an approval')
  })

  test('SCIM-144 an address without bulk says so, and answers 501', async () => {
    const { send } = await open()
    const { bulk } = (await send('GET', '/ServiceProviderConfig')).body
    assert.equal(bulk.supported, false)
    isRefused(
      await send('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [] }),
      501,
    )
  })

  test('somebody whom the organization knows is assigned as they are, and a change of theirs changes the one profile', async () => {
    const { send, owner, accounts } = await open()
    const { member } = await owner.createMember({
      body: {
        as: 'active',
        userName: 'grace-beth',
        externalId: 'hr-7',
        emails: [{ value: 'grace-beth@example.com' }],
        name: { givenName: 'Grace', familyName: 'Hopper' },
      },
    })
    isRefused(await send('GET', `/Users/${member.id}`), 404)
    const made = await send('POST', '/Users', pushed('grace-beth'))
    assert.deepEqual([made.status, made.body.id, made.body.userName], [201, member.id, 'grace-beth'])
    assert.deepEqual([made.body.name.givenName, made.body.externalId], ['Grace', 'idp-grace-beth'])
    const changed = await send(
      'PATCH',
      `/Users/${member.id}`,
      patching({ op: 'replace', path: 'name.familyName', value: 'Murray' }),
    )
    assert.deepEqual([changed.status, provisioningOf(changed)], [200, 'done'])
    const stored = await owner.readMember({ memberId: member.id })
    assert.deepEqual([stored.name.familyName, stored.externalId], ['Murray', 'hr-7'])
    assert.equal((await accounts()).get('grace-beth')?.LastName, 'Murray')
  })

  test('a password that the vendor finds weak comes back as 400 invalidValue, nobody is assigned, and the same request is tried anew', async (t) => {
    const { send, owner, twin } = await open({}, { twin: await openBandwidthTwin(t, { passwordMinimum: 40 }) })
    for (let time = 1; time <= 2; time++) {
      const refused = await send('POST', '/Users', pushed('cleo'))
      isRefused(refused, 400, 'invalidValue')
      assert.match(refused.body.detail, /bandwidth refused the account.*password was not accepted.*Nobody was assigned/)
    }
    assert.deepEqual(namesIn(await send('GET', '/Users')), [])
    assert.deepEqual((await owner.listMembers({ query: {} })).items, [])
    assert.deepEqual(
      twin.writes().filter(({ operation }) => operation.includes('create')),
      [],
    )
  })

  test('a domain that the vendor does not allow comes back as 400, and who is mended can be assigned', async () => {
    const { hub, connect, owner } = await open()
    const vendor = await hub.home.createOrganization(
      { name: 'Vendor', plan: 'enterprise', sso: 'okta', emailDomains: ['allowed.example'] },
      hub.url,
    )
    const { baseUrl = '', ...credentials } = vendor['bandwidth'] ?? {}
    const { send, connection } = await connect('strict', { baseUrl, credentials })
    await owner.changeConnection({ connectionId: connection.id, body: { writesEnabled: true } })
    const refused = await send('POST', '/Users', pushed('quinn'))
    isRefused(refused, 400, 'invalidValue')
    assert.match(refused.body.detail, /does not allow e-mail addresses at example\.com/)
    const mended = { ...pushed('quinn'), emails: [{ value: 'quinn@allowed.example', primary: true }] }
    const made = await send('POST', '/Users', mended)
    assert.deepEqual([made.status, provisioningOf(made)], [201, 'done'])
  })

  test('an address that somebody else has at the vendor comes back as 409 uniqueness, and the person can be assigned once it is free', async () => {
    const { send, atVendor, owner, connection } = await open()
    const other = {
      FirstName: 'A',
      LastName: 'B',
      Email: 'dora@example.com',
      Password: 'Correct-Horse-9',
      Username: 'other-dora',
    }
    const { UserId } = await atVendor('POST', '/users', other)
    const refused = await send('POST', '/Users', pushed('dora'))
    isRefused(refused, 409, 'uniqueness')
    assert.match(refused.body.detail, /bandwidth has this user name or address already/)
    assert.deepEqual((await owner.listMembers({ query: {} })).items, [])
    await atVendor('DELETE', `/users/${UserId}`)
    // What is known of the vendor serves for some minutes; an import knows it now.
    await owner.importAccounts({ connectionId: connection.id })
    assert.equal((await send('POST', '/Users', pushed('dora'))).status, 201)
  })

  test('a change that the vendor refuses is kept in the directory, answered as an error, and tried again when it is sent again', async () => {
    const { send, atVendor, owner, accounts } = await open()
    const { body } = await send('POST', '/Users', pushed('edda'))
    const other = {
      FirstName: 'A',
      LastName: 'B',
      Email: 'edda-new@example.com',
      Password: 'Correct-Horse-9',
      Username: 'other-edda',
    }
    const { UserId } = await atVendor('POST', '/users', other)
    const renamed = { ...pushed('edda'), emails: [{ value: 'edda-new@example.com', primary: true }] }
    const refused = await send('PUT', `/Users/${body.id}`, renamed)
    isRefused(refused, 409, 'uniqueness')
    assert.equal((await owner.readMember({ memberId: body.id })).emails[0]?.value, 'edda-new@example.com')
    assert.equal(provisioningOf(await send('GET', `/Users/${body.id}`)), 'failed')
    isRefused(await send('PUT', `/Users/${body.id}`, renamed), 409, 'uniqueness')
    await atVendor('DELETE', `/users/${UserId}`)
    const done = await send('PUT', `/Users/${body.id}`, renamed)
    assert.deepEqual([done.status, provisioningOf(done)], [200, 'done'])
    assert.equal((await accounts()).get('edda@example.com')?.Email, 'edda-new@example.com')
  })

  test('a vendor that answers too late leaves a visible pending state, which ends by itself', async (t) => {
    const { send, twin } = await open(
      {},
      { hub: await openApplicationHub(t, { vendorWaitMs: 100 }), twin: await openBandwidthTwin(t) },
    )
    twin.faults.set([{ kind: 'slow', operation: 'createUser', ms: 700 }])
    const made = await send('POST', '/Users', pushed('fay'))
    assert.deepEqual([made.status, made.body.active, provisioningOf(made)], [201, true, 'pending'])
    assert.notEqual(detailOf(made), '')
    const done = await eventually(async () => {
      const read = await send('GET', `/Users/${made.body.id}`)
      return provisioningOf(read) === 'done' ? read : undefined
    })
    assert.equal(detailOf(done), '')
    const { body } = await send('GET', `/Users?attributes=${lifecycleUrn}:provisioning`)
    assert.equal(body.Resources[0][lifecycleUrn].provisioning, 'done')
  })

  test('while the connection only reads an assignment is pending and says so, and goes through when writes are enabled', async () => {
    const { send, owner, connection } = await open({ writes: 'off' })
    const made = await send('POST', '/Users', pushed('gwen'))
    assert.deepEqual([made.status, provisioningOf(made)], [201, 'pending'])
    assert.match(detailOf(made), /rollcall connection enable-writes desk/)
    await owner.changeConnection({ connectionId: connection.id, body: { writesEnabled: true } })
    await eventually(async () => (provisioningOf(await send('GET', `/Users/${made.body.id}`)) === 'done' ? true : undefined))
  })

  test('in quarantine an assignment is answered 503 with Retry-After and nobody is assigned, while an unassignment is taken and waits', async () => {
    const { send, owner, connection, accounts } = await open()
    const known = await send('POST', '/Users', pushed('petra'))
    assert.equal(known.status, 201)
    await owner.quarantineConnection({ connectionId: connection.id, body: { reason: 'they move' } })
    const refused = await send('POST', '/Users', pushed('quentin'))
    isRefused(refused, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^30\d$/)
    assert.match(refused.body.detail, /connection desk is in quarantine since .*: they move\. Nobody was assigned/)
    assert.deepEqual(namesIn(await send('GET', '/Users')), ['petra@example.com'])
    assert.equal((await send('DELETE', `/Users/${known.body.id}`)).status, 204)
    assert.ok((await accounts()).has('petra@example.com'))
    await owner.releaseConnection({ connectionId: connection.id, body: { reason: 'they moved' } })
    assert.equal((await send('POST', '/Users', pushed('quentin'))).status, 201)
  })

  test('where additions need an approval the assignment waits for it, and the token that asked cannot give it', async () => {
    const { send, approver, owner } = await open({ policy: { additions: 'approval' } })
    const made = await send('POST', '/Users', pushed('hazel'))
    assert.deepEqual([made.status, provisioningOf(made)], [201, 'waitingForApproval'])
    const [plan] = (await owner.listPlans({ query: { state: 'open' } })).items
    assert.ok(plan)
    assert.ok(detailOf(made).includes(plan.id))
    await approver.approvePlan({ planId: plan.id, body: { digest: plan.digest, reason: 'welcome' } })
    await eventually(async () => (provisioningOf(await send('GET', `/Users/${made.body.id}`)) === 'done' ? true : undefined))
  })

  test('inactive unassigns and stays visible, its removal waits, and active takes it back', async () => {
    const { send, owner, accounts } = await open()
    const { body } = await send('POST', '/Users', pushed('iris'))
    const path = `/Users/${body.id}`
    const set = (value: unknown) => send('PATCH', path, patching({ op: 'Replace', path: 'active', value }))
    assert.equal((await set('False')).body.active, false)
    const waiting = await eventually(async () => {
      const read = await send('GET', path)
      return provisioningOf(read) === 'waitingForApproval' ? read : undefined
    })
    assert.deepEqual([waiting.body.active, waiting.body[lifecycleUrn].lifecycle], [false, 'suspended'])
    assert.equal((await owner.readMember({ memberId: body.id })).status, 'active')
    const found = async (filter: string) => namesIn(await send('GET', `/Users?filter=${encodeURIComponent(filter)}`))
    const lifecycle = `${lifecycleUrn}:lifecycle`
    for (const [filter, counts] of [
      ['active eq false', true],
      ['active ne true', true],
      ['active eq true', false],
      ['not (active eq false)', false],
      [`${lifecycle} eq "suspended"`, true],
      [`${lifecycle} sw "act"`, false],
      [`${lifecycle} ne "active" and externalId eq "idp-iris"`, true],
      ['externalId pr', true],
      ['not (externalId pr)', false],
      ['userName eq "iris@example.com"', true],
    ] as const)
      assert.deepEqual(await found(filter), counts ? ['iris@example.com'] : [], filter)
    isRefused(await send('POST', '/Users', pushed('iris')), 409, 'uniqueness')
    const back = await set(true)
    assert.deepEqual([back.status, back.body.active, provisioningOf(back)], [200, true, 'done'])
    assert.deepEqual(await found('active eq true'), ['iris@example.com'])
    assert.ok((await accounts()).has('iris@example.com'))
  })

  test('a suspension in the directory is none of an application’s business, and is told as the reason', async () => {
    const { send, owner } = await open()
    const { body } = await send('POST', '/Users', pushed('june'))
    await owner.suspendMember({ memberId: body.id })
    const replaced = await send('PUT', `/Users/${body.id}`, pushed('june'))
    assert.deepEqual([replaced.status, replaced.body.active], [200, true])
    assert.equal((await owner.readMember({ memberId: body.id })).status, 'suspended')
    assert.notEqual(provisioningOf(replaced), 'done')
  })

  test('a token of one connection opens neither another one nor the organization, and shows nobody else', async () => {
    const { send, owner, connect, sender, access, hub, connection } = await open()
    const other = await connect('second')
    await owner.createMember({ body: { as: 'active', userName: 'nobody-assigned' } })
    assert.deepEqual(namesIn(await send('GET', '/Users')), [])
    const here = sender(connection.scimBaseUrl, other.token)
    isRefused(await here('GET', '/Users'), 403)
    isRefused(await here('POST', '/Users', pushed('kate')), 403)
    isRefused(await sender(`${hub.url}/scim/v2`, other.token)('GET', '/Users'), 401)
    isRefused(await sender(`${hub.url}/api/v1`.replace('/api/v1', '/scim/v2/connections/x'), other.token)('GET', '/Users'), 404)
    const native = await fetch(`${hub.url}/api/v1/members`, { headers: { authorization: `Bearer ${other.token}` } })
    assert.equal(native.status, 401)
    const ofOrganization = sender(connection.scimBaseUrl, access['scim']?.['token'] ?? '')
    assert.deepEqual(namesIn(await ofOrganization('GET', '/Users')), [])
    await owner.deleteConnection({ connectionId: other.connection.id })
    isRefused(await other.send('GET', '/Users'), 404)
  })

  test('external id, roles and groups are each application’s own, and roles of the organization are not for the taking', async () => {
    const { send, owner, connect, accounts } = await open()
    const second = await connect('second')
    const made = await send('POST', '/Users', pushed('lena', { roles: [{ value: 'Admin' }, { value: 'Owner' }] }))
    assert.equal(made.status, 201)
    assert.equal((await second.send('POST', '/Users', { ...pushed('lena'), externalId: 'idp-2' })).status, 201)
    const { id } = made.body
    const shown = (await send('GET', `/Users/${id}`)).body
    assert.deepEqual([shown.externalId, shown.roles], ['idp-lena', [{ value: 'Admin' }, { value: 'Owner' }]])
    const elsewhere = (await second.send('GET', `/Users/${id}`)).body
    assert.deepEqual([elsewhere.externalId, elsewhere.roles], ['idp-2', undefined])
    assert.deepEqual(namesIn(await send('GET', '/Users?filter=externalId%20eq%20%22idp-lena%22')), ['lena@example.com'])
    assert.deepEqual(namesIn(await second.send('GET', '/Users?filter=externalId%20eq%20%22idp-lena%22')), [])
    assert.deepEqual((await owner.readMember({ memberId: id })).roleIds, [])
    const roles = (await accounts()).get('lena@example.com')?.Roles.map((role: { RoleName: string }) => role.RoleName)
    assert.ok(roles.includes('Admin'), JSON.stringify(roles))
  })

  test('a group that is pushed to a connection gives its people the vendor’s role of that name, and no other connection’s', async () => {
    const { send, owner, connect, accounts } = await open()
    const second = await connect('second')
    const { id } = (await send('POST', '/Users', pushed('mina'))).body
    const group = { displayName: 'Admin', members: [{ value: id }] }
    isRefused(await second.send('POST', '/Groups', group), 400, 'invalidValue')
    assert.equal((await second.send('POST', '/Groups', { displayName: 'Admin' })).status, 201)
    const made = await send('POST', '/Groups', group)
    assert.deepEqual([made.status, made.body.displayName], [201, 'Admin'])
    isRefused(await send('POST', '/Groups', group), 409, 'uniqueness')
    assert.deepEqual(
      (await send('GET', '/Groups')).body.Resources.map((each: { displayName: string }) => each.displayName),
      ['Admin'],
    )
    for (const filter of ['displayName eq "admin"', 'displayName sw "Ad"', 'displayName ew "min"'])
      assert.equal((await send('GET', `/Groups?filter=${encodeURIComponent(filter)}`)).body.totalResults, 1, filter)
    isRefused(await send('GET', `/Groups?filter=${encodeURIComponent('displayName co "desk"')}`), 400, 'invalidFilter')
    const user = (await send('GET', `/Users/${id}`)).body
    assert.deepEqual(
      user.groups.map(({ display }: { display: string }) => display),
      ['Admin'],
    )
    assert.deepEqual(namesIn(await send('GET', `/Users?filter=${encodeURIComponent('groups.display eq "Admin"')}`)), [
      'mina@example.com',
    ])
    await eventually(async () => {
      const roles = (await accounts()).get('mina@example.com')?.Roles ?? []
      return roles.some(({ RoleName }: { RoleName: string }) => RoleName === 'Admin') ? true : undefined
    })
    assert.deepEqual((await owner.listGroups({ query: {} })).items.map(({ displayName }) => displayName).toSorted(), [
      'Admin @ desk',
      'Admin @ second',
      'Assigned to desk',
    ])
    isRefused(await second.send('GET', `/Groups/${made.body.id}`), 404)
    assert.equal((await send('DELETE', `/Users/${id}`)).status, 204)
    assert.equal((await send('GET', `/Groups/${made.body.id}`)).body.members, undefined)
  })

  test('who is assigned by somebody else is listed, and cannot be unassigned here', async () => {
    const { owner, connect } = await open()
    const { member } = await owner.createMember({
      body: { as: 'active', userName: 'grace-nora', emails: [{ value: 'g-nora@example.com' }] },
    })
    const group = await owner.createGroup({ body: { displayName: 'Staff', memberIds: [member.id] } })
    const outer = await owner.createGroup({ body: { displayName: 'Company' } })
    await owner.addGroupsToGroup({ groupId: outer.id, body: { groupIds: [group.id] } })
    const cases = [
      { name: 'by group', assignments: [{ kind: 'group' as const, groupId: group.id }], reason: /by the group Staff/ },
      { name: 'through it', assignments: [{ kind: 'group' as const, groupId: outer.id }], reason: /by the group Company/ },
      { name: 'all', assignments: [{ kind: 'everyone' as const }], reason: /as everybody is/ },
      { name: 'by name', assignments: [{ kind: 'member' as const, memberId: member.id }], reason: /by name/ },
    ]
    for (const { name, assignments, reason } of cases) {
      const { send } = await connect(name, { assignments })
      assert.deepEqual(namesIn(await send('GET', '/Users')), ['grace-nora'])
      isRefused(await send('POST', '/Users', pushed('grace-nora', { userName: 'grace-nora' })), 409, 'uniqueness')
      const deactivated = await send('PATCH', `/Users/${member.id}`, patching({ op: 'replace', path: 'active', value: false }))
      isRefused(deactivated, 409)
      assert.match(deactivated.body.detail, reason)
      isRefused(await send('DELETE', `/Users/${member.id}`), 409)
    }
  })

  test('discovery tells of the further attributes, and needs a token', async () => {
    const { send, sender, connection } = await open({ writes: 'off' })
    const { body } = await send('GET', `/Schemas/${lifecycleUrn}`)
    assert.deepEqual(
      body.attributes.map(({ name }: { name: string }) => name),
      ['lifecycle', 'invitedAt', 'note', 'provisioning', 'provisioningDetail'],
    )
    const config = await send('GET', '/ServiceProviderConfig')
    assert.equal(config.body.meta.location, `${connection.scimBaseUrl}/ServiceProviderConfig`)
    isRefused(await sender(connection.scimBaseUrl, 'none')('GET', '/ServiceProviderConfig'), 401)
  })
})
