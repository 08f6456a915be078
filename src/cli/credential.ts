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
    clientCommand(context),
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

interface ClientOptions extends HubOptions {
  readonly name: string
  readonly connection?: string
  readonly expires?: string
  readonly issuer?: string
  readonly keys?: string
  readonly subject?: string
  readonly audience?: string
}

const clientCommand = (context: Context) =>
  hubCommand('client', 'Make an OAuth 2.0 client for SCIM: with a secret, or with --issuer and --keys one that signs assertions')
    .requiredOption('--name <name>', 'what it is for')
    .option('--connection <name>', 'for the SCIM address of this connection alone')
    .option('--expires <date>', 'when it ends, such as 2027-01-31 or 2027-01-31T12:00:00Z')
    .option('--issuer <issuer>', 'who signs: the iss of its assertions')
    .option('--keys <url>', 'where the keys of the issuer are published')
    .option('--subject <subject>', 'the sub of its assertions; the client id where it is not given')
    .option('--audience <audience>', 'the aud of its assertions; the token endpoint where it is not given')
    .action(async (options: ClientOptions) => {
      const { name, issuer, keys, subject, audience } = options
      if ((issuer === undefined) !== (keys === undefined))
        throw usageError('Give --issuer and --keys together: who signs, and where their keys are published.')
      if (issuer === undefined && (subject ?? audience) !== undefined)
        throw usageError('--subject and --audience are of assertions. Give --issuer and --keys too.')
      const hub = connectHub(context, options)
      const connection = options.connection === undefined ? undefined : await findConnection(hub, options.connection)
      const expiresAt = options.expires === undefined ? undefined : parseDate(options.expires)
      const common = { name, connectionId: connection?.id, expiresAt }
      const made =
        issuer === undefined || keys === undefined
          ? await hub.createCredential({ body: { ...common, kind: 'scimclient' } })
          : await hub.createAssertingClient({ body: { ...common, issuer, keysUrl: keys, subject, audience } })
      const { credential, tokenUrl } = made
      const printed = {
        clientId: credential.identifier,
        ...('key' in made && { clientSecret: made.key }),
        tokenUrl,
        ...(credential.assertion && { subject: credential.assertion.subject, audience: credential.assertion.audience }),
        ...(connection && { scimBaseUrl: connection.scimBaseUrl }),
      }
      if (options.json) return context.terminal.json({ credential, ...printed })
      context.terminal.data(
        Object.entries(printed)
          .map(([label, value]) => `${label.padEnd(12)} ${printable(value ?? '')}\n`)
          .join(''),
      )
      if ('key' in made) context.terminal.say('Keep the secret: it is not shown again.')
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

/** As long before its end as the facts tell of it. */
const noticeDays = 14
const daysUntil = (date: Date, now: number): number => Math.ceil((date.getTime() - now) / (24 * 60 * 60 * 1_000))

interface Standing {
  readonly revokedAt?: Date | undefined
  readonly expiresAt?: Date | undefined
}

function stateOf({ revokedAt, expiresAt }: Standing, now: number): string {
  const day = (date: Date) => date.toISOString().slice(0, 10)
  if (revokedAt) return `revoked ${day(revokedAt)}`
  if (!expiresAt) return 'valid'
  return `${expiresAt.getTime() <= now ? 'expired' : 'until'} ${day(expiresAt)}`
}

const listCommand = (context: Context) =>
  hubCommand('list', 'The credentials, without their secrets').action(async (options: HubOptions) => {
    const { items } = await connectHub(context, options).listCredentials()
    if (options.json) return context.terminal.json({ credentials: items })
    const now = Date.now()
    const rows = items.map((item) => [
      item.name,
      item.kind,
      item.scopes.join(','),
      stateOf(item, now),
      item.lastUsedAt ? `${item.lastUsedAt.toISOString().slice(0, 16).replace('T', ' ')}Z` : '-',
      item.id,
    ])
    context.terminal.data(table(context.terminal, ['NAME', 'KIND', 'SCOPES', 'STATE', 'LAST USED', 'ID'], rows))
    for (const { name, revokedAt, expiresAt } of items) {
      const days = revokedAt || !expiresAt ? undefined : daysUntil(expiresAt, now)
      if (days !== undefined && days > 0 && days <= noticeDays)
        context.terminal.say(
          `${printable(name)} ends in ${days} ${days === 1 ? 'day' : 'days'}: make another one, put it in its place, and revoke this one.`,
        )
    }
  })

const revokeCommand = (context: Context) =>
  hubCommand('revoke', 'Revoke a credential; from then on it proves nothing')
    .argument('<id>', 'id of the credential')
    .action(async (credentialId: string, options: HubOptions) => {
      const credential = await connectHub(context, options).revokeCredential({ credentialId })
      if (options.json) return context.terminal.json({ credential })
      context.terminal.say(`Revoked ${printable(credential.name)}.`)
    })
