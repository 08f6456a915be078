import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { openWorld, temporaryFolder } from '../../tests/world.ts'
import { dialects } from '../dialects/index.ts'
import { FaultyFile, readConfigurationFile } from './read-file.ts'
import { ConfigurationFile, jsonSchema, publicCredentials } from './schema.ts'
import { longestText } from './text.ts'

const example = fileURLToPath(new URL('example.yaml', import.meta.url))

function faultsIn(t: TestContext, text: string): readonly string[] {
  const file = join(temporaryFolder(t), 'rollcall.yaml')
  writeFileSync(file, text)
  try {
    readConfigurationFile(file)
    return []
  } catch (error) {
    assert.ok(error instanceof FaultyFile, String(error))
    return error.faults.map(({ line, column, path, message }) => `${line}:${column}: ${path}: ${message}`)
  }
}

const connection = (lines: string) => `version: 1\nconnections:\n  desk:\n    vendor: bandwidth\n${lines.replace(/^/gm, '    ')}`

test('the example is read, and every part of a file stands in it', () => {
  const { content } = readConfigurationFile(example)
  assert.deepEqual(Object.keys(content).toSorted(), Object.keys(ConfigurationFile.shape).toSorted())
})

test('a name that is not known is refused where it stands, with the one that was meant', (t) => {
  assert.deepEqual(faultsIn(t, 'version: 1\nconections: {}\n'), [
    '2:1: conections: There is no "conections". Did you mean "connections"?',
  ])
  assert.deepEqual(faultsIn(t, connection('policy:\n  rolMap: {}')), [
    '6:7: connections.desk.policy.rolMap: There is no "rolMap". Did you mean "roleMap"?',
  ])
  assert.deepEqual(faultsIn(t, 'version: 1\nvendors:\n  bandwith: {}'), [
    '3:3: vendors.bandwith: There is no "bandwith". Did you mean "bandwidth"?',
  ])
  assert.match(faultsIn(t, 'version: 1\nzzz: 1')[0] ?? '', /^2:1: zzz: There is no "zzz"\. There are: version, organization, /)
})

test('a value that does not fit is refused where it stands, with what fits', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['version: 2', '1:10: version: It must be 1.'],
    ['{}', '1:1: version: This is missing. It must be 1.'],
    ['', '1:1: : It must be a map of version, organization, defaults, vendors, connections, webhooks.'],
    ['version: 1\ndefaults: { quorum: zero }', '2:21: defaults.quorum: It must be a whole number from 1 to 100.'],
    ['version: 1\ndefaults: { drift: revet }', '2:20: defaults.drift: It must be one of report, revert. Did you mean "revert"?'],
    [
      'version: 1\ndefaults:\n  matchBy:\n    - userName\n    - mail',
      '5:7: defaults.matchBy.1: It must be one of userName, externalId, emailAndName, email. Did you mean "email"?',
    ],
    ['version: 1\ndefaults: { deletion: { onLeave: burn } }', '2:34: defaults.deletion.onLeave: It must be remove, or suspend.'],
    [connection('writesEnabled: yes'), '5:20: connections.desk.writesEnabled: It must be true or false.'],
    [connection('assign: nobody'), '5:13: connections.desk.assign: It must be everyone, or a map of groups, members.'],
    [connection('assign: { group: [a] }'), '5:15: connections.desk.assign.group: There is no "group". Did you mean "groups"?'],
    [
      connection('baseUrl: http://vendor.example'),
      '5:14: connections.desk.baseUrl: baseUrl must start with https://, unless the vendor runs on this machine (127.0.0.1, [::1], localhost).',
    ],
    [
      connection('baseUrl: https://u:p@vendor.example'),
      '5:14: connections.desk.baseUrl: baseUrl must not hold credentials: they belong into credentials.',
    ],
    [
      'version: 1\nwebhooks: { a: { url: https://x.example, actions: [plan.made] } }',
      '2:51: webhooks.a.actions: Name actions such as member.added, or families such as member.*; leave it out for all.',
    ],
    ['version: 1\nwebhooks: { a: {} }', '2:13: webhooks.a.url: This is missing. It must be text.'],
    [
      `version: 1\nconnections:\n  a b.c:\n    vendor: sinch\n    policy: { quorum: 2, approvers: [0199d3a0-2000-7000-8000-000000000003] }`,
      '5:23: connections.a b.c.policy.quorum: quorum asks for 2 people, and approvers names 1: nothing could ever be approved.',
    ],
  ]
  for (const [text, fault] of cases) assert.deepEqual(faultsIn(t, text), [fault], text)
})

test('every fault is told, in the order of the file', (t) => {
  const faults = faultsIn(
    t,
    `version: 1\ndefaults:\n  quorum: 0\n${connection('writesEnabled: 1\nasign: everyone').slice('version: 1\n'.length)}`,
  )
  assert.deepEqual(
    faults.map((fault) => fault.split(':').slice(0, 2).join(':')),
    ['3:11', '7:20', '8:5'],
  )
})

