import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { dialects } from '../src/dialects/index.ts'
import { createTwin } from '../src/twin/create.ts'
import { inProcess, start } from './cli.ts'
import { temporaryFolder } from './folder.ts'

/** A home with an organization, a twin of Bandwidth, and a folder for a file that connects them. */
async function openPlace(t: TestContext) {
  const folder = temporaryFolder(t)
  const dialect = dialects.find(({ name }) => name === 'bandwidth')
  assert.ok(dialect)
  const twin = await createTwin({ dialect, home: join(folder, 'twin'), people: 5, seed: 7, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => twin.close())
  const home = join(folder, 'home')
  const made = await inProcess(['organization', 'create', '--name', 'Acme', '--home', home, '--json'])
  const { baseUrl, accountId, username, password } = twin.credentials
  const environment = { ROLLCALL_KEY: made.json.native.key, VENDOR_PASSWORD: String(password) }
  const file = join(folder, 'rollcall.yaml')
  const write = ({ quorum = 2, more = '' } = {}) =>
    writeFileSync(
      file,
      `version: 1
organization: Acme
connections:
  desk:
    vendor: bandwidth
    baseUrl: ${baseUrl}
    credentials:
      accountId: '${accountId}'
      username: ${username}
      password: \${env:VENDOR_PASSWORD}
    assign: everyone
    policy:
      quorum: ${quorum}
${more}`,
    )
  write()
  return { folder, home, file, write, environment, secret: String(password) }
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

test('a hub is served with a file: it is applied at the start and at SIGHUP, drift is told, and no secret is shown or kept in clear', async (t) => {
  const { folder, home, file, write, environment, secret } = await openPlace(t)
  const outputs: string[] = []
  const config = async (...argv: string[]) => {
    const ran = await inProcess(['config', ...argv], environment)
    outputs.push(ran.stdout, ran.stderr)
    return ran
  }
  const hub = (...argv: string[]) => config(...argv, '--home', home)
  assert.equal((await config('validate', file)).code, 0)
  assert.match((await config('explain', file)).stdout, /desk: bandwidth at .*\n {2}Every active member gets an account\./)

  const served = await start(t, ['serve', '--port', '0', '--home', home, '--config', file, '--json'], environment)
  const connection = async () =>
    (await inProcess(['connection', 'list', '--home', home, '--json'], environment)).json.connections[0]
  const first = await connection()
  assert.deepEqual(
    [first.name, first.policy.quorum, first.managedBy.file, first.managedBy.drift],
    ['desk', 2, 'rollcall.yaml', []],
  )
  assert.deepEqual([(await hub('diff', file)).code, (await hub('apply', file)).code], [0, 0])
  assert.match((await inProcess(['connection', 'check', 'desk', '--home', home], environment)).stderr, /can be used/)

  const schema = await fetch(`${served.ready.url}/schemas/rollcall.json`)
  assert.deepEqual([schema.status, schema.headers.get('content-type')], [200, 'application/json; charset=utf-8'])
  assert.deepEqual(await schema.json(), JSON.parse((await config('schema')).stdout))

  const api = (method: string, path: string, body?: unknown) =>
    fetch(`${served.ready.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${environment.ROLLCALL_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).then((reply) => reply.json())
  await api('PATCH', `/connections/${first.id}`, { policy: { quorum: 1 } })
  assert.deepEqual((await connection()).managedBy.drift, ['policy.quorum'])
  const differing = await hub('diff', file)
  assert.deepEqual([differing.code, differing.stdout], [2, 'connections.desk.policy.quorum: the file says 2, 1 stands.\n'])
  assert.equal((await hub('diff', file, '--exit-zero')).code, 0)
  assert.partialDeepStrictEqual(await api('GET', '/configuration'), {
    drift: [{ path: 'connections.desk.policy.quorum', named: 2, stands: 1, kept: false }],
  })

  write({ quorum: 3, more: 'webhooks:\n  siem:\n    url: https://siem.example.com/hooks\n' })
  outputs.push(await served.reload(/configuration applied/))
  assert.equal((await connection()).policy.quorum, 3)
  writeFileSync(file, 'version: 1\nconections: {}\n')
  const refused = await served.reload(/not applied/)
  assert.match(refused, /rollcall\.yaml:2:1: conections: There is no .*Did you mean/)
  assert.equal((await connection()).policy.quorum, 3)

  write({ quorum: 4 })
  const applied = await hub('apply', file, '--json')
  assert.deepEqual(
    [applied.json.applied.changed, applied.json.applied.released],
    [['connections.desk.policy.quorum'], ['webhooks.siem']],
  )
  write({ quorum: 4, more: '    writesEnabled: true\n' })
  assert.equal((await hub('apply', file)).stdout, 'changed  connections.desk.writesEnabled\n')
  await inProcess(['connection', 'disable-writes', 'desk', '--home', home], environment)
  const kept = await hub('apply', file)
  assert.deepEqual([kept.code, /^kept {5}connections\.desk\.writesEnabled: .*enable-writes desk/.test(kept.stdout)], [6, true])

  outputs.push(JSON.stringify(await api('GET', '/configuration')), JSON.stringify(await api('GET', '/facts?limit=200')))
  await served.stop()
  for (const output of outputs) assert.ok(!output.includes(secret))
  for (const each of filesBelow(join(folder, 'home'))) assert.ok(!readFileSync(each).includes(secret), each)
})

test('a hub does not start on a file that cannot be applied, and says where it is wrong', async (t) => {
  const { home, file, write, environment } = await openPlace(t)
  const serve = (given: Readonly<Record<string, string>> = environment) =>
    inProcess(['serve', '--port', '0', '--home', home, '--config', file, '--log-level', 'silent'], given)
  const { VENDOR_PASSWORD: _, ...without } = environment
  const unset = await serve(without)
  assert.deepEqual([unset.code, unset.stdout], [1, ''])
  assert.match(
    unset.stderr,
    /connections\.desk\.credentials\.password refers to the environment variable VENDOR_PASSWORD, and it is not set/,
  )
  write({ more: '    baseUrl: https://x.example\n' })
  assert.match((await serve()).stderr, /rollcall\.yaml:14:5: This name stands twice/)
  writeFileSync(file, 'version: 1\norganization: Other\n')
  assert.match((await serve()).stderr, /rollcall\.yaml is for Other, and there is no such organization here/)
  writeFileSync(file, readFileSync(file, 'utf8').replace('Other', 'Acme') + 'webhooks: { a: { url: https://10.0.0.1/ } }\n')
  assert.match((await serve()).stderr, /rollcall\.yaml:3:23: webhooks\.a\.url: .*not a public address/)
})

test('the example is printed as it stands, and can be applied but for what it refers to', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'rollcall.yaml')
  writeFileSync(file, (await inProcess(['config', 'example'])).stdout)
  assert.equal((await inProcess(['config', 'validate', file])).code, 0)
  assert.match(
    (await inProcess(['config', 'apply', file], { ROLLCALL_KEY: 'x' })).stderr,
    /BANDWIDTH_PASSWORD, and it is not set/,
  )
  const faulty = join(folder, 'faulty.yaml')
  writeFileSync(faulty, 'version: 1\na: 1\nb: 2\n')
  const found = await inProcess(['config', 'validate', faulty, '--json'])
  assert.deepEqual([found.code, found.json.valid, found.json.faults.length, found.json.faults[1].line], [1, false, 2, 3])
  const told = await inProcess(['config', 'validate', faulty])
  assert.deepEqual([told.code, told.stdout.split('\n').length - 1], [1, 2])
  assert.match(
    (await inProcess(['config', 'explain', faulty])).stderr,
    /faulty\.yaml:2:1: a: .* There is 1 more fault: rollcall config validate/,
  )
})
