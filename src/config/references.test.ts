import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../tests/folder.ts'
import { resolveReferences } from './references.ts'
import type { ConfigurationFile } from './schema.ts'

test('references stand for variables and for files beside the file; a file may hold all of a connection’s credentials', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'secrets'))
  writeFileSync(join(folder, 'secrets', 'password'), 'of the file\n')
  const content: ConfigurationFile = {
    version: 1,
    connections: {
      one: {
        vendor: 'twilio',
        baseUrl: '${env:URL}',
        credentials: { password: '${file:secrets/password}', token: '${env:TOKEN}', roleNames: { A: 'b' } },
      },
      two: { vendor: 'sinch', credentials: '${file:sinch.json}' },
      three: { vendor: 'bird', assign: 'everyone' },
    },
    webhooks: { ops: { url: '${env:HOOK}' } },
  }
  writeFileSync(join(folder, 'sinch.json'), '{}')
  const asked: string[] = []
  const environment: Record<string, string> = { URL: 'https://a.example', TOKEN: 't', HOOK: 'https://b.example/x' }
  const sources = {
    file: join(folder, 'rollcall.yaml'),
    environment,
    readCredentials: (path: string, vendor: string) => {
      asked.push(path, vendor)
      return { keySecret: 'k' }
    },
  }
  assert.deepEqual(resolveReferences(content, sources), {
    version: 1,
    connections: {
      one: {
        vendor: 'twilio',
        baseUrl: 'https://a.example',
        credentials: { password: 'of the file', token: 't', roleNames: { A: 'b' } },
      },
      two: { vendor: 'sinch', credentials: { keySecret: 'k' } },
      three: { vendor: 'bird', assign: 'everyone' },
    },
    webhooks: { ops: { url: 'https://b.example/x' } },
  })
  assert.deepEqual(asked, [join(folder, 'sinch.json'), 'sinch'])

  const failing = (password: string) => () =>
    resolveReferences({ version: 1, connections: { one: { vendor: 'scim', credentials: { password } } } }, sources)
  writeFileSync(join(folder, 'empty'), '\n')
  writeFileSync(join(folder, 'large'), 'x'.repeat(1024 * 1024 + 1))
  environment['EMPTY'] = ''
  const path = /^rollcall\.yaml: connections\.one\.credentials\.password refers to the /
  for (const [reference, why] of [
    ['${env:EMPTY}', /environment variable EMPTY, and it is not set/],
    ['${env:toString}', /environment variable toString, and it is not set/],
    ['${file:nothing}', /file nothing, and there is no .*nothing\. Put it there/],
    ['${file:secrets}', /file secrets, and that is no file/],
    ['${file:empty}', /file empty, and it is empty/],
    ['${file:large}', /file large, and it is larger than 1 MiB/],
  ] as const) {
    assert.throws(failing(reference), { name: 'ConfigError', message: path }, reference)
    assert.throws(failing(reference), { message: why }, reference)
  }
})
