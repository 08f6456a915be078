import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { SignJWT } from 'jose'
import { ask } from '../../../tests/native.ts'
import { askToken, statusWith } from '../../../tests/oauth.ts'
import { openSigner } from '../../../tests/signer.ts'
import { openWorld, origin } from '../../../tests/world.ts'

const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const issuer = 'https://login.example.com/tenant/v2.0'

/** A provider that is registered as a client, on a clock that the test moves. */
async function openProvider(t: TestContext, over: object = {}) {
  let now = new Date('2026-11-21T12:00:00Z')
  const world = await openWorld(t, { clock: () => now, outbound: ['127.0.0.1'] })
  const signer = await openSigner(t, () => now)
  const body = { name: 'idp', issuer, keysUrl: signer.keysUrl, ...over }
  const made = await ask(world, 'POST', '/credentials/asserting', { body })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { credential, tokenUrl } = made.body
  assert.equal(made.body.key, undefined)
  const sound = { iss: issuer, sub: credential.assertion.subject, aud: tokenUrl }
  const present = (client_assertion: string, form: Readonly<Record<string, string>> = {}) =>
    askToken(world, { client_assertion, client_assertion_type, client_id: credential.identifier, ...form })
  return {
    world,
    signer,
    credential,
    tokenUrl,
    sound,
    present,
    wait: (seconds: number) => void (now = new Date(now.getTime() + seconds * 1_000)),
    seconds: () => Math.floor(now.getTime() / 1_000),
  }
}

test('a client without a secret buys a token by what it signs, and is found by its subject where it says no client_id', async (t) => {
  const { world, signer, sound, present, credential, tokenUrl } = await openProvider(t)
  assert.deepEqual(credential.assertion, {
    issuer,
    subject: credential.identifier,
    audience: `${origin}/oauth2/token`,
    keysUrl: signer.keysUrl,
  })
  assert.equal(tokenUrl, `${origin}/oauth2/token`)
  const { status, body } = await present(await signer.sign(sound))
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(await statusWith(world, body.access_token), 200)
  const bySubject = await askToken(world, { client_assertion: await signer.sign(sound), client_assertion_type })
  assert.equal(bySubject.status, 200)
  assert.equal((await ask(world, 'POST', `/credentials/${credential.id}/revoke`)).status, 200)
  assert.equal(await statusWith(world, body.access_token), 401)
  assert.equal((await present(await signer.sign(sound))).status, 401)
})

test('a subject that the provider chose is told from the client id', async (t) => {
  const { signer, sound, present } = await openProvider(t, { subject: 'service-principal', audience: 'api://rollcall' })
  assert.equal(sound.sub, 'service-principal')
  assert.equal((await present(await signer.sign({ ...sound, aud: ['api://other', 'api://rollcall'] }))).status, 200)
  assert.equal((await present(await signer.sign(sound))).status, 401)
})

