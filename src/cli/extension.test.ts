import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, start } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('extensions from the command line: defined from a file, shown, changed by what was shown, removed', async (t) => {
  const folder = temporaryFolder(t)
  const home = join(folder, 'home')
  const made = await inProcess(['organization', 'create', '--name', 'Acme', '--home', home, '--json'])
  const environment = { ROLLCALL_KEY: made.json.native.key }
  const run = (...argv: string[]) => inProcess(['extension', ...argv, '--home', home], environment)
  const { ready } = await start(t, ['serve', '--port', '0', '--home', home, '--json'])
  const write = (content: unknown) => {
    const file = join(folder, 'desk.json')
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }
  const urn = 'urn:example:desk:2.0:User'
  const car = { name: 'cars', type: 'complex', multiValued: true, subAttributes: [{ name: 'value', uniqueness: 'server' }] }
  const desk = { urn, name: 'Desk', attributes: [{ name: 'floor', type: 'integer', required: true }, car] }

  for (const [content, message] of [
    ['{', /not JSON/],
    ['[]', /must hold a JSON object/],
    [{ ...desk, surprise: 1 }, /surprise/],
    [{ ...desk, attributes: [{ name: 'a', type: 'text' }] }, /attributes\.0\.type/],
    [{ ...desk, urn: 'desk' }, /The URN must be like/],
  ] as const) {
    const failed = await run('add', write(content))
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, message)
  }
  const added = await run('add', write(desk))
  assert.deepEqual([added.code, added.stderr], [0, `Defined ${urn} for every User.\n`])
  assert.match((await run('list')).stdout, /urn:example:desk:2\.0:User +User +Desk +floor,cars/)
  const shown = await run('show', 'Desk')
  assert.match(shown.stdout, /floor +integer +readWrite +default +required +floor\n/)
  assert.match(shown.stdout, /cars\.value +string +readWrite +default +unique +value\n/)
  const { extension } = (await run('show', urn.toUpperCase(), '--json')).json
  extension.attributes.push({ name: 'team' })
  const changed = await run('change', extension.id, write({ extension }))
  assert.deepEqual([changed.code, changed.stderr], [0, `${urn} is defined anew (version 2).\n`])

  const adding = await fetch(`${ready.url}/api/v1/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${environment.ROLLCALL_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userName: 'ada', as: 'active', attributes: { [urn]: { team: 'Voice' } } }),
  })
  assert.equal(adding.status, 201)
  const refused = await run('remove', 'Desk')
  assert.deepEqual([refused.code, /ada/.test(refused.stderr)], [1, true])
  assert.equal((await run('remove', 'Desk', '--keep-values')).code, 0)
  assert.match((await run('show', 'Desk')).stderr, /There is no extension "Desk"/)
})
