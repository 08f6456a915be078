import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../tests/application.ts'
import { inProcess } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/folder.ts'
import { openHub } from '../app.ts'
import { scopes } from '../directory/credential.ts'

test('a hub tells of an end by a fact when it starts', async (t) => {
  const home = temporaryFolder(t)
  const open = () => openHub({ home, environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  const first = await open()
  const organization = { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] } as const
  const access = await first.home.createOrganization(organization, first.url)
  const environment = { ROLLCALL_URL: first.url, ROLLCALL_KEY: access['native']?.['key'] ?? '' }
  const expires = new Date(Date.now() + 24 * 60 * 60 * 1_000).toISOString()
  const made = await inProcess(
    ['credential', 'create', '--kind', 'scim', '--name', 'ending', '--expires', expires, '--home', home],
    environment,
  )
  assert.equal(made.code, 0, made.stderr)
  await first.close()
  const second = await open()
  t.after(() => second.close())
  const { id: organizationId = '' } = access['organization'] ?? {}
  const call = { organizationId, actor: 'test', scopes: new Set(scopes), requestId: 'test', via: 'test' }
  const told = await eventually(async () =>
    (await second.home.directory.listFacts({ ...call, now: new Date() }, { after: 0, limit: 1_000 })).find(
      ({ action }) => action === 'credential.expiring',
    ),
  )
  assert.equal(told.detail['name'], 'ending')
})

test('clients are made on the command line, and who asks for the list is told of ends and last uses', async (t) => {
  const home = temporaryFolder(t)
  const hub = await openHub({ home, environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  const organization = { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] } as const
  const access = await hub.home.createOrganization(organization, hub.url)
  const environment = { ROLLCALL_URL: hub.url, ROLLCALL_KEY: access['native']?.['key'] ?? '' }
  const run = (...args: readonly string[]) => inProcess(['credential', ...args, '--home', home], environment)

  const client = await run('client', '--name', 'Entra')
  assert.match(
    client.stdout,
    new RegExp(`^clientId +r\\w{9}\\nclientSecret +rc_scimclient_\\w+\\ntokenUrl +${hub.url}/oauth2/token\\n$`),
  )
  assert.match(client.stderr, /not shown again/)
  const [, client_id = '', client_secret = '', tokenUrl = ''] =
    /^clientId +(\S+)\nclientSecret +(\S+)\ntokenUrl +(\S+)\n$/.exec(client.stdout) ?? []
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
  })
  assert.equal(answer.status, 200)

  const signing = await run(
    'client',
    '--name',
    'federated',
    '--issuer',
    'https://login.example.com/tenant',
    '--keys',
    'https://login.example.com/keys',
    '--subject',
    'principal',
    '--json',
  )
  const { clientId, clientSecret, subject, audience, credential } = signing.json
  assert.deepEqual(
    [clientId, clientSecret, subject, audience],
    [credential.identifier, undefined, 'principal', `${hub.url}/oauth2/token`],
  )
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1_000).toISOString()
  await run('create', '--kind', 'scim', '--name', 'ending', '--expires', inDays(5))
  await run('create', '--kind', 'scim', '--name', 'lasting', '--expires', inDays(50))
  const list = await run('list')
  assert.match(list.stderr, /^ending ends in 5 days: make another one/)
  assert.doesNotMatch(list.stderr, /lasting/)
  const today = new Date().toISOString().slice(0, 10)
  assert.match(list.stdout, new RegExp(`Entra +scimclient +read,write +valid +${today} \\d\\d:\\d\\dZ`))
  assert.match(list.stdout, /federated +scimclient +read,write +valid +- /)

  for (const [args, said] of [
    [['--issuer', 'x'], /--issuer and --keys together/],
    [['--subject', 'x'], /Give --issuer and --keys too/],
  ] as const) {
    const { code, stderr } = await run('client', '--name', 'x', ...args)
    assert.equal(code, 1)
    assert.match(stderr, said)
  }
})
