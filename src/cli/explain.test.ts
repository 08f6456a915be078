import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, start } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('a refusal whose answer hides the cause is explained from the home', async (t) => {
  const home = join(temporaryFolder(t), 'home')
  const at = ['--home', home, '--json']
  const made = await inProcess(['organization', 'create', '--name', 'Acme', '--plan', 'free', ...at])
  const hub = await start(t, ['serve', '--port', '0', ...at])
  const reply = await fetch(`${hub.ready.url}/messagebird/scim/v2/Users`, {
    headers: { authorization: `Bearer ${made.json.messagebird.scimToken}` },
  })
  assert.equal(reply.status, 403)
  const requestId = reply.headers.get('x-request-id') ?? ''
  await hub.stop()
  const [explanation] = (await inProcess(['explain', requestId, ...at])).json.explanations
  assert.deepEqual(
    [explanation.refusal, explanation.organizationId, explanation.requestId],
    ['planGate', made.json.organization.id, requestId],
  )
  const read = await inProcess(['explain', requestId, '--home', home])
  assert.match(read.stdout, /planGate messagebird\.\w+\n {2}\S/)
  const unknown = await inProcess(['explain', 'unknown', '--home', home])
  assert.deepEqual([unknown.code, /No refusal with this request id/.test(unknown.stderr)], [1, true])
})
