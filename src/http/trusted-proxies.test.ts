import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../tests/folder.ts'
import { loadConfig } from '../config.ts'
import { dialects } from '../dialects/index.ts'
import { ConfigError } from '../directory/errors.ts'
import { openHome } from '../app.ts'
import { createServer } from './server.ts'

async function openApp(t: TestContext, settings: object) {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  const home = await openHome(folder, {})
  const app = createServer({
    directory: home.directory,
    store: home.database.store,
    dialects,
    engine: undefined,
    settings: {},
    clock: () => new Date(),
    newId: home.newId,
    log: undefined,
    check: async () => undefined,
    limits: home.config.limits,
    trustedProxies: home.config.trustedProxies,
  })
  t.after(async () => {
    await app.close()
    await home.close()
  })
  /** Attempts that name their client differently and come through a proxy at 10.1.2.3. */
  return async (count: number, forwardedFor: (attempt: number) => string) => {
    const statuses = []
    for (let attempt = 0; attempt < count; attempt++) {
      const reply = await app.inject({
        method: 'POST',
        url: '/sinch/oauth2/token',
        remoteAddress: '10.1.2.3',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': forwardedFor(attempt) },
        payload: `grant_type=client_credentials&client_id=c${attempt}&client_secret=x`,
      })
      statuses.push(reply.statusCode)
    }
    return statuses
  }
}

const limits = { sinch: [{ requests: 2, perSeconds: 3600, of: 'tokens' }] }

test('X-Forwarded-For counts only from a proxy that the settings trust: nobody else picks their own address', async (t) => {
  const forged = await openApp(t, { limits })
  assert.deepEqual(await forged(3, (attempt) => `192.0.2.${attempt}`), [401, 401, 429])
  const trusting = await openApp(t, { limits, trustedProxies: ['10.0.0.0/8'] })
  assert.deepEqual(await trusting(4, (attempt) => `192.0.2.${attempt % 2}`), [401, 401, 401, 401])
  // What stands before the last address was written by the caller.
  assert.deepEqual(await trusting(1, () => '203.0.113.9, 192.0.2.1'), [429])
})

test('limits and proxies that cannot be read are refused with their place', (t) => {
  for (const wrong of [
    { trustedProxies: ['proxy.example'] },
    { trustedProxies: ['10.0.0.0/99'] },
    { limits: { sinch: [{ atOnce: 0 }] } },
    { limits: { sinch: [{ requests: 1, perSeconds: 1, atOnce: 2 }] } },
    { limits: { sinch: [{ requests: 1, perSeconds: 1, of: 'everything' }] } },
  ]) {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(wrong))
    assert.throws(
      () => loadConfig(folder, {}),
      (error: Error) => error instanceof ConfigError && error.message.includes(Object.keys(wrong)[0] ?? ''),
    )
  }
})
