import type { Command } from 'commander'
import type { Client } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { command, family, hubCommand, type Context } from './context.ts'
import { healthWord, quarantineCommand, releaseCommand, showCommand } from './connection-health.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { checkUrl, connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'
import { readVendorFile, vendorBaseUrl } from './vendor-file.ts'

export const connectionCommand = (context: Context): Command =>
  family('connection', 'The vendor accounts that are acted on', [
    addCommand(context),
    listCommand(context),
    showCommand(context),
    checkCommand(context),
    writesCommand(context, { name: 'enable-writes', writesEnabled: true }),
    writesCommand(context, { name: 'disable-writes', writesEnabled: false }),
    quarantineCommand(context),
    releaseCommand(context),
    renewCommand(context),
    removeCommand(context),
  ])

interface AddOptions extends Omit<HubOptions, 'url'> {
  readonly name: string
  readonly vendor: string
  readonly credentials: string
  readonly url?: string
  readonly hub?: string
  readonly group?: string
  readonly everyone?: true
  readonly application?: true
}

/** Here `--url` is the vendor's: a connection is to somewhere. The hub is named by `--hub`, ROLLCALL_URL or the home. */
const addCommand = (context: Context) =>
  command('add', 'Connect a vendor account; it only reads until enable-writes')
    .requiredOption('--name <name>', 'what you call it')
    .requiredOption('--vendor <vendor>', 'such as bandwidth')
    .option('--url <url>', 'the vendor’s base URL (else the one in the credentials)')
    .requiredOption('--credentials <file>', 'what organization create or twin printed')
    .option('--group <displayName>', 'for the members of this group')
    .option('--everyone', 'for every active member')
    .option('--application', 'for whom the identity provider assigns through the connection’s own SCIM address')
    .option('--hub <url>', 'the hub (or ROLLCALL_URL; else the one that serves the home)')
    .option('--key-file <file>', 'file with the native key (or ROLLCALL_KEY)')
    .action(async (options: AddOptions) => {
      if ([options.group, options.everyone, options.application].filter((given) => given !== undefined).length !== 1)
        throw usageError('Say for whom the connection is: --group DISPLAYNAME, --everyone or --application.')
      const credentials = readVendorFile(options.credentials, options.vendor)
      const baseUrl = vendorBaseUrl(
        options.url === undefined ? undefined : checkUrl(options.url, 'The vendor’s URL'),
        credentials,
      )
      const hub = connectHub(context, { ...options, url: options.hub })
      const assignments = options.application
        ? []
        : options.group === undefined
          ? [{ kind: 'everyone' as const }]
          : [{ kind: 'group' as const, groupId: await findGroup(hub, options.group) }]
      const connection = await hub.createConnection({
        body: { name: options.name, vendor: options.vendor, baseUrl, credentials, assignments },
      })
      if (options.json) return context.terminal.json({ connection })
      context.terminal.data(`${connection.id}\n`)
      context.terminal.say(
        `Connected ${printable(connection.name)}. It only reads. See what is there: rollcall plan --connection ${printable(connection.name)}. Then: rollcall connection enable-writes ${printable(connection.name)}`,
      )
      context.terminal.say(
        `An identity provider assigns people to it as an application of its own at ${connection.scimBaseUrl}, with the token of: rollcall credential create --connection ${printable(connection.name)} --name ${printable(connection.name)}`,
      )
    })

async function findGroup(hub: Client, displayName: string): Promise<string> {
  const { items } = await hub.listGroups({ query: { displayName } })
  const id = items[0]?.id
  if (id !== undefined) return id
  throw usageError(
    `There is no group "${displayName}". Push it from your identity provider, or create it: curl "$ROLLCALL_URL/api/v1/groups" -H "Authorization: Bearer $ROLLCALL_KEY" -H "Content-Type: application/json" -d '${JSON.stringify({ displayName })}'`,
  )
}

const listCommand = (context: Context) =>
  hubCommand('list', 'The connections').action(async (options: HubOptions) => {
    const { items } = await connectHub(context, options).listConnections()
    if (options.json) return context.terminal.json({ connections: items })
    const rows = items.map(({ name, vendor, baseUrl, writesEnabled, id, health }) => [
      name,
      vendor,
      writesEnabled ? 'on' : 'off',
      healthWord(health),
      health.lastSuccessAt?.toISOString() ?? 'never',
      baseUrl,
      id,
    ])
    context.terminal.data(table(context.terminal, ['NAME', 'VENDOR', 'WRITES', 'HEALTH', 'LAST SUCCESS', 'URL', 'ID'], rows))
  })

const checkCommand = (context: Context) =>
  hubCommand('check', 'Ask the vendor, without changing anything, whether the credentials work')
    .argument('<name>', 'name or id of the connection')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, name)
      const check = await context.terminal.during('Asking the vendor', hub.checkConnection({ connectionId: id }))
      if (!check.usable) context.end(exitCodes.error)
      if (options.json) return context.terminal.json({ check })
      for (const { level, message } of check.findings) context.terminal.data(`${level.padEnd(7)}  ${printable(message)}\n`)
      context.terminal.say(check.usable ? 'The connection can be used.' : 'The connection cannot be used as it is.')
    })

const writesCommand = (
  context: Context,
  { name: verb, writesEnabled }: { readonly name: string; readonly writesEnabled: boolean },
) =>
  hubCommand(verb, writesEnabled ? 'Let plans change the vendor' : 'Only read from now on')
    .argument('<name>', 'name or id of the connection')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, name)
      const connection = await hub.changeConnection({ connectionId: id, body: { writesEnabled } })
      if (options.json) return context.terminal.json({ connection })
      context.terminal.say(`${printable(connection.name)}: writes are ${connection.writesEnabled ? 'on' : 'off'}.`)
    })

const renewCommand = (context: Context) =>
  hubCommand('renew', 'Give a connection new credentials, or a csv connection a new list')
    .argument('<name>', 'name or id of the connection')
    .requiredOption('--credentials <file>', 'what organization create or twin printed; of a csv connection, the list')
    .action(async (name: string, options: HubOptions & { readonly credentials: string }) => {
      const hub = connectHub(context, options)
      const { id, vendor } = await findConnection(hub, name)
      const credentials = readVendorFile(options.credentials, vendor)
      const connection = await hub.changeConnection({ connectionId: id, body: { credentials } })
      if (options.json) return context.terminal.json({ connection })
      context.terminal.say(
        `${printable(connection.name)} has new credentials. Try them: rollcall connection check ${printable(connection.name)}`,
      )
    })

const removeCommand = (context: Context) =>
  hubCommand('remove', 'Forget a connection and its secret; nothing changes at the vendor')
    .argument('<name>', 'name or id of the connection')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const connection = await findConnection(hub, name)
      await hub.deleteConnection({ connectionId: connection.id })
      if (options.json) return context.terminal.json({ connection })
      context.terminal.say(
        `Forgot ${printable(connection.name)}. The accounts at ${printable(connection.baseUrl)} stay as they are.`,
      )
    })
