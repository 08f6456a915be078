import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ada, created, isError, openScim, patchOp, person, query, type Scim } from '../../../../tests/scim.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'

const list = (scim: Pick<Scim, 'send'>, parameters: Readonly<Record<string, string>>) =>
  scim.send('GET', `/Users${query(parameters)}`)
const searchRequest = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }

test('SCIM-070 SCIM-071 a query answers a list with its total, empty where nothing matches', async (t) => {
  const scim = await openScim(t)
  const empty = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  }
  for (const parameters of [{}, { filter: 'userName eq "nobody"' }, { filter: 'id eq "nobody"' }, { filter: 'title pr' }])
    assert.deepEqual((await list(scim, parameters)).json, empty)
  const id = await created(scim, '/Users', ada)
  for (const filter of [
    'userName eq "ADA@example.com"',
    `id eq "${id}"`,
    'externalId eq "okta-1"',
    'emails[type eq "work"].value eq "ada@example.com"',
    'emails co "ADA"',
    'name.familyName sw "love"',
  ])
    assert.deepEqual(
      (await list(scim, { filter })).json.Resources.map((user) => user.id),
      [id],
      filter,
    )
  assert.equal((await list(scim, { filter: 'externalId eq "OKTA-1"' })).json.totalResults, 0)
})

test('SCIM-102 SCIM-103 SCIM-105 SCIM-014 pages neither skip nor repeat, and tell the total', async (t) => {
  const scim = await openScim(t)
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) ids.push(await created(scim, '/Users', person(name)))
  const page = async (parameters: Readonly<Record<string, string>>) => {
    const { totalResults, startIndex, itemsPerPage, Resources } = (await list(scim, parameters)).json
    return [totalResults, startIndex, itemsPerPage, Resources.map(({ id }) => id)]
  }
  assert.deepEqual(await page({ count: '2' }), [5, 1, 2, ids.slice(0, 2)])
  assert.deepEqual(await page({ startIndex: '3', count: '2' }), [5, 3, 2, ids.slice(2, 4)])
  assert.deepEqual(await page({ startIndex: '5', count: '2' }), [5, 5, 1, ids.slice(4)])
  assert.deepEqual(await page({ startIndex: '6', count: '2' }), [5, 6, 0, []])
  assert.deepEqual(await page({ startIndex: '0', count: '-3' }), [5, 1, 0, []])
  assert.deepEqual(await page({ startIndex: '-1', count: '5', unknown: 'x' }), [5, 1, 5, ids])
  assert.deepEqual(await page({ filter: 'userName gt "b@"', count: '2' }), [4, 1, 2, ids.slice(1, 3)])
  assert.deepEqual(await page({ startIndex: '2', filter: 'userName eq "a@example.com"' }), [1, 2, 0, []])
})

test('SCIM-104 a startIndex or count that is no number is refused', async (t) => {
  const scim = await openScim(t)
  for (const parameters of [{ startIndex: 'x' }, { count: '1.5' }, { count: '1e3' }])
    isError(await list(scim, parameters), 400, 'invalidValue')
})

test('SCIM-093 a filter that is none is refused, and the detail says where', async (t) => {
  const scim = await openScim(t)
  for (const filter of ['', 'userName', 'userName eq x', 'shoeSize eq 1', 'active gt true', '('.repeat(5000)])
    isError(await list(scim, { filter }), 400, 'invalidFilter')
  assert.match(String((await list(scim, { filter: 'userName is "x"' })).json['detail']), /character 10/)
})

