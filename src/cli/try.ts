import type { Command } from 'commander'
import type { Client } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes, type ExitCode } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table, type Terminal } from './terminal.ts'

export const tryCommand = (context: Context): Command =>
  hubCommand(
    'try',
    'Show one person’s way to one vendor, step by step, and do it with --apply; exit code 2 when something would change',
  )
    .argument('<person>', 'e-mail address or user name')
    .requiredOption('--connection <name>', 'name or id of the connection')
    .option('--apply', 'do it, for this person alone; what needs an approval waits for it')
    .action(async (person: string, options: HubOptions & { readonly connection: string; readonly apply?: true }) => {
      const hub = connectHub(context, options)
      const { id: connectionId } = await findConnection(hub, options.connection)
      const input = { connectionId, body: { person } }
      const report = options.apply
        ? await context.terminal.during('Provisioning', hub.provisionPerson(input))
        : await context.terminal.during('Asking the vendor', hub.tryPerson(input))
      context.end(exitCodeOf(report))
      if (options.json) return context.terminal.json({ report })
      context.terminal.data(reportText(context.terminal, report))
    })

export type Report = Awaited<ReturnType<Client['tryPerson']>>

/** What trying came to: with something that would change, waits, or stopped on the way. */
export function exitCodeOf({ steps, kind, planId }: Report): ExitCode {
  const last = steps.at(-1)?.outcome
  if (last === 'stopped') return planId === undefined ? exitCodes.error : exitCodes.partlyDone
  if (last === 'waits') return exitCodes.needsApproval
  return last === 'notAsked' && kind !== undefined ? exitCodes.changesPresent : exitCodes.ok
}

const titles: Readonly<Record<Report['steps'][number]['name'], string>> = {
  person: 'Person',
  assignment: 'Assigned',
  match: 'Account',
  write: 'Write',
  readBack: 'Read back',
}

/** A line for each step, and under them one for each attribute of the account. */
export function reportText(terminal: Pick<Terminal, 'strong'>, { steps, attributes }: Report): string {
  const lines = steps.map(
    ({ name, outcome, message }, index) =>
      `${index + 1}  ${titles[name].padEnd(9)}  ${outcome.padEnd(8)}  ${printable(message)}\n`,
  )
  if (attributes.length === 0) return lines.join('')
  const rows = attributes.map(({ attribute, atVendor = '-', wanted = '-', action, reason }) => [
    attribute,
    atVendor,
    wanted,
    action,
    reason,
  ])
  return `${lines.join('')}\n${table(terminal, ['ATTRIBUTE', 'AT THE VENDOR', 'WANTED', 'ACTION', 'WHY'], rows)}`
}
