import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { outcomeOf, planText } from './plan-outcome.ts'

export const applyCommand = (context: Context): Command =>
  hubCommand('apply', 'Carry out what a plan holds and may be carried out')
    .argument('<plan>', 'id of the plan')
    .action(async (planId: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const plan = await context.terminal.during('Applying', hub.applyPlan({ planId }))
      context.end(outcomeOf(plan))
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(planText(plan))
    })
