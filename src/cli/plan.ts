import type { Command } from 'commander'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { hasChanges, waitsForApproval } from './plan-outcome.ts'
import { printableLines } from './terminal.ts'

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
      context.terminal.data(printableLines(plan.text.endsWith('\n') ? plan.text : `${plan.text}\n`))
      if (!hasChanges(plan)) return
      if (waitsForApproval(plan))
        context.terminal.say(`To approve: rollcall approve ${plan.id} --digest ${plan.digest} --reason TEXT${plan.removals > 0 ? ` --removals ${plan.removals}` : ''}`)
      context.terminal.say(`To carry out: rollcall apply ${plan.id}`)
    })
