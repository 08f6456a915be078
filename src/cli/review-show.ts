import { Option, type Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { connectionFilter } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { memberFilter } from './member-name.ts'
import { findReview, type Review, type ReviewItem } from './review-name.ts'
import { printable, table, type Terminal } from './terminal.ts'

export interface ItemOptions extends HubOptions {
  readonly connection?: string
  readonly person?: string
  readonly kind?: 'privileged' | 'orphan' | 'plain'
  readonly state?: 'undecided' | 'keep' | 'revoke'
}

/** The options that narrow a review's items. */
export const withItemFilter = (command: Command): Command =>
  command
    .option('--connection <name>', 'only at this connection')
    .option('--person <email>', 'only of the member with that e-mail, user name or id')
    .addOption(
      new Option(
        '--kind <kind>',
        'privileged: with a role that runs or pays for the account; orphan: of nobody; plain: neither',
      ).choices(['privileged', 'orphan', 'plain']),
    )
    .addOption(new Option('--state <state>', 'only what stands so').choices(['undecided', 'keep', 'revoke']))

export async function itemFilter(hub: Client, { connection, person, kind, state }: ItemOptions) {
  return { ...(await connectionFilter(hub, connection)), ...(await memberFilter(hub, person)), kind, state }
}

export const showCommand = (context: Context): Command =>
  withItemFilter(hubCommand('show', 'A review and its items: who has what, since when, and what was decided'))
    .argument('<review>', 'its name or id')
    .option('--mine', 'only what you may decide on')
    .addHelpText('after', '\nWith --json, the review in the first line and one item in each further one.')
    .action(async (name: string, options: ItemOptions & { readonly mine?: true }) => {
      const hub = connectHub(context, options)
      const review = await findReview(hub, name)
      const query = { ...(await itemFilter(hub, options)), ...(options.mine && { mine: 'yes' as const }) }
      const items = everyItem((cursor) => hub.listReviewItems({ reviewId: review.id, query: { ...query, cursor, limit: 1000 } }))
      const { terminal } = context
      if (options.json) {
        terminal.json({ review })
        for await (const item of items) terminal.json({ item })
        return
      }
      terminal.data(headOf(review))
      let block: ReviewItem[] = []
      for await (const item of items)
        if (block.push(item) === 1000) {
          terminal.data(itemTable(terminal, block))
          block = []
        }
      if (block.length > 0) terminal.data(itemTable(terminal, block))
      if (review.state === 'open' || review.state === 'overdue')
        terminal.say(`Decide: rollcall review decide "${printable(review.name)}" --keep|--revoke ID… --reason TEXT`)
    })

function headOf({ name, state, dueAt, undecided, counts, reviewers, reads, results }: Review): string {
  const lines = [
    `${name}: ${state}, due ${dueAt.toISOString()}; what is undecided then is ${undecided === 'revoke' ? 'revoked' : 'left as it is'}`,
    `  ${counts.undecided} undecided, ${counts.keep} kept, ${counts.revoke} revoked`,
    ...reviewers.map(({ credentialId, waiting }) => `  reviewer ${credentialId}: ${waiting} undecided`),
    ...reads.map(
      ({ name: connection, at, complete, problem }) =>
        `  ${connection} as read at ${at.toISOString()}${complete ? '' : ', incomplete'}${problem === undefined ? '' : `: ${problem}`}`,
    ),
    ...results.map(
      ({ name: connection, revoked, planId, problem }) =>
        `  ${connection}: ${revoked} revoked${planId === undefined ? '' : `, plan ${planId}`}${problem === undefined ? '' : `. ${problem}`}`,
    ),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

const itemTable = (terminal: Terminal, items: readonly ReviewItem[]): string =>
  table(
    terminal,
    ['PERSON', 'CONNECTION', 'ACCOUNT', 'ROLES', 'SINCE', 'DECISION', 'WHAT CAME OF IT', 'ID'],
    items.map(({ person, connection, account, privileged, since, decision, outcome, found, id }) => [
      person ? (person.email ?? person.userName ?? person.id) : '(nobody)',
      connection.name,
      account.userName,
      account.roles.map(({ name }) => (privileged.includes(name) ? `${name}!` : name)).join(', '),
      since?.toISOString().slice(0, 10) ?? '',
      decision ? `${decision.kind}${decision.reason === undefined ? '' : `: ${decision.reason}`}` : '',
      outcome ? `${outcome.message}${found === 'gone' && outcome.kind !== 'gone' ? '; gone by now' : ''}` : '',
      id,
    ]),
  )
