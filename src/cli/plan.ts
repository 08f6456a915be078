import { Option, type Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { planAsMarkdown } from '../dialects/native/plan-markdown.ts'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { hasChanges, planText } from './plan-outcome.ts'
import { printable, printableLines, table } from './terminal.ts'

interface PlanOptions extends HubOptions {
  readonly connection?: string
  readonly format: 'text' | 'markdown' | 'json'
  readonly exitZero?: true
}

export const planCommand = (context: Context): Command =>
  hubCommand(
    'plan',
    'Read the vendor and show what should change, or show a plan that was made; exit code 2 when something should change',
  )
    .argument('[plan]', 'id of a plan that was made; without it and --connection, the open plans are listed')
    .option('--connection <name>', 'name or id of the connection to read and plan for')
    .addOption(new Option('--format <format>', 'how the plan is told').choices(['text', 'markdown', 'json']).default('text'))
    .option('--exit-zero', 'exit with 0 although something should change')
    .action(async (planId: string | undefined, options: PlanOptions) => {
      if (planId !== undefined && options.connection !== undefined)
        throw usageError('Name a plan or a --connection to plan for, not both.')
      const hub = connectHub(context, options)
      if (planId === undefined && options.connection === undefined) return listOpen(context, hub, options)
      const plan = planId === undefined ? await planAnew(context, hub, options.connection ?? '') : await hub.readPlan({ planId })
      if (hasChanges(plan) && !options.exitZero) context.end(exitCodes.changesPresent)
      if (options.json || options.format === 'json') return context.terminal.json({ plan })
      if (options.format === 'markdown') return context.terminal.data(printableLines(`${planAsMarkdown(plan)}\n`))
      context.terminal.data(planText(plan))
    })

async function planAnew(context: Context, hub: Client, connection: string) {
  const { id } = await findConnection(hub, connection)
  return context.terminal.during('Reading the vendor', hub.createPlan({ connectionId: id }))
}

async function listOpen({ terminal, end }: Context, hub: Client, { json, format, exitZero }: PlanOptions): Promise<void> {
  const plans = await Array.fromAsync(everyItem((cursor) => hub.listPlans({ query: { cursor, state: 'open' } })))
  if (plans.length > 0 && !exitZero) end(exitCodes.changesPresent)
  if (json || format === 'json') return terminal.json({ plans })
  const { items } = await hub.listConnections()
  const names = new Map(items.map(({ id, name }) => [id, name]))
  const rows = plans.map(({ id, connectionId, removals, reason, createdAt }) => [
    id,
    printable(names.get(connectionId) ?? connectionId),
    String(removals),
    createdAt.toISOString(),
    printable(reason),
  ])
  terminal.data(table(terminal, ['PLAN', 'CONNECTION', 'REMOVALS', 'MADE', 'WHY'], rows))
  terminal.say(
    plans.length > 0 ? 'To see one: rollcall plan PLAN' : 'No plan is open. To make one: rollcall plan --connection NAME',
  )
}
