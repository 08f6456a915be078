import { findConnection, type Connection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'

type Health = Connection['health']

/** One word for a list; `silent` beside it where nothing complete was read for too long. */
export const healthWord = ({ state, silentSince }: Health): string => (silentSince ? `${state}, silent` : state)

export const showCommand = (context: Context) =>
  hubCommand('show', 'One connection: whether its vendor works, when it last did, and why nothing is written where that is so')
    .argument('<name>', 'name or id of the connection')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, name)
      const shown = await hub.readConnection({ connectionId: id })
      if (options.json) return context.terminal.json(shown)
      const { connection, snapshot } = shown
      const { health } = connection
      const rows: (readonly [string, string])[] = [
        ['name', connection.name],
        ['id', connection.id],
        ['vendor', connection.vendor],
        ['url', connection.baseUrl],
        ['writes', connection.writesEnabled ? 'on' : 'off'],
        ['health', healthWord(health)],
        ['last success', health.lastSuccessAt?.toISOString() ?? 'never'],
        ['last complete read', health.lastReadAt?.toISOString() ?? 'never'],
        ...(snapshot ? [['accounts', String(snapshot.certificate.accounts)] as const] : []),
        ...(health.lastFailure
          ? [['last failure', `${health.lastFailure.at.toISOString()}: ${health.lastFailure.message}`] as const]
          : []),
      ]
      context.terminal.data(table(context.terminal, ['', ''], rows).replace(/^.*\n/, ''))
      for (const line of quarantineLines(connection)) context.terminal.say(printable(line))
    })

/** What quarantine means for a connection now, and what ends it. */
function quarantineLines({ name, health: { quarantine, silentSince } }: Connection): readonly string[] {
  const silent = silentSince
    ? [`Nothing complete was read of it for too long; the alarm stands since ${silentSince.toISOString()}.`]
    : []
  if (!quarantine) return silent
  const { since, reason, probeAt, probes, successes, lastProbe } = quarantine
  return [
    ...silent,
    `In quarantine since ${since.toISOString()}: ${reason}`,
    probeAt
      ? `Nothing is written until it works again. The next probe is at ${probeAt.toISOString()}; ${probes} were sent, the last ${successes} went well${lastProbe === undefined ? '' : `, and the last one that did not said: ${lastProbe}`}`
      : 'Nothing is written until somebody releases it.',
    `To let it write now: rollcall connection release ${name} --reason TEXT`,
  ]
}

interface Because extends HubOptions {
  readonly reason: string
}

export const quarantineCommand = (context: Context) =>
  hubCommand('quarantine', 'Write nothing to a vendor until somebody releases the connection; what is approved waits')
    .argument('<name>', 'name or id of the connection')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (name: string, options: Because) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, name)
      const connection = await hub.quarantineConnection({ connectionId: id, body: { reason: options.reason } })
      if (options.json) return context.terminal.json({ connection })
      for (const line of quarantineLines(connection)) context.terminal.say(printable(line))
    })

export const releaseCommand = (context: Context) =>
  hubCommand('release', 'Let a connection out of quarantine: it goes on where it stopped')
    .argument('<name>', 'name or id of the connection')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (name: string, options: Because) => {
      const hub = connectHub(context, options)
      const before = await findConnection(hub, name)
      const connection = await hub.releaseConnection({ connectionId: before.id, body: { reason: options.reason } })
      if (options.json) return context.terminal.json({ connection })
      context.terminal.say(
        before.health.quarantine
          ? `${printable(connection.name)} goes on where it stopped. See how it does: rollcall connection show ${printable(connection.name)}`
          : `${printable(connection.name)} is not in quarantine: nothing was changed.`,
      )
    })
