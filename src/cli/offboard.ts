import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { hasChanges, waitsForApproval } from './plan-outcome.ts'
import { printable, printableLines } from './terminal.ts'

export const offboardCommand = (context: Context): Command =>
  hubCommand('offboard', 'Suspend a person and plan the removal wherever they have an account; exit code 4 when that waits for approval')
    .argument('<person>', 'e-mail address or user name')
    .action(async (person: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { memberId, plans } = await context.terminal.during('Looking where they have access', hub.offboard({ body: { person } }))
      const waiting = plans.filter(waitsForApproval)
      if (waiting.length > 0) context.end(exitCodes.needsApproval)
      if (options.json) return context.terminal.json({ member: { id: memberId }, plans })
      for (const plan of plans) context.terminal.data(printableLines(plan.text.endsWith('\n') ? plan.text : `${plan.text}\n`))
      context.terminal.say(`${printable(person)} is suspended in the directory.`)
      if (!plans.some(hasChanges)) context.terminal.say('They have no account at any connected vendor.')
      for (const { id, digest, removals } of waiting)
        context.terminal.say(`Somebody else approves: rollcall approve ${id} --digest ${digest} --removals ${removals} --reason TEXT`)
    })
