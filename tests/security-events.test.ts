import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { eventActions } from '../src/directory/event-receiver.ts'
import { eventUris, toEvent } from '../src/dialects/scim/events/event.ts'
import { ask } from './native.ts'
import { ada, person } from './scim.ts'
import { openDesk } from './webhooks.ts'
import { openWorld, origin, type World } from './world.ts'

const prov = 'urn:ietf:params:scim:event:prov'

interface Told {
  readonly jti: string
  readonly txn: string
  readonly sub_id: { readonly format: string; readonly uri: string; readonly id?: string }
  readonly events: Readonly<Record<string, { readonly [name: string]: unknown }>>
}

async function openStream(t: TestContext) {
  const world = await openWorld(t)
  const send = sender(world, world.access['scim']?.['token'] ?? '')
  const poll = async (body: object = {}) => {
    const reply = await send('POST', '/events', { returnImmediately: true, ...body })
    assert.equal(reply.status, 200, reply.text)
    const { sets, moreAvailable } = reply.body as { sets: Record<string, string>; moreAvailable: boolean }
    return { names: Object.keys(sets), tokens: Object.values(sets), moreAvailable }
  }
  await poll()
  return { world, send, poll }
}

function sender({ app }: Pick<World, 'app'>, token: string) {
  return async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object, prefer?: string) => {
    const response = await app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(payload && { 'content-type': path === '/events' ? 'application/json' : 'application/scim+json' }),
        ...(prefer && { prefer }),
      },
      ...(payload && { payload: JSON.stringify(payload) }),
    })
    const body = response.body === '' ? undefined : response.json()
    return { status: response.statusCode, headers: response.headers, text: response.body, body }
  }
}

const told = (token: string) => decodeJwt<Told>(token)
const kindOf = (token: string) => Object.keys(told(token).events)[0]

