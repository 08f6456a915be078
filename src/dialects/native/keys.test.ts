import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask, type Asked } from '../../../tests/native.ts'
import { openWorld, origin, type World } from '../../../tests/world.ts'
import { syncParts } from '../../app.ts'
import { createEngine } from '../../sync/create.ts'
import type { SyncParts } from '../../sync/parts.ts'
import { workOnce } from '../../sync/run.ts'

/** A served engine with a connection to another organization of the same server as Sinch has it. What is due is done when the test says so. */
async function open(t: TestContext) {
  let parts: SyncParts | undefined
  const handOuts: { name: string; kind: 'file' }[] = []
  const delivered: { readonly key: { readonly id: string; readonly secret: string } }[] = []
  const world = await openWorld(t, {
    engine: (home) => {
      parts = {
        ...syncParts(home, { log: undefined }),
        handOuts: {
          offeredTo: () => handOuts,
          deliver: async (_, key) => {
            delivered.push(key)
            return { outcome: 'written' }
          },
        },
      }
      return createEngine(parts)
    },
  })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const access = await world.another({ name: 'Vendor' })
  const printed = Object.entries(access['sinch'] ?? {}).filter(([name]) => !name.startsWith('scim'))
  const credentials = Object.fromEntries(printed.map(([name, value]) => [name, value.replace(origin, url)]))
  const made = await ask(world, 'POST', '/connections', {
    body: { name: 'sinch', vendor: 'sinch', baseUrl: credentials['baseUrl'], credentials, assignments: [] },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  await ask(world, 'PATCH', `/connections/${made.body.id}`, { body: { writesEnabled: true } })
  return {
    world,
    path: `/connections/${made.body.id}`,
    credentials,
    handOuts,
    delivered,
    settle: async () => {
      assert.ok(parts)
      while (await workOnce(parts));
    },
  }
}

const problemOf = ({ status, body }: Asked) => [status, body.type.replace(/^.*#problem-/, '')]
const read = async (world: World, id: string) => (await ask(world, 'GET', `/rotations/${id}`)).body

test('keys are listed with their age and which one is in use, and never with a secret', async (t) => {
  const { world, path, credentials, handOuts } = await open(t)
  handOuts.push({ name: 'crm', kind: 'file' })
  await ask(world, 'PATCH', path, { body: { policy: { findings: { keyMaxAgeDays: 90 } } } })
  const { status, body } = await ask(world, 'GET', `${path}/keys`)
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([body.most, body.lastUse, body.handOuts], [10, 'untold', [{ name: 'crm', kind: 'file' }]])
  const [key] = body.items
  assert.deepEqual([body.items.length, key.id, key.inUse, key.ageDays, key.tooOld], [1, credentials['keyId'], true, 0, false])
  assert.ok(!JSON.stringify(body).includes(credentials['keySecret'] ?? ''))
})

test('where the vendor has no API for its keys, none are listed and no rotation begins', async (t) => {
  const { world } = await open(t)
  const list = { list: 'userName\nada\n' }
  const body = { name: 'payroll', vendor: 'csv', baseUrl: 'https://payroll.example', credentials: list, assignments: [] }
  const { id } = (await ask(world, 'POST', '/connections', { body })).body
  const { managed, items } = (await ask(world, 'GET', `/connections/${id}/keys`)).body
  assert.deepEqual([managed, items], [false, []])
  assert.deepEqual(problemOf(await ask(world, 'POST', `/connections/${id}/rotations`, { body: {} })), [409, 'conflict'])
})

test('a rotation is started once for one Idempotency-Key, confirmed, and ends with the vendor listing the new key alone', async (t) => {
  const { world, path, credentials, handOuts, delivered, settle } = await open(t)
  handOuts.push({ name: 'crm', kind: 'file' })
  const body = { handOut: 'crm', quietSeconds: 0, name: 'Rotated' }
  const headers = { 'idempotency-key': 'one' }
  const started = await ask(world, 'POST', `${path}/rotations`, { body, headers })
  assert.deepEqual([started.status, started.body.state, started.body.replacesOwn], [201, 'started', true])
  const { id } = started.body
  assert.equal((await ask(world, 'POST', `${path}/rotations`, { body, headers })).body.id, id)
  const second = await ask(world, 'POST', `${path}/rotations`, { body })
  assert.deepEqual(problemOf(second), [409, 'conflict'])
  await settle()
  const waiting = await read(world, id)
  assert.deepEqual([waiting.state, delivered.length], ['handedOut', 1])
  assert.equal(delivered[0]?.key.id, waiting.newKeyId)
  assert.equal((await ask(world, 'GET', `${path}/keys`)).body.rotation.id, id)
  const confirm = () => ask(world, 'POST', `/rotations/${id}/confirm`, { headers: { 'idempotency-key': 'two' } })
  assert.equal((await confirm()).body.state, 'quiet')
  await settle()
  assert.equal((await confirm()).body.state, 'quiet', 'repeated it answers what it answered')
  const done = await read(world, id)
  assert.deepEqual([done.state, done.proof.kind], ['done', 'person'], done.reason)
  const { items } = (await ask(world, 'GET', `${path}/keys`)).body
  assert.deepEqual(
    items.map((key: { readonly id: string; readonly name: string; readonly inUse: boolean }) => [key.id, key.name, key.inUse]),
    [[waiting.newKeyId, `Rotated [rollcall ${id}]`, true]],
  )
  assert.equal((await ask(world, 'POST', `${path}/check`)).body.usable, true)
  const shown = JSON.stringify([done, (await ask(world, 'GET', '/facts?limit=1000')).body, started.body])
  for (const secret of [delivered[0]?.key.secret, credentials['keySecret']]) assert.ok(secret && !shown.includes(secret))
  assert.doesNotMatch(shown, /sealedSecret|ownSecret|v1\./)
  assert.equal((await ask(world, 'POST', '/facts/verify')).body.intact, true)
})

test('with ten keys a rotation fails before anything is made', async (t) => {
  const { world, path, settle } = await open(t)
  const vendorKeys = async () => (await ask(world, 'GET', `${path}/keys`)).body.items
  for (let rotation = 0; rotation < 9; rotation++) {
    const { id } = (await ask(world, 'POST', `${path}/rotations`, { body: {} })).body
    await settle()
    const aborted = await ask(world, 'POST', `/rotations/${id}/abort`, { body: { reason: 'not today' } })
    assert.equal(aborted.body.state, 'aborting')
    await settle()
    assert.match((await read(world, id)).reason, /both keys are valid/)
  }
  assert.equal((await vendorKeys()).length, 10)
  const { id } = (await ask(world, 'POST', `${path}/rotations`, { body: {} })).body
  await settle()
  const failed = await read(world, id)
  assert.deepEqual([failed.state, /no room/.test(failed.reason)], ['failed', true])
  assert.equal((await vendorKeys()).length, 10)
  const page = (await ask(world, 'GET', '/rotations?limit=4')).body
  assert.deepEqual([page.items.length, page.items[0].id], [4, id])
  const next = (await ask(world, 'GET', `/rotations?limit=4&cursor=${page.nextCursor}`)).body
  assert.equal(next.items.length, 4)
})

test('what cannot be rotated is refused with the field at fault, and nobody else’s rotation is found', async (t) => {
  const { world, path, settle } = await open(t)
  const start = (body: object, key?: string) =>
    ask(world, 'POST', `${path}/rotations`, { body, ...(key !== undefined && { key }) })
  for (const [body, field] of [
    [{ handOut: 'nowhere' }, 'handOut'],
    [{ keyId: 'another' }, 'handOut'],
    [{ quietSeconds: -1 }, 'quietSeconds'],
    [{ path: '/etc/passwd' }, 'path'],
    [{ argv: ['/bin/sh'] }, 'argv'],
  ] as const) {
    const reply = await start(body)
    assert.deepEqual([reply.status, reply.body.field], [422, field], JSON.stringify(reply.body))
  }
  const auditor = (await ask(world, 'POST', '/credentials', { body: { name: 'auditor', duty: 'auditor' } })).body.key
  assert.deepEqual(problemOf(await start({}, auditor)), [403, 'forbidden'])
  const { id } = (await start({})).body
  const stranger = { app: world.app, access: await world.another() }
  for (const [method, at, body] of [
    ['GET', `/rotations/${id}`, undefined],
    ['POST', `/rotations/${id}/confirm`, undefined],
    ['POST', `/rotations/${id}/abort`, { reason: 'x' }],
    ['GET', `${path}/keys`, undefined],
    ['POST', `${path}/rotations`, {}],
  ] as const)
    assert.deepEqual(problemOf(await ask(stranger, method, at, { body })), [404, 'not-found'], `${method} ${at}`)
  assert.deepEqual((await ask(stranger, 'GET', '/rotations')).body.items, [])
  assert.deepEqual(problemOf(await ask(world, 'POST', `/rotations/${id}/confirm`)), [409, 'conflict'])
  await ask(world, 'PATCH', path, { body: { writesEnabled: false } })
  await settle()
  assert.match((await read(world, id)).reason, /writes are off/)
})
