import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base, isError, openScim } from '../../../../tests/scim.ts'
import type { Attribute } from '../schema/attribute.ts'

const anonymous = { headers: { authorization: '' } }

test('SCIM-054 SCIM-043 SCIM-113 SCIM-055 SCIM-056 the configuration can be read by anybody, by its old name too', async (t) => {
  const scim = await openScim(t)
  for (const path of ['/ServiceProviderConfig', '/ServiceProviderConfigs']) {
    const { status, json } = await scim.send('GET', path, anonymous)
    assert.equal(status, 200)
    assert.deepEqual(json.schemas, ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'])
    for (const [name, supported] of [
      ['patch', true],
      ['bulk', true],
      ['filter', true],
      ['changePassword', false],
      ['sort', true],
      ['etag', true],
    ] as const)
      assert.equal(Object(json[name]).supported, supported, name)
    assert.equal(json.meta.location, `${base}/ServiceProviderConfig`)
    const { authenticationSchemes } = json
    assert.ok(Array.isArray(authenticationSchemes))
    assert.deepEqual(
      authenticationSchemes.map(({ type, primary }) => [type, primary]),
      [
        ['oauthbearertoken', true],
        ['oauth2', false],
      ],
    )
  }
})

test('SCIM-057 SCIM-060 SCIM-022 every schema is listed with all characteristics of its attributes', async (t) => {
  const scim = await openScim(t)
  const { json } = await scim.send('GET', '/Schemas', anonymous)
  assert.equal(json.totalResults, 7)
  assert.ok(!JSON.stringify(json).includes('null'))
  const check = (attributes: unknown): void => {
    assert.ok(Array.isArray(attributes) && attributes.length > 0)
    for (const attribute of attributes) {
      for (const name of [
        'name',
        'type',
        'multiValued',
        'description',
        'required',
        'caseExact',
        'mutability',
        'returned',
        'uniqueness',
      ])
        assert.notEqual(attribute[name], undefined, `${attribute.name}: ${name}`)
      if (attribute.type === 'complex') check(attribute.subAttributes)
      assert.equal(attribute.type === 'reference', Array.isArray(attribute.referenceTypes), attribute.name)
    }
  }
  for (const schema of json.Resources) {
    check(schema['attributes'])
    const one = await scim.send('GET', `/Schemas/${schema.id}`, anonymous)
    assert.deepEqual(one.json, schema)
  }
  isError(await scim.send('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:Car', anonymous), 404)
})

test('SCIM-057 SCIM-060 what discovery answers with has a schema that names each of its attributes', async (t) => {
  const scim = await openScim(t)
  const [config, schemas, types] = await Promise.all(
    ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes'].map(async (path) => (await scim.send('GET', path)).json),
  )
  // That of schemas is one level deeper than it can say itself, in RFC 7643 §8.7.2 too.
  const described = schemas?.Resources.filter(({ name }) => name !== 'Schema') ?? []
  for (const resource of [config, ...described, ...(types?.Resources ?? [])]) {
    assert.ok(resource)
    const { schemas: urns, id: _, meta: __, ...rest } = resource
    const { json } = await scim.send('GET', `/Schemas/${String(urns)}`)
    assertDescribed(rest, json['attributes'], String(urns))
  }
})

test('SCIM-058 SCIM-059 SCIM-012 SCIM-009 every resource type is listed, and the schemas that it names exist', async (t) => {
  const scim = await openScim(t)
  const { json } = await scim.send('GET', '/ResourceTypes', anonymous)
  assert.deepEqual(
    json.Resources.map(({ id, endpoint }) => [id, endpoint]),
    [
      ['User', '/Users'],
      ['Group', '/Groups'],
    ],
  )
  const schemas = (await scim.send('GET', '/Schemas')).json.Resources.map(({ id }) => id)
  assert.ok(schemas.every((urn) => !urn.includes(':api:messages:')))
  for (const type of json.Resources) {
    assert.ok(schemas.includes(String(type['schema'])))
    assert.ok(Array.isArray(type['schemaExtensions']) && type['schemaExtensions'].every(({ schema }) => schemas.includes(schema)))
    assert.deepEqual((await scim.send('GET', `/ResourceTypes/${type.id}`, anonymous)).json, type)
  }
  isError(await scim.send('GET', '/ResourceTypes/Car', anonymous), 404)
})

test('SCIM-061 SCIM-062 discovery ignores paging and sorting, and refuses to filter its lists', async (t) => {
  const scim = await openScim(t)
  for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes']) {
    assert.equal((await scim.send('GET', `${path}?startIndex=9&count=0&sortBy=id`)).status, 200)
    const filtered = await scim.send('GET', `${path}?filter=id+pr`)
    // One object is no result that could be taken for a filtered one.
    if (path === '/ServiceProviderConfig') assert.equal(filtered.status, 200)
    else isError(filtered, 403)
  }
})

/** Refuses a member of a value, at any depth, that its schema does not name. */
function assertDescribed(value: unknown, attributes: unknown, where: string): void {
  assert.ok(Array.isArray(attributes), `${where} has no attributes`)
  const known = new Map<string, Attribute>(attributes.map((attribute) => [attribute.name, attribute]))
  for (const each of [value].flat())
    for (const [name, part] of Object.entries(Object(each))) {
      const attribute = known.get(name)
      assert.ok(attribute, `${where} does not name ${name}`)
      assert.equal(Array.isArray(part), attribute.multiValued, `${where}: ${name}`)
      if (attribute.type === 'complex') assertDescribed(part, attribute.subAttributes, `${where}: ${name}`)
    }
}
