import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, faceOf, john, openFace, type Face } from '../../../tests/bandwidth.ts'
import { problems, toProblemReply } from './problem.ts'

const status = (reply: { readonly json: Readonly<Record<string, unknown>> }) =>
  reply.json['ResponseStatus'] as { ErrorCode: string; Description: string }

/** Sends one request with another Authorization; the empty string sends none. */
const as = (face: Face, authorization: string) => face.send('GET', `${face.account}/users`, { headers: { authorization } })

test('BAND-01 only Basic credentials of this account open it', async (t) => {
  const face = await openFace(t)
  assert.equal((await as(face, basic(face.username, face.password))).status, 200)
  assert.equal((await as(face, basic(face.username, face.password).replace('Basic', 'bASIC'))).status, 200)
  const key = face.world.access['native']?.['key'] ?? ''
  const wrong = [
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Basic =',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Bearer ${face.password}`,
    `Bearer ${key}`,
  ]
  const mixed = [
    basic(face.username, `${face.password}x`),
    basic('', face.password),
    basic(face.username, ''),
    basic('nobody', face.password),
    `Basic ${face.password}`,
  ]
  for (const authorization of [...wrong, ...mixed]) {
    const reply = await as(face, authorization)
    assert.equal(reply.status, 401, authorization)
    assert.match(String(reply.headers['www-authenticate']), /^Basic realm=/)
    assert.ok(status(reply).ErrorCode)
  }
})

test('BAND-02 credentials of one account are refused on another, for every operation, and nothing is read or changed', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const made = await other.send('POST', `${other.account}/users`, { body: john })
  const user = `${other.account}/users/${String(made.json['UserId'])}`
  const { Password: _, ...record } = john
  const replies = [
    await face.send('GET', `${other.account}/users`),
    await face.send('GET', user),
    await face.send('POST', `${other.account}/users`, { body: { ...john, Username: 'x' } }),
    await face.send('PUT', user, { body: { ...record, FirstName: 'Mallory' } }),
    await face.send('DELETE', user),
    await face.send('GET', `${other.account}/roles`),
  ]
  for (const reply of replies) {
    assert.equal(reply.status, 403)
    assert.ok(!reply.text.includes(john.Email))
  }
  assert.deepEqual((await other.send('GET', `${other.account}/users`)).json, {
    Users: [{ UserId: made.json['UserId'], ...record }],
  })
})

test('BAND-02 another account’s user is not found under the own account', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const made = await other.send('POST', `${other.account}/users`, { body: john })
  for (const method of ['GET', 'DELETE'] as const)
    assert.equal((await face.send(method, `${face.account}/users/${String(made.json['UserId'])}`)).status, 404)
})

test('BAND-Q04 a foreign account is 403, known or not; unknown credentials are 401', async (t) => {
  const face = await openFace(t)
  for (const accountId of ['12345', '0'.repeat(32), 'x'])
    assert.equal((await face.send('GET', `/bandwidth/api/accounts/${accountId}/users`)).status, 403)
  assert.equal((await as(face, basic('nobody', 'nothing'))).status, 401)
})

test('BAND-44 a credential of another kind is refused, and the message says which one to use', async (t) => {
  const face = await openFace(t)
  const key = face.world.access['native']?.['key'] ?? ''
  const identifier = /^rc_native_(.{10})/.exec(key)?.[1] ?? ''
  assert.ok(identifier)
  const reply = await as(face, basic(identifier, key))
  assert.equal(reply.status, 401)
  assert.equal(status(reply).ErrorCode, problems.wrongCredential[1])
  assert.ok(!reply.text.includes(key))
})

test('BAND-03 without Accept, with */* and with a type that is not spoken, the answer is XML', async (t) => {
  const face = await openFace(t)
  for (const accept of ['', '*/*', 'text/html', 'application/xml', 'text/xml', 'application/json;q=0, */*']) {
    const reply = await face.send('GET', `${face.account}/users`, { headers: { accept } })
    assert.equal(reply.status, 200)
    assert.match(String(reply.headers['content-type']), /^application\/xml/, accept)
    assert.match(reply.text, /^<\?xml .*<UsersResponse><Users>/)
  }
})

test('BAND-04 with Accept: application/json the answer is JSON', async (t) => {
  const face = await openFace(t)
  for (const accept of ['application/json', 'Application/JSON; charset=utf-8', 'application/json, text/plain, */*']) {
    const reply = await face.send('GET', `${face.account}/users`, { headers: { accept } })
    assert.match(String(reply.headers['content-type']), /^application\/json/, accept)
    assert.deepEqual(JSON.parse(reply.text), { Users: [] })
  }
})

