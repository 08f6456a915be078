import type { Account } from '../../sync/vendor.ts'
import { CsvError, parseCsv } from './wire.ts'

/** What a column may be called; letters alone count, whatever their case. */
const columnNames = {
  id: ['id', 'userid', 'accountid', 'employeeid'],
  userName: ['username', 'user', 'login', 'loginname', 'account'],
  email: ['email', 'emailaddress', 'mail', 'workemail'],
  givenName: ['givenname', 'firstname', 'first', 'forename'],
  familyName: ['familyname', 'lastname', 'last', 'surname'],
  status: ['status', 'active', 'enabled', 'state'],
  roles: ['roles', 'role', 'groups', 'group', 'permission', 'permissions'],
} as const
type Column = keyof typeof columnNames

const suspendedWords = new Set(['suspended', 'inactive', 'disabled', 'blocked', 'locked', 'false', 'no', '0'])
const activeWords = new Set(['active', 'enabled', 'true', 'yes', '1', ''])

export interface CsvList {
  readonly accounts: readonly Account[]
  /** Columns that the list has and nothing is read from. */
  readonly unread: readonly string[]
  /** Columns that were found. */
  readonly found: readonly Column[]
}

/** The accounts of a list. A row is known by its id, else its user name, else its address. Throws CsvError that names the line. */
export function readCsvList(text: string): CsvList {
  const [head, ...rows] = parseCsv(text)
  if (!head)
    throw new CsvError(1, 'the list is empty: its first line must name the columns, such as userName,email,givenName,familyName')
  const places = new Map<Column, number>()
  const unread: string[] = []
  for (const [index, name] of head.values.entries()) {
    const column = columnOf(name)
    if (!column) unread.push(name)
    else if (places.has(column)) throw new CsvError(head.line, `two columns could be ${column}: leave one`)
    else places.set(column, index)
  }
  if (!places.has('userName') && !places.has('email'))
    throw new CsvError(head.line, 'the first line must name a column userName or email')
  const lines = new Map<string, number>()
  const accounts = rows.map(({ line, values }): Account => {
    if (values.length !== head.values.length)
      throw new CsvError(line, `it has ${values.length} values, and the first line names ${head.values.length} columns`)
    const at = (column: Column): string | undefined => values[places.get(column) ?? -1] || undefined
    const userName = at('userName') ?? at('email')
    if (userName === undefined) throw new CsvError(line, 'it has neither a user name nor an address')
    const id = at('id') ?? userName
    const before = lines.get(id.toLowerCase())
    if (before !== undefined) throw new CsvError(line, `it is the same account as line ${before}`)
    lines.set(id.toLowerCase(), line)
    return {
      id,
      userName,
      email: at('email') ?? (userName.includes('@') ? userName : undefined),
      givenName: at('givenName'),
      familyName: at('familyName'),
      status: places.has('status') ? statusOf(at('status') ?? '') : 'active',
      roles: [...new Set((at('roles') ?? '').split(/[;|,]/).map((role) => role.trim()))]
        .filter(Boolean)
        .map((role) => ({ id: role, name: role })),
      raw: Object.fromEntries(head.values.map((name, index) => [name, values[index]])),
    }
  })
  return { accounts, unread, found: [...places.keys()] }
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '')

function columnOf(name: string): Column | undefined {
  for (const [column, names] of Object.entries(columnNames))
    if (names.some((known) => known === plain(name))) return asColumn(column)
  return undefined
}

const isColumn = (name: string): name is Column => Object.hasOwn(columnNames, name)
const asColumn = (name: string): Column | undefined => (isColumn(name) ? name : undefined)

function statusOf(word: string): Account['status'] {
  const folded = word.toLowerCase()
  if (suspendedWords.has(folded)) return 'suspended'
  if (folded === 'invited' || folded === 'pending') return 'invited'
  return activeWords.has(folded) ? 'active' : 'unknown'
}
