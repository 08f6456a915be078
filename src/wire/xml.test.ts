import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { WireError } from './operation.ts'
import { buildXml, parseDocument, parseXml, printDocument, type XmlShape } from './xml.ts'

const users: XmlShape = { root: 'UsersResponse', items: { Users: 'User', Roles: 'Role' } }
const user: XmlShape = { root: 'User' }

const refuses = (text: string, kind: WireError['kind'] = 'syntax', shape = user) =>
  assert.throws(
    () => parseXml(text, shape),
    (error) => error instanceof WireError && error.kind === kind,
    text.slice(0, 80),
  )

test('text stays text: digits, booleans and spaces are not interpreted', () => {
  const text = '<User><UserId>007</UserId><Enabled>true</Enabled><Code>1e3</Code><Name>  Ann  </Name><Last/></User>'
  assert.deepEqual(parseXml(text, user), { UserId: '007', Enabled: 'true', Code: '1e3', Name: '  Ann  ', Last: '' })
})

test('BAND-Q01 one item, many, none and an empty element are all a list', () => {
  assert.deepEqual(parseXml('<UsersResponse><Users><User><Name>a</Name></User></Users></UsersResponse>', users), {
    Users: [{ Name: 'a' }],
  })
  assert.deepEqual(
    parseXml('<UsersResponse><Users><User><Name>a</Name></User><User><Name>b</Name></User></Users></UsersResponse>', users),
    {
      Users: [{ Name: 'a' }, { Name: 'b' }],
    },
  )
  for (const empty of ['<Users/>', '<Users></Users>', '<Users>\n  </Users>'])
    assert.deepEqual(parseXml(`<UsersResponse>${empty}</UsersResponse>`, users), { Users: [] })
  assert.deepEqual(parseXml('<UsersResponse/>', users), {})
})

test('lists stand within the items of lists', () => {
  const text =
    '<UsersResponse><Users><User><Roles><Role><RoleId>r1</RoleId></Role></Roles></User><User><Roles/></User></Users></UsersResponse>'
  assert.deepEqual(parseXml(text, users), { Users: [{ Roles: [{ RoleId: 'r1' }] }, { Roles: [] }] })
})

test('a list that holds other elements is refused and not read as empty', () => {
  refuses('<UsersResponse><Users><Person/></Users></UsersResponse>', 'shape', users)
  refuses('<UsersResponse><Users>ann</Users></UsersResponse>', 'shape', users)
  refuses('<UsersResponse><Users><User/></Users><Users><User/></Users></UsersResponse>', 'shape', users)
})

test('the value stands inside the root, or inside the one element that wraps it', () => {
  const wrapped: XmlShape = { root: 'UserResponse', inner: 'User' }
  assert.deepEqual(parseXml('<UserResponse><User><Name>a</Name></User></UserResponse>', wrapped), { Name: 'a' })
  assert.equal(
    buildXml({ Name: 'a' }, wrapped),
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><UserResponse><User><Name>a</Name></User></UserResponse>',
  )
  refuses('<UserResponse><Person/></UserResponse>', 'shape', wrapped)
  refuses('<Other><User/></Other>', 'shape', wrapped)
})

test('prefixes, attributes, comments, declarations and CDATA do not disturb the reading', () => {
  const text = `<?xml version="1.0"?><!-- a > b --><n:User xmlns:n="urn:x" id='1>2'>\r\n <n:Name lang="en">Ann <!-- x -->&amp; <![CDATA[<Bob> &amp;]]></n:Name>\n</n:User>\n`
  assert.deepEqual(parseXml(text, user), { Name: 'Ann & <Bob> &amp;' })
})

test('the five entities and character references are resolved, every other one is refused', () => {
  assert.deepEqual(parseXml('<User><N>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#13;</N></User>', user), { N: '<>&"\'A😀\r' })
  for (const entity of [
    '&foo;',
    '&',
    '&;',
    '& amp;',
    '&#0;',
    '&#xD800;',
    '&#x110000;',
    '&#xFFFFFFFF;',
    '&nbsp;',
    '&toString;',
    '&#12x;',
  ])
    refuses(`<User><N>${entity}</N></User>`)
})

test('document types and entity bombs are refused', () => {
  refuses('<!DOCTYPE User><User/>')
  refuses('<!doctype User [<!ENTITY a "x">]><User>&a;</User>')
  const bomb = `<!DOCTYPE l [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]><User>&c;</User>`
  refuses(bomb)
  refuses('<?xml version="1.0"?><!DOCTYPE User SYSTEM "file:///etc/passwd"><User/>')
})

