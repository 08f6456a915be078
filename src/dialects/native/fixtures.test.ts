import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readExamples } from './examples.ts'
import { operations } from './wire.ts'
import type { Operation } from '../../wire/operation.ts'

const examples = readExamples()

test('every operation has a documented example, and every example an operation', () => {
  assert.deepEqual(Object.keys(examples).toSorted(), Object.keys(operations).toSorted())
})

for (const [name, operation] of Object.entries<Operation>(operations)) {
  const example = examples[name] ?? {}

  test(`${name} is named as it is listed, and its example fills its path`, () => {
    assert.equal(operation.name, name)
    const wanted = [...operation.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1])
    assert.deepEqual(Object.keys(example.params ?? {}), wanted)
  })

  test(`${name} decodes its documented example and encodes it as it was`, () => {
    assert.equal(
      example.request !== undefined,
      operation.request !== undefined,
      'a request belongs to the example exactly where the operation takes one',
    )
    assert.equal(
      example.reply !== undefined,
      operation.reply !== undefined,
      'a reply belongs to the example exactly where the operation gives one',
    )
    for (const [codec, value] of [
      [operation.request?.codec, example.request],
      [operation.reply?.codec, example.reply],
      [operation.query, example.query],
    ] as const)
      if (codec && value !== undefined) assert.deepEqual(z.encode(codec, z.decode(codec, value as never)), value)
  })

  if (operation.request)
    test(`${name} refuses a member that it does not know, and names it`, () => {
      const parsed = operation.request?.codec.safeDecode({ ...(example.request as object), surprise: 1 })
      assert.equal(parsed?.success, false)
      assert.match(JSON.stringify(parsed?.error?.issues), /surprise/)
    })
}
