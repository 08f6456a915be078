import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { planText, waitsForApproval } from './plan-outcome.ts'
import { printable } from './terminal.ts'

export const offboardCommand = (context: Context): Command =>
  hubCommand(
    'offboard',
    'Suspend a person and plan the removal wherever they have an account; exit code 4 when that waits for approval',
  )
    .argument('<person>', 'e-mail address or user name')
    .action(async (person: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { memberId, plans } = await context.terminal.during(
        'Looking where they have access',
        hub.offboard({ body: { person } }),
      )
      // A plan without steps says why the read behind it proves nothing.
      const unread = plans.some(({ steps }) => steps.length === 0)
      if (plans.some(waitsForApproval)) context.end(exitCodes.needsApproval)
      else if (unread) context.end(exitCodes.refusedByGuard)
      if (options.json) return context.terminal.json({ member: { id: memberId }, plans })
      for (const plan of plans) context.terminal.data(planText(plan))
      context.terminal.say(`${printable(person)} is suspended in the directory.`)
      if (plans.length === 0) context.terminal.say('They have no account at any connected vendor.')
      if (unread)
        context.terminal.say(
          'A vendor could not be read completely: what is there is not known yet. It is tried again by itself.',
        )
    })
