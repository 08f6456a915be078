import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { outcomeOf, planText } from './plan-outcome.ts'

export const applyCommand = (context: Context): Command =>
  hubCommand('apply', 'Carry out what a plan holds and may be carried out')
    .argument('<plan>', 'id of the plan')
    .option('--digest <digest>', 'carry it out only if it is the plan that has this digest')
    .action(async (planId: string, options: HubOptions & { readonly digest?: string }) => {
      const hub = connectHub(context, options)
      const { digest } = options
      const plan = await context.terminal.during('Applying', hub.applyPlan({ planId, query: { digest } }))
      context.end(outcomeOf(plan))
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(planText(plan))
    })
