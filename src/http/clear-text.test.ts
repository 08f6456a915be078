import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../tests/folder.ts'
import { openHome, openHub } from '../app.ts'
import { dialects } from '../dialects/index.ts'
import { exposedWarning } from './clear-text.ts'
import { createLog } from './log.ts'
import { createServer } from './server.ts'

test('SCIM-158 who serves other machines without TLS in front is warned', async (t) => {
  const warningsOf = async (host: string, environment: Readonly<Record<string, string>>) => {
    const lines: string[] = []
    const log = createLog({ write: (line) => void lines.push(line) }, 'warn')
    const hub = await openHub({ home: temporaryFolder(t), environment, host, port: 0, log })
    await hub.close()
    return lines.map((line) => JSON.parse(line).msg)
  }
  assert.deepEqual(await warningsOf('0.0.0.0', {}), [exposedWarning])
  assert.deepEqual(await warningsOf('0.0.0.0', { ROLLCALL_PUBLIC_URL: 'http://id.example.com' }), [exposedWarning])
  assert.deepEqual(await warningsOf('0.0.0.0', { ROLLCALL_PUBLIC_URL: 'https://id.example.com' }), [])
  assert.deepEqual(await warningsOf('127.0.0.1', {}), [])
  assert.deepEqual(await warningsOf('localhost', {}), [])
})

async function openApp(t: TestContext, options: { readonly publicUrl: string; readonly trustedProxies: readonly string[] }) {
  const home = await openHome(temporaryFolder(t), {})
  const access = await home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    options.publicUrl,
  )
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
    ...options,
  })
  t.after(async () => {
    await app.close()
    await home.close()
  })
  return async (forwardedProto: string | undefined, url = '/scim/v2/Users') =>
    app.inject({
      url,
      remoteAddress: '10.1.2.3',
      headers: {
        authorization: `Bearer ${access['scim']?.['token']}`,
        ...(forwardedProto !== undefined && { 'x-forwarded-proto': forwardedProto }),
      },
    })
}

test('SCIM-161 a token that came to the proxy in clear opens nothing', async (t) => {
  const send = await openApp(t, { publicUrl: 'https://id.example.com', trustedProxies: ['10.0.0.0/8'] })
  for (const proto of ['http', 'HTTP', 'https, http']) {
    const refused = await send(proto)
    assert.equal(refused.statusCode, 403, proto)
    assert.equal(refused.headers['content-type'], 'application/scim+json')
    assert.match(refused.json<{ readonly detail: string }>().detail, /https/)
  }
  assert.equal((await send('http', '/scim/v2/ServiceProviderConfig')).statusCode, 403)
  for (const proto of ['https', 'http, https', undefined]) assert.equal((await send(proto)).statusCode, 200, String(proto))
})

test('SCIM-161 nobody is refused for what a proxy says that the settings do not know, or where clients come by http', async (t) => {
  const unknown = await openApp(t, { publicUrl: 'https://id.example.com', trustedProxies: [] })
  assert.equal((await unknown('http')).statusCode, 200)
  const inside = await openApp(t, { publicUrl: 'http://id.internal', trustedProxies: ['10.0.0.0/8'] })
  assert.equal((await inside('http')).statusCode, 200)
})
