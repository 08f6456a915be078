import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { outcomeOf } from './plan-outcome.ts'
import { printableLines } from './terminal.ts'

export const applyCommand = (context: Context): Command =>
  hubCommand('apply', 'Carry out what a plan holds and may be carried out')
    .argument('<plan>', 'id of the plan')
    .action(async (planId: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const plan = await context.terminal.during('Applying', hub.applyPlan({ planId }))
      const outcome = outcomeOf(plan)
      context.end(outcome)
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(printableLines(plan.text.endsWith('\n') ? plan.text : `${plan.text}\n`))
      if (outcome === exitCodes.partlyDone) context.terminal.say('Not every step is done; the reasons stand beside the steps.')
      if (outcome === exitCodes.needsApproval)
        context.terminal.say(`The rest waits for approval: rollcall approve ${plan.id} --digest ${plan.digest} --reason TEXT`)
    })
