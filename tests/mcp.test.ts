import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test, type TestContext } from 'node:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { openHub, type Hub } from '../src/app.ts'
import { operations } from '../src/dialects/native/wire.ts'
import { toolName } from '../src/mcp/tools.ts'
import { start } from './cli.ts'
import { temporaryFolder } from './folder.ts'

const main = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))
const organization = { plan: 'free', sso: 'none', emailDomains: [] } as const

async function openTestHub(t: TestContext): Promise<{ readonly hub: Hub; readonly key: (name: string) => Promise<string> }> {
  const hub = await openHub({ home: temporaryFolder(t), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  return {
    hub,
    key: async (name) => (await hub.home.createOrganization({ ...organization, name }, hub.url))['native']?.['key'] ?? '',
  }
}

async function connected(t: TestContext, transport: Parameters<Client['connect']>[0]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
  t.after(() => client.close())
  return client
}

async function ask(client: Client, name: string, input: Readonly<Record<string, unknown>> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: input })
  const [first] = Array.isArray(content) ? content : []
  assert.ok(first?.type === 'text')
  return { text: first.text, isError: isError === true }
}

test('a model reads and proposes over stdio, and is given nothing that approves, applies or changes', async (t) => {
  const { hub, key } = await openTestHub(t)
  const client = await connected(
    t,
    new StdioClientTransport({
      command: process.execPath,
      args: [main, 'mcp'],
      env: { ROLLCALL_URL: hub.url, ROLLCALL_KEY: await key('Acme') },
    }),
  )
  const { tools } = await client.listTools()
  const given = new Set(tools.map(({ name }) => name))
  for (const { name, method } of Object.values(operations))
    assert.equal(
      given.has(toolName(name)),
      method === 'GET' || ['createPlan', 'checkConnection', 'importAccounts'].includes(name),
      name,
    )
  for (const { name, description } of tools) assert.ok(description && description.length > 10, name)
  assert.match((await ask(client, 'read_organization')).text, /"name": "Acme"/)
  const members = await ask(client, 'list_members', { limit: '10' })
  assert.deepEqual(JSON.parse(members.text), { items: [] })
  const none = await ask(client, 'create_plan', { connectionId: '01a1fe40-b4ee-71b5-b0c3-9b8d6abaed7a' })
  assert.ok(none.isError)
  assert.match(none.text, /no such connection/)
})

test('over HTTP each caller sees what their own key allows, and web pages and strangers are refused', async (t) => {
  const { hub, key } = await openTestHub(t)
  const served = await start(t, ['mcp', '--http', '--port', '0', '--url', hub.url, '--json'])
  const url: string = served.ready.url
  const clientOf = async (bearer: string) =>
    connected(
      t,
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${bearer}` } } }),
    )
  for (const name of ['Acme', 'Globex'])
    assert.match((await ask(await clientOf(await key(name)), 'read_organization')).text, new RegExp(`"name": "${name}"`))
  const stranger = await ask(await clientOf('rc_native_wrong'), 'list_members')
  assert.ok(stranger.isError)
  assert.match(stranger.text, /credential/)
  const post = (headers: Readonly<Record<string, string>>) => fetch(url, { method: 'POST', headers, body: '{}' })
  const own = { authorization: `Bearer ${await key('Initech')}` }
  assert.equal((await post({})).status, 401)
  assert.equal((await post({ authorization: 'Basic abc' })).status, 401)
  assert.equal((await post({ ...own, origin: 'https://example.com' })).status, 403)
  assert.equal((await fetch(url.replace('/mcp', '/other'), { headers: own })).status, 404)
})
