import { Option, type Command } from 'commander'
import { findConnection } from './connection-name.ts'
import { family, hubCommand, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'

const roles = ['owner', 'operator', 'approver', 'auditor'] as const

export const credentialCommand = (context: Context): Command =>
  family('credential', 'Keys and tokens of the organization', [
    createCommand(context),
    listCommand(context),
    revokeCommand(context),
  ])

interface CreateOptions extends HubOptions {
  readonly name: string
  readonly role?: (typeof roles)[number]
  readonly kind?: string
  readonly connection?: string
  readonly expires?: string
}

const createCommand = (context: Context) =>
  hubCommand('create', 'Make a native key for a role, or a credential of another kind; it is shown once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what a native key may do').choices(roles))
    .option('--kind <kind>', 'another kind, such as scim')
    .option('--connection <name>', 'the token of the SCIM address of this connection, which opens nothing else')
    .option('--expires <date>', 'when it ends, such as 2027-01-31 or 2027-01-31T12:00:00Z')
    .action(async (options: CreateOptions) => {
      const { name, role, kind, expires } = options
      if ([role, kind, options.connection].filter((given) => given !== undefined).length !== 1)
        throw usageError(
          `Give --role ${roles.join('|')} for a native key, --kind for another one, or --connection NAME for the token of its SCIM address.`,
        )
      const hub = connectHub(context, options)
      const connection = options.connection === undefined ? undefined : await findConnection(hub, options.connection)
      const { credential, key } = await hub.createCredential({
        body: {
          name,
          duty: role,
          kind,
          connectionId: connection?.id,
          expiresAt: expires === undefined ? undefined : parseDate(expires),
        },
      })
      if (options.json) return context.terminal.json({ credential, key, scimBaseUrl: connection?.scimBaseUrl })
      context.terminal.data(`${key}\n`)
      if (connection) context.terminal.say(`It is good for ${connection.scimBaseUrl} and nothing else.`)
      context.terminal.say(`Made ${printable(credential.name)} (${credential.id}). Keep the line above: it is not shown again.`)
    })

/** A date alone means the end of that day in UTC. */
function parseDate(text: string): Date {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text)
    ? new Date(`${text}T23:59:59.999Z`)
    : /^\d{4}-\d{2}-\d{2}T/.test(text)
      ? new Date(text)
      : new Date(NaN)
  if (Number.isNaN(date.getTime())) throw usageError(`--expires must be a date such as 2027-01-31, not "${text}".`)
  return date
}

const listCommand = (context: Context) =>
  hubCommand('list', 'The credentials, without their secrets').action(async (options: HubOptions) => {
    const { items } = await connectHub(context, options).listCredentials()
    if (options.json) return context.terminal.json({ credentials: items })
    const day = (date: Date | undefined) => date?.toISOString().slice(0, 10) ?? '-'
    const rows = items.map((item) => [
      item.name,
      item.kind,
      item.scopes.join(','),
      item.revokedAt ? `revoked ${day(item.revokedAt)}` : item.expiresAt ? `until ${day(item.expiresAt)}` : 'valid',
      day(item.lastUsedAt),
      item.id,
    ])
    context.terminal.data(table(context.terminal, ['NAME', 'KIND', 'SCOPES', 'STATE', 'LAST USED', 'ID'], rows))
  })

const revokeCommand = (context: Context) =>
  hubCommand('revoke', 'Revoke a credential; from then on it proves nothing')
    .argument('<id>', 'id of the credential')
    .action(async (credentialId: string, options: HubOptions) => {
      const credential = await connectHub(context, options).revokeCredential({ credentialId })
      if (options.json) return context.terminal.json({ credential })
      context.terminal.say(`Revoked ${printable(credential.name)}.`)
    })