test('BAND-Q11 the higher weight wins, and XML where they are equal', async (t) => {
  const face = await openFace(t)
  const expected = {
    'application/xml, application/json': 'xml',
    'application/json, application/xml': 'xml',
    'application/xml;q=0.5, application/json;q=0.9': 'json',
    'application/json;q=0.5, application/xml;q=0.9': 'xml',
  }
  for (const [accept, media] of Object.entries(expected))
    assert.match(
      String((await face.send('GET', `${face.account}/users`, { headers: { accept } })).headers['content-type']),
      new RegExp(media),
      accept,
    )
})

test('BAND-Q01 the XML names are those of the vendor’s own client', async (t) => {
  const face = await openFace(t)
  const made = await face.send('POST', `${face.account}/users`, { body: john, headers: { accept: '' } })
  const UserId = /<UserId>(u[0-9a-f]{32})<\/UserId>/.exec(made.text)?.[1] ?? ''
  const names = '<Username>jdoe</Username><FirstName>John</FirstName><LastName>Doe</LastName>'
  const prolog = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
  assert.equal(made.text, `${prolog}<UserResponse><User><UserId>${UserId}</UserId>${names}</User></UserResponse>`)
  const user = `<User><UserId>${UserId}</UserId>${names}<Email>jdoe@example.com</Email></User>`
  const read = async (path: string) => (await face.send('GET', `${face.account}${path}`, { headers: { accept: '' } })).text
  assert.equal(await read(`/users/${UserId}`), `${prolog}<UserResponse>${user}</UserResponse>`)
  assert.equal(await read('/users'), `${prolog}<UsersResponse><Users>${user}</Users></UsersResponse>`)
  assert.match(
    await read('/roles'),
    /<RolesResponse><Roles><Role><RoleId>r[0-9a-f]{32}<\/RoleId><RoleName>Owner<\/RoleName><\/Role><Role>/,
  )
})

test('BAND-07 a body is read by its Content-Type, XML and JSON alike', async (t) => {
  const face = await openFace(t)
  const roles = (await face.send('GET', `${face.account}/roles`)).json['Roles'] as { RoleId: string }[]
  const xml = `<?xml version="1.0"?><User><Username>x&amp;y</Username><FirstName>X</FirstName><LastName>Y</LastName><Email>x@example.com</Email><Password>${john.Password}</Password><Roles><Role><RoleId>${roles[1]?.RoleId}</RoleId></Role></Roles><Enabled>false</Enabled></User>`
  const made = await face.send('POST', `${face.account}/users`, { body: xml })
  assert.equal(made.status, 201, made.text)
  const { json } = await face.send('GET', `${face.account}/users/${String(made.json['UserId'])}`)
  assert.deepEqual(json, {
    UserId: made.json['UserId'],
    Username: 'x&y',
    FirstName: 'X',
    LastName: 'Y',
    Email: 'x@example.com',
    Roles: [{ ...roles[1] }],
    Enabled: false,
  })
  assert.equal((await face.send('POST', `${face.account}/users`, { body: john })).status, 201)
})

test('BAND-Q12 parameters and case of the Content-Type do not count; a format that is not spoken is 415', async (t) => {
  const face = await openFace(t)
  const put = async (type: string) => {
    const users = (await face.send('GET', `${face.account}/users`)).json['Users'] as { UserId: string }[]
    return face.send('PUT', `${face.account}/users/${users[0]?.UserId}`, {
      body: { FirstName: 'Jane' },
      headers: { 'content-type': type },
    })
  }
  await face.send('POST', `${face.account}/users`, { body: john })
  assert.equal((await put('Application/JSON; Charset=UTF-8')).status, 200)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/scim+json'])
    assert.equal((await put(type)).status, 415, type)
})

test('BAND-08 errors follow Accept too', async (t) => {
  const face = await openFace(t)
  const path = `${face.account}/users/unknown`
  const json = await face.send('GET', path)
  const xml = await face.send('GET', path, { headers: { accept: '' } })
  assert.match(String(json.headers['content-type']), /^application\/json/)
  assert.match(String(xml.headers['content-type']), /^application\/xml/)
  assert.equal(xml.status, 404)
})

