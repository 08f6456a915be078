import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '../filter/parse.ts'
import { attribute, complex } from '../schema/attribute.ts'
import { indexType, userType } from '../schema/resource-type.ts'
import { keyOf, uniqueTextOf } from './key.ts'

const urn = 'urn:example:desk:2.0:User'
const type = indexType({
  ...userType,
  extensions: [
    {
      required: false,
      schema: {
        id: urn,
        name: 'Desk',
        description: 'Desk',
        attributes: [
          attribute('badge', 'unique', { uniqueness: 'server' }),
          attribute('team', 'not unique'),
          attribute('floor', 'unique, no text', { type: 'integer', uniqueness: 'server' }),
          attribute('pin', 'unique, never shown', { uniqueness: 'server', returned: 'never' }),
          complex('car', 'unique by its value', [
            attribute('value', 'unique', { uniqueness: 'server' }),
            attribute('type', 'not'),
          ]),
        ],
      },
    },
  ],
})

test('a filter that names one person by id or user name is told from every other', () => {
  const key = (filter: string) => keyOf(parseFilter(filter), type, ['id', 'userName'])
  assert.deepEqual(key('USERNAME eq "ada"'), { name: 'userName', value: 'ada' })
  for (const filter of ['userName ne "ada"', 'userName eq null', 'userName eq "a" or id eq "b"', 'name.givenName eq "a"'])
    assert.equal(key(filter), undefined, filter)
})

test('a filter that names one person by a text that is unique in an extension of the organization is told from every other', () => {
  const unique = (filter: string, own: readonly string[] = [urn]) => uniqueTextOf(parseFilter(filter), type, new Set(own))
  assert.deepEqual(unique(`${urn.toUpperCase()}:BADGE eq "B1"`), { urn, attribute: 'badge', value: 'B1' })
  for (const named of ['car', 'car.value'])
    assert.deepEqual(unique(`${urn}:${named} eq "V"`), { urn, attribute: 'car.value', value: 'V' })
  for (const filter of [
    `${urn}:badge ne "B1"`,
    `${urn}:badge sw "B1"`,
    `${urn}:badge eq ""`,
    `${urn}:badge eq null`,
    `${urn}:badge eq "B1" and userName pr`,
    `${urn}:team eq "x"`,
    `${urn}:floor eq 3`,
    `${urn}:pin eq "1"`,
    `${urn}:car.type eq "x"`,
    `${urn}:nothing eq "x"`,
    'userName eq "ada"',
  ])
    assert.equal(unique(filter), undefined, filter)
  assert.equal(unique(`${urn}:badge eq "B1"`, []), undefined, 'ours and the RFC’s are found otherwise')
})
