import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedaction, redactUrl } from './redact.ts'

const headers = new Headers({
  authorization: `Basic ${Buffer.from('ann:canary:pass').toString('base64')}`,
  'content-type': 'application/json',
  'x-api-key': 'canary-key',
})

test('BAND-43 secret-looking members are struck out at any depth, in every format', () => {
  const { body } = createRedaction(headers, undefined)
  const json = body(
    '{"Password":"canary","a":[{"accessToken":"canary","apiKey":{"x":"canary"},"Name":"Ann"}],"credentials":null}',
    'application/json',
  )
  assert.equal(
    json,
    '{"Password":"[redacted]","a":[{"accessToken":"[redacted]","apiKey":"[redacted]","Name":"Ann"}],"credentials":null}',
  )
  const xml = body(
    '<User><n:Password x="canary">canary</n:Password><NewPassword><![CDATA[canary]]></NewPassword><Name>Ann</Name></User>',
    'text/xml',
  )
  assert.equal(xml, '<User><Password>[redacted]</Password><NewPassword>[redacted]</NewPassword><Name>Ann</Name></User>')
  assert.equal(
    body('name=Ann&client_secret=canary', 'application/x-www-form-urlencoded'),
    'name=Ann&client_secret=%5Bredacted%5D',
  )
})

test('a body that cannot be read is counted and not shown', () => {
  const { body } = createRedaction(headers, undefined)
  assert.equal(body('{"password":"canary"', 'application/json'), '[20 characters]')
  assert.equal(body('<html>canary</html>', 'text/html'), '[19 characters]')
  assert.equal(body('x'.repeat(300_000), 'application/json'), '[300000 characters]')
})

test('what a request carried as a secret is struck out of answers that repeat it', () => {
  const { body, line } = createRedaction(headers, '{"Password":"Sesame-17","nested":{"tokens":["tok-1234"]}}')
  assert.equal(line('bad password Sesame-17 or tok-1234'), 'bad password [redacted] or [redacted]')
  assert.equal(line('key canary-key, basic canary:pass'), 'key [redacted], basic [redacted]')
  assert.equal(line(`got ${headers.get('authorization')}`), 'got [redacted]')
  assert.equal(body('{"echo":"Sesame-17!"}', 'application/json'), '{"echo":"[redacted]!"}')
})

test('a line has no control characters and at most 200 characters', () => {
  const { line } = createRedaction(headers, undefined)
  assert.equal(line('a\r\nb\u001b[31mc\u0000\u202ed\u2028e'), 'a b [31mc d e')
  assert.equal(line('x'.repeat(500)).length, 200)
  assert.ok(line(`${'x'.repeat(199)}😀`).isWellFormed())
})

test('URLs lose their credentials and secret-looking query values', () => {
  assert.equal(
    redactUrl('https://ann:canary@api.example/v1?page=2&api_key=canary'),
    'https://api.example/v1?page=2&api_key=%5Bredacted%5D',
  )
})