test('BAND-Q03 an error is a ResponseStatus with ErrorCode and Description, in XML and in JSON', async (t) => {
  const face = await openFace(t)
  const path = `${face.account}/users/unknown`
  const { ErrorCode, Description } = status(await face.send('GET', path))
  assert.match(ErrorCode, /^\d{5}$/)
  const xml = (await face.send('GET', path, { headers: { accept: '' } })).text
  assert.ok(
    xml.endsWith(
      `<UserResponse><ResponseStatus><ErrorCode>${ErrorCode}</ErrorCode><Description>${Description}</Description></ResponseStatus></UserResponse>`,
    ),
    xml,
  )
})

test('BAND-Q03 what cannot be read is a 400 of the same shape, whatever it is', async (t) => {
  const face = await openFace(t)
  const bomb = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><User><Username>&c;</Username></User>`
  for (const body of [
    '',
    '<',
    '<User>',
    '<Users/>',
    bomb,
    '<User><Nickname>x</Nickname></User>',
    '<User>text</User>',
    'null',
    '{}',
  ]) {
    const reply = await face.send('POST', `${face.account}/users`, { body })
    assert.equal(reply.status, 400, body)
    assert.ok(status(reply).Description)
  }
  for (const body of ['', '{', 'null', '[]', '7', '{"Username":{"a":1}}', '{"__proto__":{"Username":"x"}}']) {
    const reply = await face.send('POST', `${face.account}/users`, { body, headers: { 'content-type': 'application/json' } })
    assert.equal(reply.status, 400, body)
  }
  assert.deepEqual((await face.send('GET', `${face.account}/users`)).json, { Users: [] })
})

test('BAND-34 a 429 tells neither when to come back nor what the limit is', async (t) => {
  const face = await openFace(t, { limits: { bandwidth: { requests: 2, perSeconds: 60 } } })
  const replies = []
  for (let index = 0; index < 3; index++) replies.push(await face.send('GET', `${face.account}/users`))
  assert.deepEqual(
    replies.map((reply) => reply.status),
    [200, 200, 429],
  )
  for (const reply of replies)
    assert.deepEqual(
      Object.keys(reply.headers).filter((name) => /retry-after|ratelimit|rate-limit/i.test(name)),
      [],
    )
  assert.ok(status(replies[2]!).ErrorCode)
})

test('BAND-36 a limit counts by account and is off unless it is set', async (t) => {
  const limited = await openFace(t, { limits: { bandwidth: { requests: 1, perSeconds: 60 } } })
  const other = faceOf(limited.world, await limited.world.another())
  assert.equal((await limited.send('GET', `${limited.account}/users`)).status, 200)
  assert.equal((await limited.send('GET', `${limited.account}/users`)).status, 429)
  assert.equal((await other.send('GET', `${other.account}/users`)).status, 200)
  const free = await openFace(t)
  for (let index = 0; index < 50; index++) assert.equal((await free.send('GET', `${free.account}/users`)).status, 200)
})

test('BAND-37 no SCIM path answers below Bandwidth’s', async (t) => {
  const face = await openFace(t)
  for (const path of [
    '/bandwidth/scim/v2/Users',
    '/bandwidth/api/scim/v2/Users',
    `${face.account}/scim/v2/Users`,
    '/bandwidth/api/Users',
  ])
    assert.equal((await face.send('GET', path)).status, 404, path)
})

test('BAND-Q13 nothing depends on the plan', async (t) => {
  const face = await openFace(t, { organization: { plan: 'free', sso: 'none' } })
  assert.equal((await face.send('GET', `${face.account}/users`)).status, 200)
})

test('the API answers under the vendor’s host name with the vendor’s paths', async (t) => {
  const face = await openFace(t)
  const reply = await face.send('GET', `/api/accounts/${face.accountId}/users`, { headers: { host: 'dashboard.bandwidth.com' } })
  assert.deepEqual(reply.json, { Users: [] })
})

test('every refusal has an answer of its own, and a bug of ours shows nothing', () => {
  const head = { method: 'GET', url: '/users', headers: { accept: 'application/json' } }
  const codes = Object.entries(problems).map(([refusal, [expected, code]]) => {
    const problem = {
      refusal: refusal as keyof typeof problems,
      message: 'secret detail',
      field: undefined,
      code: undefined,
      retryAfterSeconds: 7,
      requestId: '1',
    }
    const reply = toProblemReply(problem, head)
    assert.equal(reply.status, expected)
    assert.equal(Object.keys(reply.headers).includes('retry-after'), false)
    assert.equal(reply.text.includes('secret detail'), refusal !== 'internal')
    return code
  })
  assert.equal(new Set(codes).size, codes.length)
})
