import { z } from 'zod'
import { ConfigError } from '../../directory/errors.ts'
import type { Account, Capabilities, CheckReport, DesiredAccount, Vendor, VendorRole } from '../../sync/vendor.ts'
import { RemoteError } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { readCsvList, type CsvList } from './translate.ts'
import { CsvError } from './wire.ts'

/** The list itself, and for the sentences the application's name. */
const Credentials = z.strictObject({
  list: z.string().min(1),
  application: z.string().min(1).max(100).optional(),
  baseUrl: z.string().optional(),
})

/**
 * An application without an API: what is known of it is a list that somebody exported, and every change is a task for a person. `baseUrl` is where that
 * person does it. Calls nobody. Throws ConfigError that names the line of a list which cannot be read, and nothing that stands in it.
 */
export function connectCsv({ baseUrl, credentials }: ConnectOptions): Vendor {
  const parsed = Credentials.safeParse(credentials)
  if (!parsed.success)
    throw new ConfigError(
      'The credentials of a csv connection are {"list": "<the text of the list>"}; "application" may say its name.',
    )
  const list = readList(parsed.data.list)
  const place = `${parsed.data.application ?? 'the application'} (${baseUrl})`
  const accounts = new Map(list.accounts.map((account) => [account.id, account]))
  const byHand = (task: string) => new RemoteError(0, task, { retryable: false, effect: 'none' })
  const nameOf = (id: string) => accounts.get(id)?.userName ?? id
  return {
    name: 'csv',
    capabilities: capabilitiesOf(list, place),
    reader: {
      absence: 'list',
      async *list() {
        yield { accounts: list.accounts, declaredTotal: list.accounts.length }
      },
      read: async (id) => accounts.get(id),
      roles: async () => rolesOf(list.accounts),
      check: async () => checkList(list),
    },
    writer: {
      create: async (desired) => {
        const found = list.accounts.find(({ userName }) => userName.toLowerCase() === desired.userName.toLowerCase())
        return found ? { outcome: 'exists', account: found } : { outcome: 'needsPerson', task: taskFor(desired, place) }
      },
      update: async (id, desired) => {
        throw byHand(`Change ${nameOf(id)} in ${place} to: ${describe(desired)}. Then export the list and import it again.`)
      },
      remove: async (id) => {
        if (accounts.has(id)) throw byHand(`Remove ${nameOf(id)} in ${place}. Then export the list and import it again.`)
      },
    },
  }
}

function readList(text: string): CsvList {
  try {
    return readCsvList(text)
  } catch (error) {
    if (error instanceof CsvError) throw new ConfigError(`Line ${error.line} of the list cannot be used: ${error.message}.`)
    throw error
  }
}

const capabilitiesOf = ({ found }: CsvList, place: string): Capabilities => ({
  // Asked to make somebody, the connector answers with the task for a person.
  create: true,
  update: false,
  suspend: false,
  remove: false,
  setRoles: false,
  invite: false,
  cancelInvitation: false,
  attributes: (['userName', 'email', 'givenName', 'familyName'] as const).filter(
    (name) => name === 'userName' || found.includes(name),
  ),
  notes: [
    `There is no API: every change is a task for a person, done in ${place}.`,
    'What stands there is known from the list alone. After a change, export the list and import it again.',
  ],
})

const rolesOf = (accounts: readonly Account[]): readonly VendorRole[] => [
  ...new Map(accounts.flatMap(({ roles }) => roles).map((role) => [role.id, role])).values(),
]

function checkList({ accounts, unread, found }: CsvList): CheckReport {
  const findings: CheckReport['findings'][number][] = [
    { level: 'ok', message: `The list can be read: ${accounts.length} accounts, by the columns ${found.join(', ')}.` },
    {
      level: 'warning',
      message: 'The list is as old as its export. Export it anew before a removal is called proven.',
    },
  ]
  if (unread.length > 0)
    findings.push({
      level: 'warning',
      message: `Nothing is read from ${unread.length} further columns: ${unread.slice(0, 10).join(', ')}.`,
    })
  if (!found.includes('email'))
    findings.push({
      level: 'warning',
      message: 'There is no column with e-mail addresses: people can be matched by user name alone.',
    })
  if (!found.includes('status'))
    findings.push({ level: 'warning', message: 'There is no column with a status: every account counts as active.' })
  return { usable: true, findings }
}

const describe = ({ userName, email, givenName, familyName, roleIds }: DesiredAccount): string =>
  [
    `user name ${userName}`,
    ...(email ? [`e-mail ${email}`] : []),
    ...(givenName ? [`first name ${givenName}`] : []),
    ...(familyName ? [`last name ${familyName}`] : []),
    ...(roleIds.length > 0 ? [`roles ${roleIds.join(', ')}`] : []),
  ].join(', ')

const taskFor = (desired: DesiredAccount, place: string): string =>
  `Make an account in ${place} with: ${describe(desired)}. Then export the list and import it again.`
