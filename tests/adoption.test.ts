import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld } from './sync.ts'
import { invite } from './twilio.ts'
import { connectToFace } from './twilio-vendor.ts'

// Twilio knows people by their address alone: a member whose user name is none has to be found by it all the same.

/** An engine that acts on the served Twilio by REST. */
async function open(t: TestContext) {
  const { face, vendor } = await connectToFace(t)
  const world = await openSyncWorld(t)
  const { name, capabilities, reader, writer } = vendor
  const acting = { ...writer }
  Object.assign(world.vendor, { name, capabilities, reader, writer: acting })
  const linkOf = async (connectionId: string, membershipId: string) => {
    const link = await world.database.ledger.read((tx) => tx.linkOf(world.organizationId, connectionId, membershipId))
    return link && [link.accountId, link.rule]
  }
  const addresses = async () => (await face.send('GET', face.users)).json.users.map((user) => user['email'])
  return { face, world, writer: acting, linkOf, addresses }
}

test('a member without an address for a user name is found at Twilio by e-mail where the policy matches by it, and nobody is invited twice', async (t) => {
  const { face, world, linkOf, addresses } = await open(t)
  const sid = await invite(face, { Email: 'Ada@example.com' })
  const member = await world.join('ada')
  const connection = await world.connect({ policy: { matchBy: ['userName', 'email'] } })
  await world.settle()
  assert.deepEqual(await linkOf(connection.id, member.id), [sid, 'email'])
  assert.deepEqual(await addresses(), ['Ada@example.com'])
})

test('where the policy matches by user name alone, the account under that address waits for a person', async (t) => {
  const { face, world, linkOf, addresses } = await open(t)
  await invite(face, { Email: 'ada@example.com' })
  const member = await world.join('ada')
  const connection = await world.connect({ policy: { matchBy: ['userName'] } })
  await world.settle()
  assert.equal(await linkOf(connection.id, member.id), undefined)
  assert.deepEqual(await addresses(), ['ada@example.com'])
  const findings = await world.engine.listFindings(world.by('owner'), { open: true, limit: 10 })
  assert.ok(findings.some(({ kind }) => kind === 'duplicate'))
})

test('an account that appears under the address right before the invitation is taken over by it', async (t) => {
  const { face, world, writer, linkOf, addresses } = await open(t)
  const connection = await world.connect({ policy: { matchBy: ['userName'] } })
  await world.settle()
  const create = writer.create.bind(writer)
  let sid = ''
  writer.create = async (desired) => {
    sid ||= await invite(face, { Email: 'ada@example.com' })
    return create(desired)
  }
  const member = await world.join('ada')
  await world.settle()
  assert.notEqual(sid, '')
  assert.deepEqual(await linkOf(connection.id, member.id), [sid, 'email'])
  assert.deepEqual(await addresses(), ['ada@example.com'])
  const [step] = await world.steps()
  assert.match(step?.reason ?? '', /stood there under this e-mail address already and was taken over/)
})

test('an invitation whose answer was lost is found again by the address, and not sent twice', async (t) => {
  const { world, writer, linkOf, addresses } = await open(t)
  const connection = await world.connect({ policy: { matchBy: ['userName'] } })
  await world.settle()
  const create = writer.create.bind(writer)
  let sent = 0
  writer.create = async (desired) => {
    sent++
    await create(desired)
    throw Object.assign(new Error('the connection closed'), {
      name: 'RemoteError',
      status: 0,
      retryable: false,
      effect: 'unknown',
    })
  }
  const member = await world.join('ada')
  await world.pass(60)
  assert.equal(sent, 1)
  assert.equal((await linkOf(connection.id, member.id))?.[1], 'email')
  assert.deepEqual(await addresses(), ['ada@example.com'])
})
