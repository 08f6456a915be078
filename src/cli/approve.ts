import type { Command } from 'commander'
import { hubCommand, wholeNumber, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { DirectoryError } from '../dialects/native/connect.ts'
import { failureOf, report } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'

interface ApproveOptions extends HubOptions {
  readonly digest: string
  readonly removals?: number
  readonly reason: string
}

export const approveCommand = (context: Context): Command =>
  hubCommand('approve', 'Approve a plan that somebody else asked for')
    .argument('<plan>', 'id of the plan')
    .requiredOption('--digest <digest>', 'the digest that rollcall plan showed: what you saw is what you approve')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .option(
      '--removals <n>',
      'how many accounts go, where that is beyond the limit',
      wholeNumber('--removals', { from: 0, to: 10_000_000 }),
    )
    .action(async (planId: string, options: ApproveOptions) => {
      const { digest, removals, reason } = options
      try {
        const approval = await connectHub(context, options).approvePlan({ planId, body: { digest, removals, reason } })
        if (options.json) return context.terminal.json({ approval })
        context.terminal.say(`Approved. To carry it out: rollcall apply ${planId}`)
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.refusal !== 'forbidden') throw error
        report(context.terminal, failureOf(error), options.json ? 'json' : 'text')
        context.end(exitCodes.refusedByGuard)
      }
    })
