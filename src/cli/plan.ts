import type { Command } from 'commander'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { hasChanges, planText } from './plan-outcome.ts'

export const planCommand = (context: Context): Command =>
  hubCommand('plan', 'Read the vendor and show what should change; exit code 2 when something should')
    .requiredOption('--connection <name>', 'name or id of the connection')
    .option('--exit-zero', 'exit with 0 although something should change')
    .action(async (options: HubOptions & { readonly connection: string; readonly exitZero?: true }) => {
      const hub = connectHub(context, options)
      const { id } = await findConnection(hub, options.connection)
      const plan = await context.terminal.during('Reading the vendor', hub.createPlan({ connectionId: id }))
      if (hasChanges(plan) && !options.exitZero) context.end(exitCodes.changesPresent)
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(planText(plan))
    })
