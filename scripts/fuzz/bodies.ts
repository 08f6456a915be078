import { buildForm } from '../../src/wire/form.ts'
import type { Media } from '../../src/wire/operation.ts'
import { anything } from './values.ts'
import type { Dice } from './dice.ts'

/** JSON, broken in three cases of ten. */
export function jsonBytes(value: unknown, dice: Dice): Buffer {
  const text = JSON.stringify(value) ?? ''
  return damaged(Buffer.from(text), dice, [
    () => Buffer.from(`\ufeff${text}`),
    () => Buffer.from(`${text}${text}`),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(`// comment\n${text}`),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => Buffer.from('['.repeat(dice.pick([100, 5000, 200_000]))),
    () => Buffer.from('{"a":'.repeat(dice.pick([100, 5000, 100_000]))),
    () => Buffer.from(`{"a":1,"a":2,"__proto__":{"x":1}}`),
    () => Buffer.from('1e999999'),
    () => Buffer.from('NaN'),
    () => Buffer.from(JSON.stringify('x'.repeat(10 * 1024 * 1024))),
    () => Buffer.from(`[${'0,'.repeat(500_000)}0]`),
  ])
}

/** The value's members as a form, broken in three cases of ten. */
export function formBytes(value: unknown, dice: Dice): Buffer {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [['x', value] as const]
  const fields = members.map(([name, member]): [string, string] => [
    name,
    typeof member === 'string' ? member : (JSON.stringify(member) ?? ''),
  ])
  return damaged(Buffer.from(new URLSearchParams(fields).toString()), dice, [
    () => Buffer.from('&'.repeat(dice.pick([100, 100_000]))),
    () => Buffer.from('a=1&'.repeat(dice.pick([100, 100_000]))),
    () => Buffer.from('__proto__=1&constructor=2&Email=a%40example.com'),
    () => Buffer.from('Email=%ff%fe&Email=%C3%28'),
    () => Buffer.from('Email=%'),
    () => Buffer.from('?Email=a%40example.com'),
    () => Buffer.from(`Email=${'x'.repeat(900_000)}`),
    () => Buffer.from('Email=a%00b%0d%0aX: y'),
  ])
}

/** The value as naive XML, broken in three cases of ten. */
export function xmlBytes(value: unknown, dice: Dice): Buffer {
  const root = dice.pick(['User', 'user', 'UserResponse', 'x'])
  const text = `${dice.chance(0.5) ? '<?xml version="1.0" encoding="UTF-8"?>' : ''}${element(root, value, 0)}`
  const entity =
    '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">'
  const deep = dice.pick([50, 1000, 50_000])
  return damaged(Buffer.from(text), dice, [
    () => Buffer.from(`<!DOCTYPE x [${entity}]><User><Username>&d;</Username></User>`),
    () => Buffer.from('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><User><Username>&f;</Username></User>'),
    () => Buffer.from('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><User/>'),
    () => Buffer.from(`${'<a>'.repeat(deep)}${'</a>'.repeat(deep)}`),
    () => Buffer.from(`<User>${'<Role/>'.repeat(deep)}</User>`),
    () => Buffer.from(`<User ${Array.from({ length: 2000 }, (_, index) => `a${index}="1"`).join(' ')}/>`),
    () => Buffer.from('<User><Username>a</User></Username>'),
    () => Buffer.from('<User><![CDATA[<Username>x</Username>]]><!-- -- --></User>'),
    () => Buffer.from('<User><Username>&#0;&#x110000;&nothing;</Username></User>'),
    () => Buffer.from('<User><__proto__><x>1</x></__proto__><constructor>1</constructor></User>'),
    () => Buffer.from(`<?xml version="1.0" encoding="UTF-16"?><User/>`, 'utf16le'),
    () => Buffer.from(`<User><Username>${'x'.repeat(10 * 1024 * 1024)}</Username></User>`),
    () => Buffer.from('<User xmlns:x="y"><x:Username>a</x:Username></User><User/>'),
  ])
}

/** The value in a format as it should be. */
export function soundBytes(format: Media, value: unknown): Buffer {
  if (format === 'xml') return Buffer.from(element('User', value, 0))
  if (format === 'form') return Buffer.from(buildForm(value))
  return Buffer.from(JSON.stringify(value) ?? '')
}

/** The bytes as they are, damaged a little, or something else altogether. */
function damaged(bytes: Buffer, dice: Dice, others: readonly (() => Buffer)[]): Buffer {
  if (dice.chance(0.7)) return bytes
  const kind = dice.below(6)
  if (kind === 0) return bytes.subarray(0, dice.below(bytes.length + 1))
  if (kind === 1) {
    const copy = Buffer.from(bytes)
    for (let flips = 1 + dice.below(3); flips > 0 && copy.length > 0; flips--) copy[dice.below(copy.length)] = dice.below(256)
    return copy
  }
  if (kind === 2) return Buffer.concat([bytes, Buffer.from([0xc3, 0x28, 0x00, 0xff])])
  return dice.pick(others)()
}

function element(name: string, value: unknown, depth: number): string {
  if (depth > 30) return ''
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element('Role', item, depth + 1)).join('')}</${name}>`
  if (typeof value === 'object' && value !== null)
    return `<${name}>${Object.entries(value)
      .map(([key, item]) => element(key, item, depth + 1))
      .join('')}</${name}>`
  return `<${name}>${String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`
}

/** What a body is when nobody cares for its format. */
export const noise = (dice: Dice): Buffer =>
  dice.pick([
    () => Buffer.alloc(0),
    () => Buffer.from(Array.from({ length: 200 }, () => dice.below(256))),
    () => Buffer.from(JSON.stringify(anything(dice)) ?? ''),
  ])()