test('an assertion with any claim wrong, missing or out of its time is refused, and so is one that anybody could have signed', async (t) => {
  const { signer, sound, present, seconds, credential, world } = await openProvider(t)
  const now = seconds()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const forge = (alg: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ ...sound, exp: now + 300 }).setProtectedHeader({ alg }).sign(key)
  const unsigned = [{ alg: 'none' }, { ...sound, exp: now + 300 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  for (const [what, assertion] of Object.entries({
    issuer: await signer.sign({ ...sound, iss: 'https://evil.example.com' }),
    'no issuer': await signer.sign({ ...sound, iss: undefined }),
    subject: await signer.sign({ ...sound, sub: 'somebody' }),
    audience: await signer.sign({ ...sound, aud: 'https://other.example.com/oauth2/token' }),
    'no audience': await signer.sign({ ...sound, aud: undefined }),
    'no end': await signer.sign({ ...sound, exp: undefined }),
    'an end that is past': await signer.sign({ ...sound, exp: now - 61 }),
    'an end that is far': await signer.sign({ ...sound, exp: now + 2 * 24 * 60 * 60 }),
    'an end beyond time': await signer.sign({ ...sound, exp: 1e300 }),
    'not yet': await signer.sign({ ...sound, nbf: now + 61 }),
    'another key': await forge('ES256', privateKey),
    'a shared secret': await forge('HS256', new TextEncoder().encode(credential.identifier.repeat(8))),
    'no signature': `${unsigned.join('.')}.`,
    'no JWT': 'x',
    'too long': `${await signer.sign(sound)}${'A'.repeat(20_000)}`,
  })) {
    const { status, body } = await present(assertion)
    assert.deepEqual([status, body.error], [401, 'invalid_client'], what)
  }
  const wrongType = await present(await signer.sign(sound), { client_assertion_type: 'urn:x' })
  assert.deepEqual([wrongType.status, wrongType.body.error], [400, 'invalid_request'])
  const secret = await askToken(world, { client_id: credential.identifier, client_secret: '' })
  assert.equal(secret.status, 401)
})

test('an assertion with an id holds once, and one without as long as it lasts', async (t) => {
  const { signer, sound, present, wait } = await openProvider(t)
  const once = await signer.sign(sound)
  assert.deepEqual([(await present(once)).status, (await present(once)).status], [200, 401])
  const atOnce = await signer.sign(sound)
  const answers = await Promise.all(Array.from({ length: 8 }, () => present(atOnce)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  const often = await signer.sign({ ...sound, jti: undefined })
  assert.deepEqual([(await present(often)).status, (await present(often)).status], [200, 200])
  wait(361)
  assert.equal((await present(often)).status, 401)
})

test('keys are read once and kept; a key that is not among them has them read again, but not at once twice', async (t) => {
  const { signer, sound, present, wait } = await openProvider(t)
  for (let index = 0; index < 3; index++) assert.equal((await present(await signer.sign(sound))).status, 200)
  assert.equal(signer.reads(), 1)
  wait(10)
  await signer.rotate()
  assert.equal((await present(await signer.sign(sound))).status, 200)
  assert.equal(signer.reads(), 2)
  const unknown = await Promise.all([1, 2, 3].map(async (kid) => present(await signer.sign(sound, { kid: `made-up-${kid}` }))))
  assert.deepEqual(new Set(unknown.map(({ status }) => status)), new Set([401]))
  assert.equal(signer.reads(), 2)
  wait(600)
  assert.equal((await present(await signer.sign(sound))).status, 200)
  assert.equal(signer.reads(), 3)
})

test('keys that cannot be read are told as a pause, and are read again after it', async (t) => {
  const { signer, sound, present, wait } = await openProvider(t)
  for (const answer of [
    { status: 500, text: '' },
    { status: 200, text: 'no JSON' },
    { status: 200, text: '{"keys":{}}' },
    { status: 200, text: JSON.stringify({ keys: [], filling: 'x'.repeat(300_000) }) },
    { status: 302, text: '' },
  ]) {
    signer.answer = answer
    const { status, body, headers } = await present(await signer.sign(sound))
    assert.deepEqual([status, body.error, headers['retry-after']], [503, 'temporarily_unavailable', '10'])
    const reads = signer.reads()
    assert.equal((await present(await signer.sign(sound))).status, 503)
    assert.equal(signer.reads(), reads)
    wait(10)
  }
  signer.answer = undefined
  assert.equal((await present(await signer.sign(sound))).status, 200)
})

test('keys are read from public addresses over https alone, and a client of nobody is refused when it is made', async (t) => {
  const world = await openWorld(t)
  const field = async (over: object) => {
    const body = { name: 'idp', issuer, keysUrl: 'https://login.example.com/keys', ...over }
    const { status, body: problem } = await ask(world, 'POST', '/credentials/asserting', { body })
    assert.equal(status, 422)
    return problem.field
  }
  assert.equal(await field({ keysUrl: 'http://login.example.com/keys' }), 'keysUrl')
  assert.equal(await field({ keysUrl: 'https://127.0.0.1/keys' }), 'keysUrl')
  assert.equal(await field({ keysUrl: 'https://169.254.169.254/latest' }), 'keysUrl')
  assert.equal(await field({ keysUrl: 'keys' }), 'keysUrl')
  assert.equal(await field({ issuer: '' }), 'issuer')
  assert.equal(await field({ subject: '' }), 'subject')
  assert.equal(await field({ audience: 'x'.repeat(501) }), 'audience')
  assert.equal(await field({ name: '' }), 'name')
})