test('SCIM-173 SCIM-174 SCIM-175 SCIM-176 what happens to people and groups is told as signed events, in order, by names alone', async (t) => {
  const { send, poll, world } = await openStream(t)
  const { id } = (await send('POST', '/Users', ada)).body
  const patch = (Operations: readonly object[]) => send('PATCH', `/Users/${id}`, { Operations })
  await patch([{ op: 'replace', path: 'displayName', value: 'Ada King' }])
  await patch([{ op: 'replace', path: 'active', value: false }])
  await patch([{ op: 'replace', path: 'active', value: true }])
  const group = (await send('POST', '/Groups', { displayName: 'Voice' })).body
  await send('PATCH', `/Groups/${group.id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] })
  await send('DELETE', `/Users/${id}`)

  const { tokens, names, moreAvailable } = await poll()
  assert.equal(moreAvailable, false)
  assert.deepEqual(
    tokens.map((token) => [kindOf(token), told(token).sub_id.uri]),
    [
      [`${prov}:create:notice`, `/Users/${id}`],
      [`${prov}:patch:notice`, `/Users/${id}`],
      [`${prov}:deactivate`, `/Users/${id}`],
      [`${prov}:activate`, `/Users/${id}`],
      [`${prov}:create:notice`, `/Groups/${group.id}`],
      [`${prov}:patch:notice`, `/Groups/${group.id}`],
      [`${prov}:delete`, `/Users/${id}`],
    ],
  )
  const [created, changed, , , , members, deleted] = tokens.map(told)
  assert.deepEqual(created?.events, { [`${prov}:create:notice`]: { attributes: ['userName', 'active', 'emails'] } })
  assert.deepEqual(changed?.events, { [`${prov}:patch:notice`]: { attributes: ['displayName'] } })
  assert.deepEqual(members?.events, { [`${prov}:patch:notice`]: { attributes: ['members'] } })
  assert.deepEqual(deleted?.events, { [`${prov}:delete`]: {} })
  assert.equal(tokens.join().includes(Buffer.from('Ada King').toString('base64url')), false)

  const keys = createLocalJWKSet((await world.app.inject('/scim/v2/events/keys')).json())
  for (const [index, token] of tokens.entries()) {
    const { payload } = await jwtVerify<Told>(token, keys, { issuer: `${origin}/scim/v2`, typ: 'secevent+jwt' })
    assert.equal(payload.jti, names[index])
    assert.equal(payload.sub, undefined)
    assert.deepEqual([payload.sub_id.format, payload.sub_id.uri.endsWith(payload.sub_id.id ?? '')], ['scim', true])
    assert.match(payload.txn, /^[\w.-]{1,64}$/)
  }
  const [header, , signature] = (tokens[0] ?? '').split('.')
  const [, other] = (tokens[1] ?? '').split('.')
  await assert.rejects(jwtVerify(`${header}.${other}.${signature}`, keys), /signature verification failed/)
  assert.equal(decodeProtectedHeader(tokens[0] ?? '').alg, 'EdDSA')
})

test('every fact that is called an event is one, of a kind that the RFC has', () => {
  for (const action of eventActions) {
    const event = toEvent({ action, subject: 'x', detail: { changed: ['roleIds'], path: '/Users/x', membershipIds: [] } })
    assert.ok(event && eventUris.includes(event.uri), action)
  }
  assert.equal(toEvent({ action: 'plan.created', subject: 'x', detail: {} }), undefined)
})

test('what is not acknowledged is told again; what is acknowledged never, in whatever order', async (t) => {
  const { send, poll } = await openStream(t)
  for (const name of ['ada', 'bob', 'cyd', 'dan']) await send('POST', '/Users', person(name))
  const first = await poll({ maxEvents: 2 })
  assert.deepEqual([first.names.length, first.moreAvailable], [2, true])
  const all = (await poll()).names
  assert.deepEqual([all.length, all.slice(0, 2)], [4, first.names])
  const [one, two, three, four] = all
  assert.deepEqual((await poll({ ack: [three, 'fact_9_0', 'nothing', 'fact_999999_' + '0'.repeat(32)] })).names, [one, two, four])
  assert.deepEqual((await poll({ ack: [one], maxEvents: 0 })).names, [])
  assert.deepEqual((await poll({ ack: [two, two] })).names, [four])
  assert.deepEqual((await poll({ ack: [four] })).names, [])
  await send('POST', '/Users', person('eve'))
  assert.equal((await poll()).names.length, 1)
})

test('whoever asks begins with what happens from then on, and takes nothing from another receiver', async (t) => {
  const { world, send, poll } = await openStream(t)
  await send('POST', '/Users', ada)
  const second = await world.home.directory.createCredential(world.call(), {
    kind: 'scim',
    name: 'Second',
    scopes: ['read', 'write'],
  })
  const other = sender(world, second.secret)
  assert.deepEqual((await other('POST', '/events', { returnImmediately: true })).body.sets, {})
  await send('POST', '/Users', person('bob'))
  const { sets } = (await other('POST', '/events', { returnImmediately: true })).body
  assert.equal(Object.keys(sets).length, 1)
  await other('POST', '/events', { returnImmediately: true, ack: Object.keys(sets) })
  assert.equal((await poll()).names.length, 2)
  const stranger = sender(world, (await world.another())['scim']?.['token'] ?? '')
  assert.deepEqual((await stranger('POST', '/events', { returnImmediately: true, ack: Object.keys(sets) })).body.sets, {})
  assert.equal((await poll()).names.length, 2)
})

test('an event that its receiver can do nothing with is not told again, and that is a fact', async (t) => {
  const { world, send, poll } = await openStream(t)
  await send('POST', '/Users', ada)
  const [name = ''] = (await poll()).names
  const refused = { setErrs: { [name]: { err: 'invalid_key', description: 'canary17' } } }
  assert.deepEqual((await poll(refused)).names, [])
  const { items } = (await ask(world, 'GET', '/facts?actions=events.*')).body
  assert.deepEqual(items[0].detail, { errors: [{ sequence: Number(name.split('_')[1]), error: 'invalid_key' }] })
  assert.equal(JSON.stringify(items).includes('canary17'), false)
})

test('a receiver waits until there is an event, past facts that are none', async (t) => {
  const { world, send, poll } = await openStream(t)
  const waiting = send('POST', '/events', {})
  await ask(world, 'POST', '/webhooks', { body: { url: 'https://hooks.example.com/x' } })
  await send('POST', '/Users', ada)
  const { sets } = (await waiting).body
  assert.equal(Object.keys(sets).length, 1)
  const head = (await ask(world, 'GET', '/facts/head')).body.sequence
  assert.deepEqual((await poll({ ack: Object.keys(sets) })).names, [])
  const kept = await world.home.database.store.read((tx) => tx.hasEventReceivers(world.organizationId))
  assert.deepEqual([kept, head > 1], [true, true])
})

test('a receiver far behind gets there past more facts than one look takes', async (t) => {
  const { world, send, poll } = await openStream(t)
  const { webhook } = (await ask(world, 'POST', '/webhooks', { body: { url: 'https://hooks.example.com/x' } })).body
  const { directory } = world.home
  const change = (count: number) => directory.changeWebhook(world.call(), { id: webhook.id, enabled: count % 2 === 0 })
  await Promise.all(Array.from({ length: 2_050 }, (_, count) => change(count)))
  await send('POST', '/Users', ada)
  const first = await poll()
  assert.deepEqual([first.names, first.moreAvailable], [[], true])
  assert.equal((await poll()).names.length, 1)
})

test('SCIM-177 a request may be answered by an event: 202 at once, what became of it later', async (t) => {
  const { send, poll } = await openStream(t)
  const later = await send('POST', '/Users', ada, 'respond-async')
  const { 'set-txn': txn, location, 'preference-applied': applied } = later.headers
  assert.deepEqual([later.status, later.text, applied], [202, '', 'respond-async'])
  const [created, answered, ...rest] = (await poll()).tokens.map(told)
  assert.deepEqual([created?.txn, answered?.txn, rest], [txn, txn, []])
  const event = answered?.events['urn:ietf:params:scim:event:misc:asyncresp']
  assert.deepEqual(
    [event?.['method'], event?.['status'], event?.['location'], event?.['response']],
    ['POST', '201', location, undefined],
  )
  const path = String(location).slice(`${origin}/scim/v2`.length)
  assert.equal(answered?.sub_id.uri, path)
  assert.equal((await send('GET', path)).body.userName, ada.userName)

  const twice = await send('POST', '/Users', ada, 'respond-async')
  assert.equal(twice.status, 202)
  const failed = (await poll()).tokens.map(told).at(-1)
  const { response } = failed?.events['urn:ietf:params:scim:event:misc:asyncresp'] ?? {}
  assert.deepEqual(response, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '409',
    scimType: 'uniqueness',
    detail: 'A member has this userName already.',
  })
  assert.equal((await send('DELETE', path, undefined, 'Respond-Async')).status, 202)
  assert.equal((await send('GET', path)).status, 404)
})

test('SCIM-177 who may only write is answered like everybody, at once or by an event, and reads nothing else', async (t) => {
  const { world, poll } = await openStream(t)
  const { secret } = await world.home.directory.createCredential(world.call(), {
    kind: 'scim',
    name: 'Writer',
    scopes: ['write'],
  })
  const writer = sender(world, secret)
  const made = await writer('POST', '/Users', ada)
  assert.deepEqual([made.status, made.body.userName], [201, ada.userName])
  const Operations = [{ op: 'replace', path: 'title', value: 'Countess' }]
  const changed = await writer('PATCH', `/Users/${made.body.id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  })
  assert.deepEqual([changed.status, changed.body.title], [200, 'Countess'])
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group']
  const group = await writer('POST', '/Groups', { schemas, displayName: 'Desk', members: [{ value: made.body.id }] })
  assert.equal(group.status, 201)
  assert.equal((await writer('PUT', `/Groups/${group.body.id}`, { schemas, displayName: 'Desks' })).status, 200)
  assert.equal((await writer('POST', '/Users', person('bob'), 'respond-async')).status, 202)
  const answered = (await poll()).tokens.map(told).at(-1)
  assert.equal(answered?.events['urn:ietf:params:scim:event:misc:asyncresp']?.['status'], '201')
  assert.equal((await writer('GET', `/Users/${made.body.id}`)).status, 403)
})

