import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Client } from '../dialects/native/connect.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes, type ExitCode } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { planText, waitsForApproval } from './plan-outcome.ts'
import { printable, printableLines } from './terminal.ts'

export type Offboarding = Awaited<ReturnType<Client['readOffboarding']>>

interface OffboardOptions extends HubOptions {
  readonly reason?: string
  readonly wait?: true
}

/** How often an offboarding that is followed is looked at. */
const pollMs = 1_000

export const offboardCommand = (context: Context): Command =>
  hubCommand(
    'offboard',
    'Suspend a person, lock them out at once wherever they have an account, and plan the removals; exit code 4 when those wait for approval',
  )
    .argument('<person>', 'e-mail address or user name')
    .option('--reason <text>', 'why; it stands in the receipt')
    .option('--wait', 'follow it until it waits for an approval or a person, or everything is verified')
    .action(async (person: string, options: OffboardOptions) => {
      const hub = connectHub(context, options)
      const { memberId, plans, offboarding } = await context.terminal.during(
        'Looking where they have access',
        hub.offboard({ body: { person, reason: options.reason } }),
      )
      const shown = options.wait ? await context.terminal.during('Following it', settled(hub, offboarding)) : offboarding
      // A plan without steps says why the read behind it proves nothing.
      const unread = plans.some(({ steps }) => steps.length === 0)
      context.end(codeOf(shown, plans.some(waitsForApproval), unread))
      if (options.json) return context.terminal.json({ member: { id: memberId }, plans, offboarding: shown })
      context.terminal.data(offboardingText(shown))
      for (const plan of plans) context.terminal.data(planText(plan))
      context.terminal.say(`${printable(person)} is suspended in the directory.`)
      if (shown.visits.every(({ state }) => state === 'none'))
        context.terminal.say('They have no account at any connected vendor.')
      if (unread)
        context.terminal.say(
          'A vendor could not be read completely: what is there is not known yet. It is tried again by itself.',
        )
      if (shown.state === 'open' || shown.state === 'waiting')
        context.terminal.say(`Next: rollcall offboardings show ${shown.id}`)
    })

/** Looks again until nothing more happens by itself soon. */
async function settled(hub: Client, first: Offboarding): Promise<Offboarding> {
  let seen = first
  while (seen.state === 'open') {
    await sleep(pollMs)
    seen = await hub.readOffboarding({ offboardingId: first.id })
  }
  return seen
}

function codeOf({ state }: Offboarding, waits: boolean, unread: boolean): ExitCode {
  if (waits || state === 'waiting') return exitCodes.needsApproval
  if (unread) return exitCodes.refusedByGuard
  return state === 'open' || state === 'partly' || state === 'failed' ? exitCodes.partlyDone : exitCodes.ok
}

/** The offboarding for people, as the hub tells it. */
export const offboardingText = ({ text }: Pick<Offboarding, 'text'>): string => printableLines(`${text}\n`)
