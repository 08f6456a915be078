import { Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { comparedText } from './compared-text.ts'
import { connectionFilter } from './connection-name.ts'
import { hubCommand, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { memberFilter } from './member-name.ts'
import { printable, table } from './terminal.ts'

type Question = Awaited<ReturnType<Client['readQuestion']>>

export const questionsCommand = (context: Context): Command => {
  const questions = new Command('questions').description('Which account is whose, where the rules cannot tell')
  questions.addCommand(listCommand(context), { isDefault: true })
  return questions.addCommand(showCommand(context)).addCommand(answerCommand(context))
}

const listCommand = (context: Context) =>
  hubCommand('list', 'The open questions, newest first')
    .option('--connection <name>', 'only of this connection')
    .option('--person <email>', 'only of the member with that e-mail, user name or id')
    .option('--all', 'answered and withdrawn ones too')
    .action(async (options: HubOptions & { readonly connection?: string; readonly person?: string; readonly all?: true }) => {
      const hub = connectHub(context, options)
      const filter = {
        ...(await connectionFilter(hub, options.connection)),
        ...(await memberFilter(hub, options.person)),
        state: options.all ? ('all' as const) : ('open' as const),
      }
      const questions = await Array.fromAsync(
        everyItem((cursor) => hub.listQuestions({ query: { cursor, limit: 1000, ...filter } })),
      )
      if (options.json) return context.terminal.json({ questions })
      if (questions.length === 0) return context.terminal.say('There is nothing to answer.')
      const rows = questions.map(({ id, subject, state, candidates, reason }) => [
        subject,
        state,
        candidates.map(({ accountId }) => accountId).join(' '),
        id,
        reason,
      ])
      context.terminal.data(table(context.terminal, ['PERSON', 'STATE', 'ACCOUNTS', 'ID', 'WHY'], rows))
      context.terminal.say('Look at one: rollcall questions show ID')
    })

const showCommand = (context: Context) =>
  hubCommand('show', 'One question, with what speaks for each account and against it')
    .argument('<id>', 'id of the question')
    .action(async (questionId: string, options: HubOptions) => {
      const question = await connectHub(context, options).readQuestion({ questionId })
      if (options.json) return context.terminal.json({ question })
      context.terminal.data(questionText(question))
    })

interface AnswerOptions extends HubOptions {
  readonly link?: string
  readonly notTheSame?: true
  readonly ignore?: true
  readonly reason: string
  readonly seen?: number
}

const answerCommand = (context: Context) =>
  hubCommand('answer', 'Say whose account it is')
    .argument('<id>', 'id of the question')
    .option('--link <account>', 'this account is the person’s')
    .option('--not-the-same', 'none of the accounts is the person’s: one of their own may be made')
    .option('--ignore', 'leave it: nothing is linked and nothing made')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .option(
      '--seen <version>',
      'the version that you looked at: another one is refused (else the one that is there now)',
      wholeNumber('--seen', { from: 1, to: 999_999_999 }),
    )
    .action(async (questionId: string, options: AnswerOptions) => {
      const { link, notTheSame, ignore, reason } = options
      if ([link, notTheSame, ignore].filter((given) => given !== undefined).length !== 1)
        throw usageError('Give one answer: --link ACCOUNT, --not-the-same or --ignore.')
      const hub = connectHub(context, options)
      const version = options.seen ?? (await hub.readQuestion({ questionId })).version
      const answer = link === undefined ? (notTheSame ? ('notTheSame' as const) : ('ignore' as const)) : ('link' as const)
      const question = await hub.answerQuestion({
        questionId,
        body: { version, answer, reason, ...(link !== undefined && { accountId: link }) },
      })
      if (options.json) return context.terminal.json({ question })
      context.terminal.say('Answered. What follows from it is planned: rollcall plan')
    })

/** A question for a terminal. */
export function questionText(question: Question): string {
  const { id, subject, reason, state, version, candidates, answer } = question
  const lines = [
    `${subject}: ${reason} (${state}, version ${version})`,
    ...candidates.flatMap(({ accountId, userName, compared, heldBy, alsoFits }) => [
      `  account ${accountId} (${userName})${heldBy ? `, linked to ${heldBy}` : ''}${alsoFits.length > 0 ? `, fits ${alsoFits.join(', ')} too` : ''}`,
      ...compared.map((one) => `    ${comparedText(one)}`),
    ]),
    ...(answer
      ? [`  answered ${answer.kind}${answer.accountId ? ` ${answer.accountId}` : ''} by ${answer.by}: ${answer.reason}`]
      : []),
    ...(state === 'open'
      ? [`Next: rollcall questions answer ${id} --link ACCOUNT | --not-the-same | --ignore, with --reason TEXT`]
      : []),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}