test('SCIM-177 whoever would wait, or has nobody to be told, is answered at once', async (t) => {
  const { send, world } = await openStream(t)
  assert.equal((await send('POST', '/Users', ada, 'respond-async, wait=10')).status, 201)
  assert.equal((await send('POST', '/Users', person('bob'), 'return=minimal')).status, 201)
  const lonely = sender(world, (await world.another())['scim']?.['token'] ?? '')
  assert.equal((await lonely('POST', '/Users', ada, 'respond-async')).status, 201)
  const face = await world.app.inject({
    method: 'POST',
    url: new URL(`${world.access['messagebird']?.['scimBaseUrl']}/Users`).pathname,
    headers: {
      authorization: `Bearer ${world.access['messagebird']?.['scimToken']}`,
      'content-type': 'application/scim+json',
      prefer: 'respond-async',
    },
    payload: JSON.stringify(person('cyd')),
  })
  assert.equal(face.statusCode, 201)
})

test('SCIM-178 the configuration says which events are told', async (t) => {
  const { send } = await openStream(t)
  const { securityEvents } = (await send('GET', '/ServiceProviderConfig')).body
  assert.deepEqual(securityEvents, { asyncRequest: 'request', eventUris: [...eventUris] })
})

test('SCIM-179 a webhook of the format scim is pushed events alone, again until they are received', async (t) => {
  const desk = await openDesk(t)
  const pushed: { readonly type: string | undefined; readonly token: string }[] = []
  let status = 503
  const server = createServer((request, response) => {
    let token = ''
    request.setEncoding('utf8').on('data', (text: string) => (token += text))
    request.on('end', () => {
      pushed.push({ type: request.headers['content-type'], token })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`
  const made = await ask(desk.world, 'POST', '/webhooks', { body: { url, format: 'scim' } })
  assert.equal(made.body.webhook.format, 'scim')
  const id = await desk.add('ada')
  await desk.deliver()
  status = 202
  await desk.live(60, 10)
  const tokens = pushed.map(({ token }) => told(token))
  assert.deepEqual(new Set(tokens.map(({ jti }) => jti)).size, 1)
  assert.ok(tokens.length >= 2)
  assert.deepEqual(
    [pushed[0]?.type, tokens[0]?.sub_id],
    ['application/secevent+jwt', { format: 'scim', uri: `/Users/${id}`, id }],
  )
  const keys = createLocalJWKSet((await desk.world.app.inject('/scim/v2/events/keys')).json())
  await jwtVerify(pushed.at(-1)?.token ?? '', keys, { audience: new URL(url).origin, issuer: `${origin}/scim/v2` })
  await ask(desk.world, 'POST', `/webhooks/${made.body.webhook.id}/test`)
  await desk.deliver()
  assert.match(kindOf(pushed.at(-1)?.token ?? '') ?? '', /verification$/)
})
