import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../tests/folder.ts'
import { NamedPolicy } from '../dialects/native/wire/policy.ts'
import { explainFile } from './explain.ts'
import { readConfigurationFile } from './read-file.ts'

function explain(t: TestContext, text: string) {
  const file = join(temporaryFolder(t), 'rollcall.yaml')
  writeFileSync(file, text)
  return explainFile(readConfigurationFile(file))
}

const text = `version: 1
defaults: { quorum: 2, protectedAccounts: [glass] }
vendors:
  sinch:
    roleMap: { Support: ADMIN, Owner: ADMIN }
connections:
  desk:
    vendor: sinch
    credentials: { keyId: k, keySecret: '\${env:S}' }
    assign: { groups: [support, Sales], members: [ada] }
    policy:
      quorum: 3
      protectedAccounts: [root]
      attributeOwners: { roles: vendor }
webhooks:
  ops: { url: '\${env:HOOK}', actions: [plan.*] }
`

test('every setting of a policy is told with its value, and where it is named or that it is the default', (t) => {
  const [desk] = explain(t, text).connections
  assert.ok(desk)
  const of = (name: string) => desk.policy.find(({ setting }) => setting === name)
  assert.deepEqual(desk.policy.map(({ setting }) => setting).toSorted(), Object.keys(NamedPolicy.shape).toSorted())
  assert.deepEqual(of('quorum'), { setting: 'quorum', value: 3, from: [{ path: 'connections.desk.policy.quorum', line: 12 }] })
  assert.deepEqual(of('protectedAccounts'), {
    setting: 'protectedAccounts',
    value: ['glass', 'root'],
    from: [
      { path: 'defaults.protectedAccounts', line: 2 },
      { path: 'connections.desk.policy.protectedAccounts', line: 13 },
    ],
  })
  assert.deepEqual(of('roleMap')?.from, [{ path: 'vendors.sinch.roleMap', line: 5 }])
  assert.deepEqual(of('planExpiryHours'), { setting: 'planExpiryHours', value: 168, from: [] })
  assert.deepEqual(of('attributeOwners')?.value, {
    userName: 'provider',
    email: 'provider',
    givenName: 'provider',
    familyName: 'provider',
    roles: 'vendor',
  })
  assert.deepEqual(desk.credentials, { keyId: 'k', keySecret: '${env:S}' })
})

test('who gets access with which roles is said in sentences, and what becomes of who leaves', (t) => {
  const { connections, webhooks } = explain(t, text)
  const said = connections[0]?.sentences.join('\n') ?? ''
  for (const sentence of [
    'An account is for the members of support, the members of Sales and ada.',
    'Members of support get the role ADMIN.',
    'Members of Sales get the role of that name, where the vendor has one.',
    'Whoever has the role, or is in the group, Owner gets the role ADMIN.',
    'No plan removes glass and root.',
    'When somebody leaves, the account is removed after an approval; access is taken away at once where the vendor can.',
    'A plan is approved by 3 people, whoever has the scope approve, who did not ask for it, within 168 hours.',
  ])
    assert.ok(said.split('\n').includes(sentence), `${sentence}\n\n${said}`)
  assert.deepEqual(webhooks, [{ name: 'ops', sentence: '${env:HOOK} is told of plan.*.' }])
})

test('other policies are said in other words', (t) => {
  const said = (policy: string, rest = '') =>
    explain(
      t,
      `version: 1\nconnections:\n  a:\n    vendor: sinch\n${rest}    policy: ${policy}\n`,
    ).connections[0]?.sentences.join('\n') ?? ''
  assert.match(said('{ deletion: { onLeave: suspend, holdDays: 30 } }'), /suspended, and removed after 30 days and an approval/)
  assert.match(said('{ deletion: { onLeave: suspend } }'), /suspended and kept/)
  assert.match(said('{ leavers: { suspendAtOnce: approval } }'), /access is taken away after an approval/)
  assert.match(said('{ additions: approval, drift: revert }'), /made after an approval.*\n.*put back by the next plan/)
  assert.match(said('{ matchBy: [] }'), /linked to nobody by a rule/)
  assert.match(
    said('{ defaultRoles: [A, B] }', '    assign: everyone\n'),
    /Every active member[^]*Everybody gets the roles A and B\./,
  )
  assert.match(said('{}', '    writesEnabled: true\n'), /Plans may change the vendor\./)
  assert.match(said('{}', '    writesEnabled: false\n    assign: {}\n'), /Nobody gets an account\.[^]*only read and planned for/)
  assert.match(said('{ schedule: { everyHours: 6 } }'), /every 6 hours/)
})