test('SCIM-098 SCIM-099 SCIM-100 SCIM-101 a list is in the order that is asked for', async (t) => {
  const scim = await openScim(t)
  const people = [
    {
      userName: 'b',
      name: { familyName: 'arm' },
      title: 'x',
      emails: [{ value: 'z@x.org' }, { value: 'a@x.org', primary: true }],
    },
    {
      userName: 'C',
      name: { familyName: 'Bay' },
      externalId: 'a',
      emails: [{ value: 'm@x.org' }, { value: 'k@x.org' }],
      active: false,
    },
    { userName: 'a', externalId: 'B', [enterpriseUserSchema.id]: { department: 'Z' } },
  ]
  for (const body of people) await created(scim, '/Users', body)
  const sorted = async (sortBy: string, sortOrder = '') =>
    (await list(scim, { sortBy, ...(sortOrder && { sortOrder }) })).json.Resources.map((user) => user['userName']).join('')
  assert.equal(await sorted('userName'), 'abC')
  assert.equal(await sorted('USERNAME', 'Descending'), 'Cba')
  assert.equal(await sorted('name.familyName', 'ascending'), 'bCa')
  assert.equal(await sorted('name.familyName', 'descending'), 'aCb')
  assert.equal(await sorted('externalId'), 'aCb')
  assert.equal(await sorted('emails'), 'bCa')
  assert.equal(await sorted('emails.value', 'descending'), 'aCb')
  assert.equal(await sorted('title'), 'bCa')
  assert.equal(await sorted('active'), 'Cba')
  assert.equal(await sorted('meta.created', 'descending'), 'aCb')
  assert.equal(await sorted(`${enterpriseUserSchema.id}:department`), 'abC')
  assert.equal(await sorted('id'), 'bCa')
  const second = await list(scim, { sortBy: 'userName', startIndex: '2', count: '1' })
  assert.deepEqual([second.json.totalResults, second.json.Resources[0]?.['userName']], [3, 'b'])
  const searched = await scim.send('POST', '/Users/.search', {
    body: { ...searchRequest, sortBy: 'userName', sortOrder: 'descending' },
  })
  assert.equal(searched.json.Resources[0]?.['userName'], 'C')
  for (const wrong of [
    { sortBy: 'name' },
    { sortBy: 'shoeSize' },
    { sortBy: 'groups' },
    { sortBy: 'password' },
    { sortBy: 'userName', sortOrder: 'up' },
  ])
    isError(await list(scim, wrong), 400, 'invalidValue')
})

test('SCIM-074 a search in a body answers as the query does, and needs its schema', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const body = { ...searchRequest, filter: 'userName eq "ada@example.com"', attributes: ['userName'], startIndex: 1, count: 10 }
  const reply = await scim.send('POST', '/Users/.search', { body })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.json.Resources, [{ schemas: reply.json.Resources[0]?.schemas, id, userName: 'ada@example.com' }])
  assert.equal((await scim.send('POST', '/Groups/.search', { body: searchRequest })).json.totalResults, 0)
  isError(await scim.send('POST', '/Users/.search', { body: { filter: 'userName pr' } }), 400, 'invalidSyntax')
  isError(await scim.send('POST', '/Users/.search', { body: { ...searchRequest, filter: 5 } }), 400, 'invalidFilter')
  isError(await scim.send('POST', '/Users/.search', { body: { ...searchRequest, count: true } }), 400, 'invalidValue')
})

test('SCIM-152 SCIM-146 a filter by what is never shown is refused in an address as sensitive, in a body as no filter', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  for (const filter of ['password eq "x"', 'userName pr and not (Password pr)'])
    isError(await list(scim, { filter }), 403, 'sensitive')
  const body = { ...searchRequest, filter: 'password eq "x"' }
  isError(await scim.send('POST', '/Users/.search', { body }), 400, 'invalidFilter')
  // What every provider looks people up by stays allowed.
  assert.equal((await list(scim, { filter: 'userName eq "ada@example.com"' })).json.totalResults, 1)
})