test('a secret in clear is refused with what to do, and repeated by no message', (t) => {
  const secret = 'hunter2-canary'
  const inClear = [
    connection(`credentials: { accountId: '1', username: u, password: ${secret} }`),
    connection(`credentials: ${secret}`),
    connection(`credentials: { nested: { token: ${secret} } }`),
    connection(`credentials: { token: [${secret}] }`),
    connection(`credentials: { password: "x\${env:${secret}}" }`),
  ]
  for (const text of inClear) {
    const [fault = '', ...more] = faultsIn(t, text)
    assert.match(fault, /^5:\d+: connections\.desk\.credentials/, text)
    assert.match(fault, /\$\{env:NAME\}/)
    assert.deepEqual([fault.includes(secret), more], [false, []])
  }
  assert.match(faultsIn(t, inClear[0] ?? '')[0] ?? '', /replace it at the vendor/)
  // Neither does one that is about YAML.
  for (const text of [
    `password: *${secret}`,
    `password: !${secret} x`,
    `password: "${secret}`,
    `a: b: ${secret}`,
    `%${secret}\n---\n- a`,
  ])
    assert.doesNotMatch(faultsIn(t, text).join(), /canary/, text)
})

test('among the credentials that are handed out, what opens something is a secret, and the rest may stand in clear', async (t) => {
  const { access } = await openWorld(t)
  for (const { name } of dialects.filter(({ connect }) => connect))
    for (const [key, value] of Object.entries(access[name] ?? {}))
      assert.equal(publicCredentials.includes(key), !/^rc_|^[A-Za-z0-9_-]{40,}$/.test(value), `${name} ${key} ${value}`)
  // Those that only an operator adds.
  for (const key of ['list', 'clientSecret', 'orgKeySecret', 'token', 'password']) assert.ok(!publicCredentials.includes(key))
})

test('references are read alone, and only where a value may come from elsewhere', (t) => {
  assert.deepEqual(
    faultsIn(t, connection("baseUrl: ${env:URL}\ncredentials: { username: '${file:user}', password: '${env:P}' }")),
    [],
  )
  assert.deepEqual(faultsIn(t, connection('credentials: ${file:bandwidth.json}')), [])
  assert.match(
    faultsIn(t, connection("policy: { roleMap: { A: '${env:B}' } }")).join(),
    /^5:29: connections\.desk\.policy\.roleMap\.A: References are read in/,
  )
  assert.match(
    faultsIn(t, connection('baseUrl: https://${env:HOST}/api')).join(),
    /^5:14: connections\.desk\.baseUrl: .*stands alone/,
  )
})

test('YAML that is made to hurt is refused: too long, aliases of aliases, loops, reserved names, tags, two documents', (t) => {
  const list = (of: string) => `[${Array.from({ length: 10 }, () => of).join(',')}]`
  const cases: readonly (readonly [string, RegExp])[] = [
    [`version: 1\n#${'x'.repeat(longestText)}`, /^1:1: : The file is longer than 512 KiB/],
    [`a: &a ${list('x')}\nb: &b ${list('*a')}\nc: &c ${list('*b')}\nd: ${list('*c')}`, /^1:1: : Its aliases/],
    ['version: 1\n__proto__: { a: 1 }', /^2:1: : This name is reserved/],
    ['version: 1\nconnections: { __proto__: { vendor: sinch } }', /^2:16: : This name is reserved/],
    ['version: 1\nversion: 1', /^2:1: : This name stands twice/],
    ['version: !!binary aGk=', /^1:10: : Tags/],
    ['version: 1\n---\nversion: 1', /^2:1: : A second document/],
    ['version: 1\nconnections:\n\tdesk: {}', /^3:1: : Indent with spaces/],
    ['? { a: b }\n: 1', /^1:\d+: : A name must be plain text/],
    ['['.repeat(20_000), /^1:\d+: : /],
  ]
  for (const [text, fault] of cases) assert.match(faultsIn(t, text)[0] ?? 'nothing', fault, text.slice(0, 60))
  // Aliases that stand for little are what they are for.
  assert.deepEqual(faultsIn(t, 'version: 1\ndefaults: &usual { quorum: 2 }\nvendors: { sinch: *usual }'), [])
})

test('the JSON Schema says of examples what the reader says', (t) => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false }).compile(jsonSchema())
  const { content } = readConfigurationFile(example)
  assert.equal(validate(content), true, JSON.stringify(validate.errors))
  const refused = [
    'version: 2',
    '{}',
    'version: 1\nconections: {}',
    connection('policy: { rolMap: {} }'),
    connection('policy: { quorum: 0 }'),
    connection('writesEnabled: "yes"'),
    connection('assign: nobody'),
    connection('credentials: { password: hunter2 }'),
    connection('credentials: hunter2'),
    'version: 1\nwebhooks: { a: {} }',
    'version: 1\nconnections: { a: { vendor: bandwith } }',
  ]
  for (const text of refused) {
    assert.notDeepEqual(faultsIn(t, text), [], text)
    assert.equal(validate(parse(text)), false, text)
  }
  const taken = [
    connection('credentials: { accountId: "1", password: "${env:P}" }'),
    connection('assign: { groups: [a] }'),
    'version: 1',
  ]
  for (const text of taken) {
    assert.deepEqual(faultsIn(t, text), [], text)
    assert.equal(validate(parse(text)), true, `${text} ${JSON.stringify(validate.errors)}`)
  }
})
