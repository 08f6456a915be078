import type { Command } from 'commander'
import { findConnection, oneName } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { findingsTable } from './findings.ts'
import { printable } from './terminal.ts'

export const importCommand = (context: Context): Command =>
  hubCommand('import', 'Read a vendor completely and match its accounts to members; changes nothing there')
    .argument('[name]', 'name or id of the connection')
    .option('--connection <name>', 'the same')
    .action(async (name: string | undefined, options: HubOptions & { readonly connection?: string }) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, oneName(name, options.connection))
      const report = await context.terminal.during('Reading the vendor', hub.importAccounts({ connectionId: id }))
      const { certificate } = report.snapshot
      if (!certificate.complete) context.end(exitCodes.refusedByGuard)
      if (options.json) return context.terminal.json(report)
      if (report.findings.length > 0) context.terminal.data(findingsTable(context.terminal, report.findings))
      context.terminal.say(
        certificate.complete
          ? `Read ${certificate.accounts} accounts completely; ${report.matched} belong to members.${next(report.findings.length)}`
          : `The read is incomplete and proves nothing: ${certificate.reasons.map(printable).join(' ')}`,
      )
    })

const next = (findings: number): string =>
  findings > 0 ? ' What to do about a finding: rollcall findings --help' : ' What would change: rollcall plan'
