import type { Dialect } from '../../src/dialects/dialect.ts'
import { accountAttributes, type Vendor } from '../../src/sync/vendor.ts'
import type { Profile } from './capabilities.ts'
import { bindsSide, type Coverage, type Proven } from './coverage.ts'

/** A dialect as the document shows it. */
export interface Chapter {
  readonly dialect: Dialect
  readonly profiles: readonly Profile[]
  readonly contract: Coverage['contracts'][number]
}

/** `docs/dialects.md`: what each vendor's connector can do, and every statement with the tests that prove it on either side. */
export function writeDocument(chapters: readonly Chapter[]): string {
  return `${[
    '<!-- Written by `npm run dialects` from src/dialects/*/statements.md, the connectors and the names of the tests. Do not edit. -->',
    '# Dialects',
    [
      'What we hold to at each vendor’s API, and at SCIM’s, statement by statement: *served* where we answer in the vendor’s place, *called* where we act on the vendor.',
      'The files are those of the tests that begin with the statement’s id. A dash means that the statement does not bind that side. `-Q` statements are our decisions',
      'where the vendor’s guide is silent or contradicts itself; `-P` statements answer what the vendor publishes elsewhere. `npm run check` fails where a statement lacks a test on a side that it',
      'binds, where a test names what nobody declared, and where this document is stale.',
    ].join('\n'),
    table(
      ['vendor', 'statements', 'served', 'called', 'neither'],
      chapters.map(({ dialect, contract: { statements } }) => [
        `[${dialect.name}](#${dialect.name})`,
        ...[
          statements,
          statements.filter((statement) => bindsSide(statement, 'served')),
          statements.filter((statement) => bindsSide(statement, 'called')),
          statements.filter(({ binds }) => binds === 'neither'),
        ].map(({ length }) => String(length)),
      ]),
    ),
    ...chapters.flatMap(writeChapter),
  ].join('\n\n')}\n`
}

function writeChapter({ dialect, profiles, contract }: Chapter): readonly string[] {
  const sections = [...new Set(contract.statements.map(({ section }) => section))]
  const hosts = Object.entries(dialect.hosts).map(([host, path]) => `\`${host}${path}\``)
  return [
    `## ${dialect.name}`,
    `Served under \`${dialect.basePath}\`${hosts.length > 0 ? `, and for ${hosts.join(', ')}` : ''}. More in its [README](../src/dialects/${dialect.name}/README.md).`,
    ...writeCapabilities(profiles),
    ...sections.flatMap((section) => [
      `### ${dialect.name}: ${section[0]?.toLowerCase()}${section.slice(1)}`,
      table(
        ['id', 'statement', 'served', 'called'],
        contract.statements
          .filter((statement) => statement.section === section)
          .map((statement) => writeStatement(statement, dialect.name)),
      ),
    ]),
  ]
}

const writeStatement = (statement: Proven, dialect: string): readonly string[] => [
  `**${statement.id}**`,
  statement.text,
  links(statement.served, dialect),
  links(statement.called, dialect),
]

function links(files: readonly string[], dialect: string): string {
  const own = `src/dialects/${dialect}/`
  const nameOf = (file: string) => (file.startsWith(own) ? file.slice(own.length) : file).replace(/\.test\.ts$/, '')
  return files.map((file) => `[${nameOf(file)}](../${file})`).join(', ') || '–'
}

/** What a connector can do, in the order of a life: a row for each ability, a column for each profile. */
const abilities: readonly (readonly [string, (vendor: Vendor) => string])[] = [
  ['create', ({ capabilities: { create, invite } }) => (create ? (invite ? 'by invitation' : 'at once') : 'no')],
  [
    'withdraw an invitation',
    ({ capabilities: { invite, cancelInvitation } }) => (invite ? (cancelInvitation ? 'yes' : 'by removal') : '–'),
  ],
  ['change', ({ capabilities: { update, attributes = accountAttributes } }) => (update ? attributes.join(', ') : 'no')],
  ['compare', ({ capabilities: { attributes = accountAttributes } }) => attributes.join(', ')],
  ['set roles', ({ capabilities }) => (capabilities.setRoles ? 'yes' : 'no')],
  ['suspend and resume', ({ capabilities }) => (capabilities.suspend ? 'yes' : 'no')],
  [
    'remove',
    ({ capabilities: { remove, residue } }) => (remove ? (residue === undefined ? 'yes' : `yes, but ${residue}`) : 'no'),
  ],
  ['prove an absence', ({ reader }) => (reader.absence === 'list' ? 'by the list' : 'by id')],
  ['read the list', ({ reader }) => (reader.paging === 'offset' ? 'by position, twice where it moved' : 'in one pass')],
  ['manage its own keys', ({ keys }) => (keys ? 'yes' : 'no')],
]

function writeCapabilities(profiles: readonly Profile[]): readonly string[] {
  if (profiles.length === 0) return []
  const notes = [...new Set(profiles.flatMap(({ vendor }) => vendor.capabilities.notes))]
  const holders = (note: string) => profiles.filter(({ vendor }) => vendor.capabilities.notes.includes(note))
  return [
    'What the connector can do, as it says itself:',
    table(
      ['', ...profiles.map(({ name }) => (name ? `profile \`${name}\`` : 'connector'))],
      abilities.map(([ability, tell]) => [ability, ...profiles.map(({ vendor }) => tell(vendor))]),
    ),
    notes
      .map((note) => {
        const whose = holders(note)
        return `- ${whose.length < profiles.length ? `(${whose.map(({ name }) => `\`${name}\``).join(', ')}) ` : ''}${note}`
      })
      .join('\n'),
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
