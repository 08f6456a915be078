import type { Command } from 'commander'
import { everyItem } from '../dialects/native/connect.ts'
import { comparedText } from './compared-text.ts'
import { findConnection } from './connection-name.ts'
import { family, hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { findMember } from './member-name.ts'
import { hasChanges, planText } from './plan-outcome.ts'
import { questionText } from './questions.ts'
import { printable, table } from './terminal.ts'

export const linksCommand = (context: Context): Command =>
  family('links', 'Which account is whose, and why', [
    listCommand(context),
    explainCommand(context),
    unlinkCommand(context),
    mergeCommand(context),
  ])

interface LinkOptions extends HubOptions {
  readonly connection: string
}

const ofConnection = (name: string, summary: string) =>
  hubCommand(name, summary).requiredOption('--connection <name>', 'name or id of the connection')

const listCommand = (context: Context) =>
  ofConnection('list', 'The links of a connection, and the accounts that somebody marked').action(
    async (options: LinkOptions) => {
      const hub = connectHub(context, options)
      const { id: connectionId } = await findConnection(hub, options.connection)
      const links = await Array.fromAsync(everyItem((cursor) => hub.listLinks({ connectionId, query: { cursor, limit: 1000 } })))
      const markings = await Array.fromAsync(
        everyItem((cursor) => hub.listMarkings({ connectionId, query: { cursor, limit: 1000 } })),
      )
      if (options.json) return context.terminal.json({ links, markings })
      if (links.length + markings.length === 0)
        return context.terminal.say(`There are none. Read the vendor first: rollcall import ${printable(options.connection)}`)
      const rows = [
        ...links.map((link) => [
          link.accountId,
          link.memberId,
          link.confidence ? `${link.rule} (${link.confidence})` : link.rule,
          minuteOf(link.madeAt),
          link.madeBy ?? '',
        ]),
        ...markings.map((marking) => [
          marking.accountId,
          marking.kind === 'outside' ? '(nobody)' : `(${marking.memberId ?? ''})`,
          marking.kind === 'outside' ? 'outside' : `surplus, keeps ${marking.keptAccountId ?? ''}`,
          minuteOf(marking.at),
          marking.by,
        ]),
      ]
      context.terminal.data(table(context.terminal, ['ACCOUNT', 'MEMBER', 'RULE', 'MADE', 'BY'], rows))
    },
  )

const explainCommand = (context: Context) =>
  ofConnection('explain', 'By which rule an account is a member’s, what was compared, and what happened since')
    .argument('<person>', 'e-mail, user name or id of the member')
    .action(async (person: string, options: LinkOptions) => {
      const hub = connectHub(context, options)
      const { id: connectionId, name } = await findConnection(hub, options.connection)
      const explanation = await hub.explainLink({ connectionId, memberId: await findMember(hub, person) })
      if (options.json) return context.terminal.json(explanation)
      const { link, question, history } = explanation
      const how = link.confidence ? `${link.rule}, ${link.confidence}` : link.rule
      context.terminal.data(
        [
          `Account ${link.accountId} at ${name}: ${how}, ${link.madeAt.toISOString()}${link.madeBy ? `, by ${link.madeBy}` : ''}`,
          ...(link.compared ?? []).map((one) => `  ${comparedText(one)}`),
          ...(link.kept ?? []).map(
            ({ attribute, ours, theirs }) =>
              `  accepted ${attribute}: ${theirs.join(', ') || '(none)'} instead of ${ours.join(', ') || '(none)'}`,
          ),
          ...(question?.answer
            ? [`  asked and answered ${question.answer.kind} by ${question.answer.by}: ${question.answer.reason}`]
            : []),
          ...history.map(({ at, action, actor, detail }) => {
            const why = typeof detail['reason'] === 'string' ? `: ${detail['reason']}` : ''
            return `  ${at.toISOString()} ${action} by ${actor}${why}`
          }),
        ]
          .map((line) => `${printable(line)}\n`)
          .join(''),
      )
    })

const unlinkCommand = (context: Context) =>
  ofConnection('unlink', 'Take a link away and ask whose the account is; or take back what was said of an account')
    .argument('[person]', 'e-mail, user name or id of the member')
    .option('--account <id>', 'the account whose mark is taken back')
    .option('--reason <text>', 'why the link goes; it stays on record')
    .action(
      async (person: string | undefined, options: LinkOptions & { readonly account?: string; readonly reason?: string }) => {
        if ((person === undefined) === (options.account === undefined))
          throw usageError('Name the member whose link goes, or with --account the account whose mark goes.')
        const hub = connectHub(context, options)
        const { id: connectionId } = await findConnection(hub, options.connection)
        if (options.account !== undefined) {
          await hub.unmarkAccount({ connectionId, accountId: options.account })
          if (options.json) return context.terminal.json({ accountId: options.account })
          return context.terminal.say('The mark is taken back.')
        }
        if (options.reason === undefined) throw usageError('Say why, it stays on record: --reason TEXT')
        const memberId = await findMember(hub, person ?? '')
        const { question } = await hub.unlinkAccount({ connectionId, memberId, body: { reason: options.reason } })
        if (options.json) return context.terminal.json({ question })
        if (!question) return context.terminal.say('The link is taken away.')
        context.terminal.data(questionText(question))
        context.terminal.say('The link is taken away. Until that is answered nothing is linked and nothing made for them there.')
      },
    )

const mergeCommand = (context: Context) =>
  ofConnection('merge', 'Keep one of two accounts of a member and plan the removal of the other; exit code 2 when planned')
    .requiredOption('--keep <account>', 'id of the account that stays')
    .requiredOption('--remove <account>', 'id of the account that goes, once somebody else approves')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (options: LinkOptions & { readonly keep: string; readonly remove: string; readonly reason: string }) => {
      const hub = connectHub(context, options)
      const { id: connectionId } = await findConnection(hub, options.connection)
      const body = { keepAccountId: options.keep, removeAccountId: options.remove, reason: options.reason }
      const plan = await context.terminal.during('Reading the vendor', hub.mergeAccounts({ connectionId, body }))
      if (hasChanges(plan)) context.end(exitCodes.changesPresent)
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(planText(plan))
    })

const minuteOf = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ')