test('what is not well-formed is refused', () => {
  for (const text of [
    '<User>',
    '<User></Users>',
    '</User>',
    '<User/><User/>',
    '<User/>x',
    '<![CDATA[ ]]><User/>',
    '<!-- -->',
    'x<User/>',
    '<User><a></User></a>',
    '<User a=b/>',
    '<User a="1" a="2"/>',
    '<>',
    '<User',
    '<1/>',
    'User',
    '{"a":1}',
    '<User><!-- </User>',
    '<User><![CDATA[</User>',
  ])
    refuses(text)
})

test('text between elements is refused', () => {
  refuses('<User>text<Name>a</Name></User>', 'shape')
})

test('names that could poison a prototype are refused, others that JavaScript knows are members', () => {
  assert.deepEqual(parseXml('<User><toString>b</toString></User>', user), { toString: 'b' })
  for (const member of ['__proto__', 'constructor', 'prototype'])
    refuses(`<User><${member}><admin>true</admin></${member}></User>`)
  assert.equal(Object.hasOwn(Object.prototype, 'admin'), false)
})

test('more than 64 levels are refused', () => {
  const nested = (levels: number) => `<User>${'<a>'.repeat(levels - 1)}${'</a>'.repeat(levels - 1)}</User>`
  assert.ok(parseXml(nested(64), user))
  refuses(nested(65))
})

test('a mebibyte of hostile text is refused, or read, in one pass', () => {
  const size = 1 << 20
  for (const unit of [
    '<',
    '<a>',
    '</a>',
    '<!--',
    '<![CDATA[',
    '<?x ',
    '<a b="',
    '<a b="1" ',
    '<a ',
    '"',
    '&',
    '&amp;',
    '<a/>',
    '<User><!---->',
    ']]>',
  ])
    assert.throws(() => parseXml(unit.repeat(Math.floor(size / unit.length)), user), WireError, unit)
  assert.deepEqual(parseXml(`<User><N>${'x'.repeat(size)}</N></User>`, user), { N: 'x'.repeat(size) })
})

test('far more elements than honest text has are refused', () => {
  assert.ok(parseXml(`<User>${'<a/>'.repeat(9_000)}</User>`, user))
  refuses(`<User>${'<a/>'.repeat(200_000)}</User>`)
  assert.ok(parseXml(`<User>${'<Email>ann.example@example.com</Email>'.repeat(20_000)}</User>`, user))
})

test('nothing at all is an empty object, and an object without members is spelled as the shape says', () => {
  assert.deepEqual(parseXml('', user), {})
  assert.equal(buildXml({}, { root: 'DeleteResponse', empty: 'noBody' }), '')
  assert.equal(buildXml({ Name: undefined }, { root: 'DeleteResponse', empty: 'noBody' }), '')
  assert.equal(
    buildXml({}, { root: 'DeleteResponse' }),
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><DeleteResponse></DeleteResponse>',
  )
})

test('markup, quotes, line ends and characters that XML forbids cannot break out of a text', () => {
  assert.match(buildXml({ N: `</N><Admin>&"'\r` }, user), /<N>&lt;\/N&gt;&lt;Admin&gt;&amp;&quot;&apos;&#13;<\/N>/)
  assert.match(buildXml({ N: '\u0000\u001b\ud800\uffff' }, user), /<N>\ufffd{4}<\/N>/)
  assert.throws(() => buildXml({ 'a b': '1' }, user), TypeError)
  assert.throws(() => buildXml({ list: ['1'] }, user), TypeError)
})

// oxlint-disable-next-line no-control-regex -- the characters that XML 1.0 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
const text = fc.string({ unit: 'binary' }).filter((value) => !forbidden.test(value))
const name = fc.stringMatching(/^[A-Z][a-z]{1,6}$/).filter((value) => value !== 'Users' && value !== 'Roles')
const record = fc.dictionary(name, text, { minKeys: 1 })

test('parsing what was built gives the value back', () => {
  const value = fc.record({
    Total: text,
    Users: fc.array(fc.tuple(record, fc.array(record)).map(([own, roles]) => Object.assign(own, { Roles: roles }))),
  })
  fc.assert(
    fc.property(value, (built) => assert.deepEqual(parseXml(buildXml(built, users), users), JSON.parse(JSON.stringify(built)))),
  )
})

test('printing a document and parsing it again gives the document back', () => {
  fc.assert(
    fc.property(record, (members) => assert.deepEqual(parseDocument(printDocument({ Root: members })), { Root: { ...members } })),
  )
})
