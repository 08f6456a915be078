import type { Command } from 'commander'
import { hubCommand, wholeNumber, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { DirectoryError } from '../dialects/native/connect.ts'
import { graveRisks } from '../dialects/native/wire/plans.ts'
import { failureOf, report, usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'

interface ApproveOptions extends HubOptions {
  readonly digest: string
  readonly removals?: number
  readonly accept?: readonly Risk[]
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
    .option('--accept <risks>', `what is grave about it and meant, such as ${graveRisks.join(',')}`, risksIn)
    .action(async (planId: string, options: ApproveOptions) => {
      const { digest, removals, accept, reason } = options
      try {
        const hub = connectHub(context, options)
        const body = { digest, removals, reason, ...(accept && { accept: [...accept] }) }
        const approval = await hub.approvePlan({ planId, body })
        if (options.json) return context.terminal.json({ approval })
        const { standing } = await hub.readPlan({ planId })
        const missing = standing?.decision === 'waits' ? standing.quorum - standing.approvedBy.length : 0
        context.terminal.say(
          missing > 0
            ? `Approved; ${missing} more of ${standing?.quorum} people have to.`
            : `Approved. To carry it out: rollcall apply ${planId}`,
        )
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.refusal !== 'forbidden') throw error
        report(context.terminal, failureOf(error), options.json ? 'json' : 'text')
        context.end(exitCodes.refusedByGuard)
      }
    })

type Risk = (typeof graveRisks)[number]

const risksIn = (text: string): readonly Risk[] =>
  text.split(',').map((word) => {
    const risk = graveRisks.find((one) => one === word.trim())
    if (risk) return risk
    throw usageError(`--accept takes ${graveRisks.join(' and ')}, with a comma between them.`)
  })
