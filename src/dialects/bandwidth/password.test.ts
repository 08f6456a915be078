import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { generatePassword, isStrong } from './password.ts'

test('BAND-15 a generated password has 24 characters of all four classes, and never comes twice', () => {
  const made = Array.from({ length: 2000 }, () => generatePassword(randomBytes))
  for (const password of made) {
    assert.equal(password.length, 24)
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) assert.match(password, kind)
    assert.match(password, /^[!#$%*+=?@_~A-Za-z0-9-]+$/)
  }
  assert.equal(new Set(made).size, made.length)
})

test('BAND-15 every place of a generated password can hold every class', () => {
  const made = Array.from({ length: 2000 }, () => generatePassword(randomBytes))
  for (let place = 0; place < 24; place++)
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/])
      assert.ok(
        made.some((password) => kind.test(password[place]!)),
        `${place} ${kind}`,
      )
})

test('BAND-Q07 a password needs twelve characters and all four classes', () => {
  const rule = { minimumLength: 12 }
  for (const weak of ['', 'Aa1!Aa1!Aa1', 'aa1!aa1!aa1!', 'AA1!AA1!AA1!', 'Aaa!Aaa!Aaa!', 'Aa1aAa1aAa1a', 'Aa1 Aa1 Aa1 '])
    assert.equal(isStrong(weak, rule), false, weak)
  for (const good of ['Aa1!Aa1!Aa1!', 'Äß1!Äß1!Äß1!', 'Correct-Horse-9']) assert.equal(isStrong(good, rule), true, good)
  assert.equal(isStrong('😀a1B😀a1B', rule), false)
})
