import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestSigner } from '../../tests/sync.ts'
import { canonicalJson } from '../directory/json.ts'
import { createDigest, createSignedLines, isSignedLines, sealsLines, verifySignedLines } from './signed-lines.ts'

const items = [{ b: 1, a: 'x' }, { at: new Date(0) }, {}]

function written(signer = createTestSigner()) {
  const document = createSignedLines({ version: 1, kind: 'rollcall.access' }, signer)
  for (const item of items) document.add(item)
  const { head, seal } = document.end()
  return { signer, head, seal, text: [head, ...items.map(canonicalJson), seal].map((line) => `${line}\n`).join('') }
}

test('a signed document says what it is, how many lines it has, and verifies by its text alone', () => {
  const { signer, text } = written()
  assert.ok(isSignedLines(text))
  const verdict = verifySignedLines(text, signer.publicKey)
  assert.deepEqual(verdict, {
    valid: true,
    head: { kind: 'rollcall.access', version: 1 },
    items: 3,
    key: signer.publicKey,
  })
})

test('one changed byte anywhere, a line more or less, or another key, and it does not verify', () => {
  const { text } = written()
  for (let position = 0; position < text.length; position++) {
    const changed = text.slice(0, position) + (text[position] === 'a' ? 'b' : 'a') + text.slice(position + 1)
    assert.equal(verifySignedLines(changed).valid, false, `byte ${position}`)
  }
  const lines = text.split('\n')
  for (const other of [
    lines.toSpliced(1, 1),
    lines.toSpliced(1, 0, '{}'),
    lines.toSpliced(1, 2, lines[2]!, lines[1]!),
    lines.slice(0, -2),
    [...lines, ''],
  ])
    assert.equal(verifySignedLines(other.join('\n')).valid, false)
  assert.equal(verifySignedLines('').valid, false)
  assert.match(JSON.stringify(verifySignedLines(text, createTestSigner().publicKey)), /another key/)
})

test('a seal belongs to the lines that it was made over and to no others', () => {
  const { head, seal } = written()
  const digest = createDigest()
  for (const line of [head, ...items.map(canonicalJson)]) digest.add(line)
  assert.ok(sealsLines(seal, digest.end()))
  const short = createDigest()
  short.add(head)
  assert.equal(sealsLines(seal, short.end()), false)
})

test('a receipt is no document of lines', () => {
  assert.equal(isSignedLines('{\n  "version": 1\n}\n'), false)
})