test('SCIM-075 SCIM-076 SCIM-077 SCIM-078 SCIM-079 attributes and excludedAttributes choose what is shown', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', { ...ada, [enterpriseUserSchema.id]: { department: 'Engines', costCenter: '7' } })
  const keys = async (parameters: Readonly<Record<string, string>>) =>
    Object.keys((await scim.send('GET', `/Users/${id}${query(parameters)}`)).json).toSorted()
  assert.deepEqual(await keys({ attributes: 'USERNAME,name.givenName' }), ['id', 'name', 'schemas', 'userName'])
  assert.deepEqual(await keys({ attributes: `${ada.schemas[0]}:userName` }), ['id', 'schemas', 'userName'])
  assert.deepEqual(await keys({ attributes: enterpriseUserSchema.id }), ['id', 'schemas', enterpriseUserSchema.id])
  assert.ok(!(await keys({ excludedAttributes: 'id,emails,meta' })).includes('emails'))
  assert.ok((await keys({ excludedAttributes: 'id,emails,meta' })).includes('id'))
  assert.ok((await keys({ attributes: '' })).includes('emails'))
  const part = (
    await scim.send('GET', `/Users/${id}${query({ attributes: `${enterpriseUserSchema.id}:department,emails.value` })}`)
  ).json
  assert.deepEqual(part[enterpriseUserSchema.id], { department: 'Engines' })
  assert.deepEqual(part['emails'], [{ value: 'ada@example.com' }])
  isError(await scim.send('GET', `/Users/${id}?attributes=id&excludedAttributes=name`), 400, 'invalidValue')
  const posted = await scim.send('POST', '/Users?attributes=userName', { body: person('b') })
  assert.deepEqual(Object.keys(posted.json).toSorted(), ['id', 'schemas', 'userName'])
  assert.ok(posted.headers['location'])
})

test('SCIM-042 SCIM-153 SCIM-154 SCIM-155 a version that is no longer there is refused, and one that still is answers 304', async (t) => {
  const scim = await openScim(t)
  for (const [path, body] of [
    ['/Users', ada],
    ['/Groups', { displayName: 'Engineers' }],
  ] as const) {
    const id = await created(scim, path, body)
    const at = `${path}/${id}`
    const change = patchOp({ op: 'replace', path: 'displayName', value: 'Changed' })
    const ifMatch = (tag: string) => ({ headers: { 'if-match': tag } })
    const unmodified = await scim.send('GET', at, { headers: { 'if-none-match': 'W/"1"' } })
    assert.deepEqual([unmodified.status, unmodified.text, unmodified.headers['etag']], [304, '', 'W/"1"'])
    assert.equal((await scim.send('GET', at, { headers: { 'if-none-match': 'W/"7"' } })).status, 200)
    for (const tag of ['W/"7"', '"other"', 'W/"7", W/"8"']) {
      isError(await scim.send('PATCH', at, { body: change, ...ifMatch(tag) }), 412)
      isError(await scim.send('PUT', at, { body, ...ifMatch(tag) }), 412)
      isError(await scim.send('DELETE', at, ifMatch(tag)), 412)
    }
    assert.ok((await scim.send('PATCH', at, { body: change, ...ifMatch('W/"7", W/"1"') })).status < 300)
    isError(await scim.send('PATCH', at, { body: change, ...ifMatch('W/"1"') }), 412)
    isError(await scim.send('PATCH', `${path}/nobody`, { body: change, ...ifMatch('W/"1"') }), 404)
    assert.equal((await scim.send('DELETE', at, ifMatch('*'))).status, 204)
  }
})

test('of two writers with the same version one is refused', async (t) => {
  const scim = await openScim(t)
  const id = await created(scim, '/Users', ada)
  const write = (title: string) => scim.send('PUT', `/Users/${id}`, { body: { ...ada, title }, headers: { 'if-match': 'W/"1"' } })
  const statuses = (await Promise.all([write('a'), write('b')])).map(({ status }) => status)
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 412],
  )
})

test('of ten creates of one userName one is answered 201', async (t) => {
  const scim = await openScim(t)
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => scim.send('POST', '/Users', { body: ada })))).map(
    ({ status }) => status,
  )
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [201, ...Array.from({ length: 9 }, () => 409)],
  )
})

