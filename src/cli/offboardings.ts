import type { Command } from 'commander'
import { everyItem } from '../dialects/native/connect.ts'
import { family, hubCommand, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { offboardingText } from './offboard.ts'
import { findOffboarding } from './offboarding-name.ts'
import { table } from './terminal.ts'

export const offboardingsCommand = (context: Context): Command =>
  family('offboardings', 'People who leave, and where that stands at each vendor', [listCommand(context), showCommand(context)])

const states = ['open', 'waiting', 'verifying', 'settled', 'partly', 'failed', 'withdrawn'] as const

const listCommand = (context: Context) =>
  hubCommand('list', 'The offboardings, newest first')
    .option('--state <state>', `only those: ${states.join(', ')}`)
    .action(async (options: HubOptions & { readonly state?: string }) => {
      const state = states.find((each) => each === options.state)
      if (options.state !== undefined && !state)
        throw usageError(`There is no state "${options.state}". There is: ${states.join(', ')}.`)
      const hub = connectHub(context, options)
      const offboardings = await Array.fromAsync(
        everyItem((cursor) => hub.listOffboardings({ query: { cursor, limit: 1000, state } })),
      )
      if (options.json) return context.terminal.json({ offboardings })
      if (offboardings.length === 0) return context.terminal.say('Nobody is being offboarded.')
      const rows = offboardings.map(({ openedAt, person, asked, receipt, id, state: stands }) => [
        openedAt.toISOString().slice(0, 16).replace('T', ' '),
        stands,
        person.userName,
        asked.how,
        receipt ? String(receipt.number) : '',
        id,
      ])
      context.terminal.data(table(context.terminal, ['SINCE', 'STATE', 'PERSON', 'HOW', 'RECEIPT', 'ID'], rows))
    })

const showCommand = (context: Context) =>
  hubCommand('show', 'One offboarding: what was found, done, answered and read at each vendor')
    .argument('<offboarding>', 'its id, or the e-mail address or user name of the person')
    .action(async (name: string, options: HubOptions) => {
      const offboarding = await findOffboarding(connectHub(context, options), name)
      if (options.json) return context.terminal.json({ offboarding })
      context.terminal.data(offboardingText(offboarding))
    })
