import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { statusWith } from '../../../tests/oauth.ts'
import { openWorld, type World } from '../../../tests/world.ts'

const start = Date.parse('2026-11-21T12:00:00Z')
const secondToken = async (world: World): Promise<string> =>
  (await ask(world, 'POST', '/credentials', { body: { name: 'second', kind: 'scim' } })).body.key

test('a sync of 25 requests a second is never held up by default, nor is one that comes all at once', async (t) => {
  let now = new Date(start)
  const world = await openWorld(t, { clock: () => now })
  const token = world.access['scim']?.['token'] ?? ''
  const statuses = new Set<number>()
  for (let sent = 0; sent < 100; sent++) {
    now = new Date(start + sent * 40)
    statuses.add(await statusWith(world, token))
  }
  for (const status of await Promise.all(Array.from({ length: 200 }, () => statusWith(world, token)))) statuses.add(status)
  assert.deepEqual(statuses, new Set([200]))
})

test('each credential has a limit of its own beside that of its organization, and no other organization feels either', async (t) => {
  let now = new Date(start)
  const world = await openWorld(t, {
    clock: () => now,
    limits: {
      scim: [
        { requests: 4, perSeconds: 10, per: 'credential' },
        { requests: 6, perSeconds: 60 },
      ],
    },
  })
  const first = world.access['scim']?.['token'] ?? ''
  const second = await secondToken(world)
  const stranger = (await world.another())['scim']?.['token'] ?? ''
  const send = async (token: string, times: number) => {
    const statuses: number[] = []
    for (let sent = 0; sent < times; sent++) statuses.push(await statusWith(world, token))
    return statuses
  }
  // Secrets that prove nothing take nothing away from whom they name.
  await send(`${first.slice(0, -1)}${first.endsWith('x') ? 'y' : 'x'}`, 20)
  assert.deepEqual(await send(first, 5), [200, 200, 200, 200, 429])
  assert.deepEqual(await send(second, 3), [200, 200, 429], 'the organization’s six are used up')
  assert.deepEqual(await send(stranger, 4), [200, 200, 200, 200])
  const held = await world.app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${second}` } })
  assert.deepEqual([held.statusCode, held.headers['retry-after'], held.json().status], [429, '10', '429'])
  now = new Date(start + 10_000)
  assert.deepEqual(await send(second, 2), [200, 429])
})
