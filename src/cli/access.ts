import { Option, type Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { signedAccess, type AskedAccess as Asked } from '../dialects/native/signed-access.ts'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { writeCsv } from './csv.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { momentOf } from './moment.ts'
import { writeWhole } from './output-file.ts'
import { table } from './terminal.ts'

type Access = Awaited<ReturnType<Client['listAccess']>>['items'][number]

interface AccessOptions extends HubOptions {
  readonly person?: string
  readonly connection?: string
  readonly vendor?: string
  readonly role?: string
  readonly at?: Date
  readonly csv?: string
  readonly signed?: string
}

export const accessCommand = (context: Context): Command =>
  hubCommand('access', 'Who has access to what and why: one row for each account, now or at a past date')
    .option('--person <who>', 'the accounts of one person: e-mail address, user name or id')
    .option('--connection <name>', 'the accounts at one connection')
    .option('--vendor <name>', 'the accounts at one vendor')
    .option('--role <role>', 'the accounts that hold a role at the vendor, by its name or id')
    .option('--at <date>', 'at the end of a past day (2026-03-31, in UTC) or at a time (2026-03-31T12:00:00Z)', momentOf('--at'))
    .option('--csv <file>', 'write a CSV file')
    .addOption(new Option('--signed <file>', 'write a signed document; rollcall verify accepts it').conflicts(['csv', 'json']))
    .addHelpText('after', '\nWith --json, one row a line.')
    .action(async (options: AccessOptions) => {
      const hub = connectHub(context, options)
      const { person, vendor, role, at, csv, signed } = options
      const connectionId = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const asked: Asked = { person, vendor, role, at, connectionId }
      if (csv !== undefined) {
        const rows = await context.terminal.during('Writing', writeCsv(csv, headings, tableOf(hub, asked)))
        context.terminal.say(`${rows} rows are in ${csv}.`)
      }
      if (signed !== undefined) {
        const rows = await context.terminal.during('Writing', writeSigned(hub, asked, signed))
        return context.terminal.say(`${rows} rows are in ${signed}. Verify it: rollcall verify ${signed}`)
      }
      if (csv !== undefined && !options.json) return
      await print(context, options, walk(hub, asked))
    })

const walk = (hub: Client, asked: Asked) => everyItem((cursor) => hub.listAccess({ query: { ...asked, cursor, limit: 1000 } }))

async function print({ terminal }: Context, { json }: HubOptions, rows: AsyncIterable<Access>): Promise<void> {
  let block: Access[] = []
  let count = 0
  const flush = () => {
    if (block.length > 0) terminal.data(accessTable(terminal, block))
    block = []
  }
  for await (const row of rows) {
    count++
    if (json) terminal.json(row)
    // A list may be longer than memory: each thousand has columns of its own.
    else if (block.push(row) === 1000) flush()
  }
  flush()
  if (count === 0 && !json) terminal.say('Nobody has access to that.')
}

const accessTable = (terminal: Context['terminal'], rows: readonly Access[]): string =>
  table(
    terminal,
    ['PERSON', 'STATUS', 'CONNECTION', 'ACCOUNT', 'STATUS', 'ROLES', 'WHY'],
    rows.map((row) => [
      row.person ? (row.person.email ?? row.person.userName ?? row.person.id) : '(nobody)',
      row.person?.status ?? '',
      row.connection.name,
      row.account.userName ?? row.account.id,
      row.account.status,
      rolesOf(row),
      whyOf(row) + (row.source === 'factsPartly' ? ' (the facts do not tell all)' : ''),
    ]),
  )

const headings = [
  'connection',
  'vendor',
  'account_id',
  'account_user_name',
  'account_email',
  'account_status',
  'account_roles',
  'person_id',
  'person_user_name',
  'person_email',
  'person_status',
  'why',
  'linked_by',
  'since',
  'read_at',
  'read_complete',
  'source',
]

async function* tableOf(hub: Client, asked: Asked) {
  for await (const row of walk(hub, asked)) yield cellsOf(row)
}

const cellsOf = (row: Access): readonly (string | undefined)[] => [
  row.connection.name,
  row.connection.vendor,
  row.account.id,
  row.account.userName,
  row.account.email,
  row.account.status,
  rolesOf(row),
  row.person?.id,
  row.person?.userName,
  row.person?.email,
  row.person?.status,
  whyOf(row),
  row.linkedBy,
  row.since?.toISOString(),
  row.read?.at.toISOString(),
  row.read && (row.read.complete ? 'yes' : 'no'),
  row.source,
]

const rolesOf = ({ account: { roles } }: Access): string => (roles ? roles.map(({ name }) => name).join('; ') : 'unknown')
const whyOf = ({ why }: Access): string =>
  why.map((reason) => (reason.kind === 'group' ? `group ${reason.name}` : reason.kind)).join('; ')

async function writeSigned(hub: Client, asked: Asked, path: string): Promise<number> {
  let lines = 0
  await writeWhole(path, async (add) => {
    for await (const line of signedAccess(hub, asked)) {
      await add(line)
      lines++
    }
  })
  // Without the head and the seal.
  return lines - 2
}
