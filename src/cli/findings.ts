import type { Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { table, type Terminal } from './terminal.ts'

export type Finding = Awaited<ReturnType<Client['listFindings']>>['items'][number]

export const findingsCommand = (context: Context): Command =>
  hubCommand('findings', 'What the last reads showed and nobody asked for')
    .option('--connection <name>', 'only of this connection')
    .option('--all', 'those that are settled too')
    .action(async (options: HubOptions & { readonly connection?: string; readonly all?: true }) => {
      const hub = connectHub(context, options)
      const connectionId = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const findings = await Array.fromAsync(
        everyItem((cursor) =>
          hub.listFindings({ query: { cursor, limit: 1000, connectionId, state: options.all ? 'all' : 'open' } }),
        ),
      )
      if (options.json) return context.terminal.json({ findings })
      if (findings.length > 0) context.terminal.data(findingsTable(context.terminal, findings))
      else context.terminal.say('Nothing was found.')
    })

export const findingsTable = (terminal: Pick<Terminal, 'strong'>, findings: readonly Finding[]): string =>
  table(
    terminal,
    ['KIND', 'SUBJECT', 'SINCE', 'WHAT'],
    findings.map(({ kind, subject, openedAt, closedAt, message }) => [
      closedAt ? `${kind} (settled)` : kind,
      subject,
      openedAt.toISOString().slice(0, 16).replace('T', ' '),
      message,
    ]),
  )
