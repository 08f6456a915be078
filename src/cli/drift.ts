import type { Command } from 'commander'
import { findConnection, oneName } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { findingsTable } from './findings.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable } from './terminal.ts'

export const driftCommand = (context: Context): Command =>
  hubCommand('drift', 'Read a vendor and show what differs from what should be; exit code 2 when something does')
    .argument('[name]', 'name or id of the connection')
    .option('--connection <name>', 'the same')
    .option('--exit-zero', 'exit with 0 although something differs')
    .action(
      async (name: string | undefined, options: HubOptions & { readonly connection?: string; readonly exitZero?: true }) => {
        const hub = connectHub(context, options)
        const { id } = await findConnection(hub, oneName(name, options.connection))
        const { snapshot, findings: all } = await context.terminal.during(
          'Reading the vendor',
          hub.importAccounts({ connectionId: id }),
        )
        const { complete, reasons } = snapshot.certificate
        const findings = all.filter(({ state }) => state === 'open')
        if (!complete) context.end(exitCodes.refusedByGuard)
        else if (findings.length > 0 && !options.exitZero) context.end(exitCodes.changesPresent)
        if (options.json) return context.terminal.json({ complete, findings })
        if (findings.length > 0) context.terminal.data(findingsTable(context.terminal, findings))
        if (!complete) context.terminal.say(`The read is incomplete and proves nothing: ${reasons.map(printable).join(' ')}`)
        else if (findings.length === 0) context.terminal.say('Nothing differs.')
      },
    )