test('SCIM-001 SCIM-002 SCIM-067 a body that is no resource is refused by what is wrong with it', async (t) => {
  const scim = await openScim(t)
  for (const body of ['{', '', '[]', '"x"', 'null']) isError(await scim.send('POST', '/Users', { body }), 400, 'invalidSyntax')
  isError(await scim.send('POST', '/Users', { body: { ...ada, schemas: ['urn:x'] } }), 400, 'invalidSyntax')
  isError(await scim.send('POST', '/Users', { body: { ...ada, schemas: 'x' } }), 400, 'invalidSyntax')
  for (const wrong of [
    { userName: 5 },
    { active: 'maybe' },
    { emails: 5 },
    { emails: [{ value: 'no address' }] },
    { name: 'Ada' },
    { x509Certificates: [{ value: '%' }] },
  ])
    isError(await scim.send('POST', '/Users', { body: { ...ada, ...wrong } }), 400, 'invalidValue')
  assert.equal((await list(scim, {})).json.totalResults, 0)
})

test('SCIM-149 SCIM-150 SCIM media types are spoken as clients spell them, and others are refused', async (t) => {
  const scim = await openScim(t)
  for (const [index, type] of [
    'application/scim+json',
    'application/json',
    'application/json; charset=utf-8',
    'Application/SCIM+JSON;charset=UTF-8',
  ].entries()) {
    const reply = await scim.send('POST', '/Users', { body: person(`p${index}`), headers: { 'content-type': type } })
    assert.equal(reply.status, 201, type)
    assert.equal(reply.headers['content-type'], 'application/scim+json')
  }
  for (const accept of ['application/scim+json', '*/*', 'application/*', ''])
    assert.equal(
      (await scim.send('GET', '/Users', { headers: { accept } })).headers['content-type'],
      'application/scim+json',
      accept,
    )
  isError(await scim.send('POST', '/Users', { body: '<User/>', headers: { 'content-type': 'application/xml' } }), 415)
})

test('SCIM-148 SCIM-159 without a SCIM token nothing but discovery is answered', async (t) => {
  const scim = await openScim(t)
  const wrong = `${scim.token.slice(0, -1)}${scim.token.endsWith('x') ? 'y' : 'x'}`
  for (const authorization of [
    '',
    'Bearer ',
    'Bearer x',
    `Bearer ${wrong}`,
    `Basic ${Buffer.from(`a:${scim.token}`).toString('base64')}`,
    scim.token,
  ]) {
    const reply = await scim.send('GET', '/Users', { headers: { authorization } })
    isError(reply, 401)
    assert.match(String(reply.headers['www-authenticate']), /^Bearer/)
  }
  assert.equal((await scim.send('GET', '/Users', { headers: { authorization: `bearer ${scim.token}` } })).status, 200)
  isError(await scim.send('GET', `/Users?access_token=${scim.token}`, { headers: { authorization: '' } }), 401)
})

test('SCIM-157 SCIM-063 SCIM-151 what is not offered says so', async (t) => {
  const scim = await openScim(t)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
    isError(await scim.send(method, '/Me', method === 'GET' || method === 'DELETE' ? {} : { body: ada }), 501)
  isError(await scim.send('DELETE', '/Schemas'), 405)
  isError(await scim.send('POST', '/ServiceProviderConfig', { body: {} }), 405)
  isError(await scim.send('DELETE', '/Users'), 405)
  isError(await scim.send('GET', '/Cars'), 404)
  const other = await scim.app.inject({ url: '/scim/v1/Users', headers: { authorization: `Bearer ${scim.token}` } })
  assert.equal(other.statusCode, 404)
})

test('no organization sees another', async (t) => {
  const scim = await openScim(t)
  await created(scim, '/Users', ada)
  const other = await scim.another()
  assert.equal((await list(other, {})).json.totalResults, 0)
  assert.equal((await list(other, { filter: 'userName eq "ada@example.com"' })).json.totalResults, 0)
  await created(other, '/Users', ada)
})
