import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { drain } from './drain.ts'

/** A body on its way, and whether its drain has resolved. */
function open(limit: number) {
  const message = Object.assign(new PassThrough(), { complete: false })
  let isDrained = false
  void drain(message, limit).then(() => (isDrained = true))
  return {
    message,
    isDrained: async () => {
      for (let turns = 0; turns < 5; turns++) await turn()
      return isDrained
    },
  }
}

test('a body that nobody reads is waited for to its end', async () => {
  const { message, isDrained } = open(100)
  message.write('half')
  assert.equal(await isDrained(), false)
  message.end('rest')
  assert.equal(await isDrained(), true)
})

test('more than is taken is not waited for, nor is who went away', async () => {
  const long = open(3)
  long.message.write('more')
  assert.equal(await long.isDrained(), true)
  const gone = open(100)
  gone.message.destroy()
  assert.equal(await gone.isDrained(), true)
})

test('a request that is in already needs no waiting', async () => {
  await drain(Object.assign(new PassThrough(), { complete: true }), 100)
})
