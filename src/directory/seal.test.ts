import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from './seal.ts'

test('what is sealed opens with its key and its context alone', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const sealed = createSealer([first], randomBytes).seal('the secret', 'connection:1')
  assert.doesNotMatch(sealed, /secret/)
  assert.equal(createSealer([first], randomBytes).open(sealed, 'connection:1'), 'the secret')
  assert.throws(() => createSealer([first], randomBytes).open(sealed, 'connection:2'), { name: 'ConfigError' })
  assert.throws(() => createSealer([second], randomBytes).open(sealed, 'connection:1'), {
    name: 'ConfigError',
    message: /key list/,
  })
})

test('a new first key seals, and the old one still opens', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const sealed = createSealer([old], randomBytes).seal('one', 'c')
  const rotated = createSealer([fresh, old], randomBytes)
  assert.equal(rotated.open(sealed, 'c'), 'one')
  assert.throws(() => createSealer([old], randomBytes).open(rotated.seal('two', 'c'), 'c'), { name: 'ConfigError' })
})

test('a changed sealed text does not open, and no key or a short one is refused at once', () => {
  const sealer = createSealer([randomBytes(32)], randomBytes)
  const sealed = sealer.seal('text', 'c')
  for (const position of [0, 4, 20, sealed.length - 2]) {
    const wrong = sealed.slice(0, position) + (sealed[position] === 'A' ? 'B' : 'A') + sealed.slice(position + 1)
    assert.throws(() => sealer.open(wrong, 'c'), { name: 'ConfigError' })
  }
  assert.throws(() => createSealer([], randomBytes), { name: 'ConfigError' })
  assert.throws(() => createSealer([randomBytes(31)], randomBytes), { name: 'ConfigError' })
})
