import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTerminal, printable, table } from './terminal.ts'

const streams = (isTTY: boolean) => {
  const said = { stdout: '', stderr: '' }
  return {
    said,
    streams: {
      stdout: { isTTY, write: (text: string) => (said.stdout += text) },
      stderr: { isTTY, write: (text: string) => (said.stderr += text) },
    },
  }
}

test('progress shows on a terminal alone, and leaves nothing there', async () => {
  const screen = streams(true)
  assert.equal(await createTerminal(screen.streams, {}).during('Reading', Promise.resolve(1)), 1)
  assert.equal(screen.said.stderr, 'Reading …\r\u001B[2K')
  const pipe = streams(false)
  await createTerminal(pipe.streams, {}).during('Reading', Promise.resolve(1))
  assert.equal(pipe.said.stderr, '')
})

test('colour is for terminals, and NO_COLOR takes it away', () => {
  assert.notEqual(createTerminal(streams(true).streams, {}).strong('x'), 'x')
  assert.equal(createTerminal(streams(true).streams, { NO_COLOR: '1' }).strong('x'), 'x')
  assert.equal(createTerminal(streams(false).streams, {}).strong('x'), 'x')
})

test('a name from elsewhere cannot steer the terminal', () => {
  const text = table({ strong: (heading) => heading }, ['NAME', 'ID'], [['a\u001B[31m\nb', '1']])
  assert.equal(text, 'NAME                ID\na\\u001b[31m\\u000ab  1\n')
  assert.equal(printable('\u202Eabc'), '\\u202eabc')
})
