import { Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { connectionFilter } from './connection-name.ts'
import { hubCommand, wholeNumber, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { memberFilter } from './member-name.ts'
import { hasChanges, planText } from './plan-outcome.ts'
import { printable, table, type Terminal } from './terminal.ts'

export type Finding = Awaited<ReturnType<Client['listFindings']>>['items'][number]

export const findingsCommand = (context: Context): Command => {
  const findings = new Command('findings').description('What the last reads showed and nobody asked for, over all connections')
  findings.addCommand(listCommand(context), { isDefault: true })
  for (const create of [showCommand, adoptCommand, revertCommand, ignoreCommand]) findings.addCommand(create(context))
  return findings
}

const kinds: readonly Finding['kind'][] = [
  'orphan',
  'missing',
  'extraRight',
  'drift',
  'staleInvitation',
  'duplicate',
  'residual',
  'returned',
  'keyTooOld',
  'badRead',
  'silence',
]
const states = ['open', 'ignored', 'closed', 'all'] as const

interface ListOptions extends HubOptions {
  readonly connection?: string
  readonly person?: string
  readonly kind?: string
  readonly state?: string
  readonly all?: true
  readonly counts?: true
}

const listCommand = (context: Context) =>
  hubCommand('list', 'The findings, newest first')
    .option('--connection <name>', 'only of this connection')
    .option('--person <email>', 'only of the member with that e-mail, user name or id')
    .option('--kind <kind>', `only of this kind: ${kinds.join(', ')}`)
    .option('--state <state>', `${states.join(', ')}; open where it is not said`)
    .option('--all', 'the same as --state all')
    .option('--counts', 'only how many there are of each kind')
    .action(async (options: ListOptions) => {
      const hub = connectHub(context, options)
      const query = {
        ...(await connectionFilter(hub, options.connection)),
        ...(await memberFilter(hub, options.person)),
        kind: oneOf(kinds, options.kind, '--kind'),
        state: options.all ? ('all' as const) : oneOf(states, options.state, '--state'),
      }
      if (options.counts) {
        const counts = await hub.countFindings({ query })
        if (options.json) return context.terminal.json(counts)
        const rows = counts.kinds.map(({ kind, count }) => [kind, String(count)])
        return context.terminal.data(table(context.terminal, ['KIND', 'COUNT'], [...rows, ['total', String(counts.total)]]))
      }
      const findings = await Array.fromAsync(
        everyItem((cursor) => hub.listFindings({ query: { cursor, limit: 1000, ...query } })),
      )
      if (options.json) return context.terminal.json({ findings })
      if (findings.length === 0) return context.terminal.say('Nothing was found.')
      context.terminal.data(findingsTable(context.terminal, findings))
      context.terminal.say('Decide on one: rollcall findings show ID')
    })

const showCommand = (context: Context) =>
  hubCommand('show', 'One finding: what differs, what was decided, and what can be done')
    .argument('<id>', 'id of the finding')
    .action(async (findingId: string, options: HubOptions) => {
      const finding = await connectHub(context, options).readFinding({ findingId })
      if (options.json) return context.terminal.json({ finding })
      context.terminal.data(findingText(finding))
    })

interface DecideOptions extends HubOptions {
  readonly reason: string
  readonly seen?: number
}

const deciding = (name: string, summary: string) =>
  hubCommand(name, summary)
    .argument('<id>', 'id of the finding')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .option(
      '--seen <version>',
      'the version that you looked at: another one is refused (else the one that is there now)',
      wholeNumber('--seen', { from: 1, to: 999_999_999 }),
    )

const seenVersion = async (hub: Client, findingId: string, { seen }: DecideOptions): Promise<number> =>
  seen ?? (await hub.readFinding({ findingId })).version

const adoptCommand = (context: Context) =>
  deciding('adopt', 'Take what was found for right')
    .option('--person <email>', 'the account of nobody is this member’s')
    .option('--outside', 'the account is nobody’s, such as a service’s, and known')
    .action(async (findingId: string, options: DecideOptions & { readonly person?: string; readonly outside?: true }) => {
      if (options.person !== undefined && options.outside)
        throw usageError('An account is somebody’s or nobody’s: give --person or --outside.')
      const hub = connectHub(context, options)
      const finding = await hub.adoptFinding({
        findingId,
        body: {
          version: await seenVersion(hub, findingId, options),
          reason: options.reason,
          ...(await memberFilter(hub, options.person)),
          ...(options.outside && { outside: true as const }),
        },
      })
      if (options.json) return context.terminal.json({ finding })
      context.terminal.say('Adopted: it is as wanted now.')
    })

const revertCommand = (context: Context) =>
  deciding('revert', 'Plan what puts it back; exit code 2 when there is something to apply').action(
    async (findingId: string, options: DecideOptions) => {
      const hub = connectHub(context, options)
      const version = await seenVersion(hub, findingId, options)
      const plan = await context.terminal.during(
        'Reading the vendor',
        hub.revertFinding({ findingId, body: { version, reason: options.reason } }),
      )
      if (hasChanges(plan)) context.end(exitCodes.changesPresent)
      if (options.json) return context.terminal.json({ plan })
      context.terminal.data(planText(plan))
    },
  )

const ignoreCommand = (context: Context) =>
  deciding('ignore', 'Leave it until a date, or until something else is found')
    .requiredOption('--until <date>', 'such as 2027-01-31: open again when that day begins (UTC)')
    .action(async (findingId: string, options: DecideOptions & { readonly until: string }) => {
      const until = new Date(options.until)
      if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$/.test(options.until) || Number.isNaN(until.getTime()))
        throw usageError(`--until must be a date such as 2027-01-31, not "${options.until}".`)
      const hub = connectHub(context, options)
      const version = await seenVersion(hub, findingId, options)
      const finding = await hub.ignoreFinding({ findingId, body: { version, reason: options.reason, until } })
      if (options.json) return context.terminal.json({ finding })
      context.terminal.say(`Ignored until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC.`)
    })

function oneOf<T extends string>(allowed: readonly T[], given: string | undefined, flag: string): T | undefined {
  const found = allowed.find((one) => one === given)
  if (given !== undefined && found === undefined) throw usageError(`${flag} is one of: ${allowed.join(', ')}.`)
  return found
}

export const findingsTable = (terminal: Pick<Terminal, 'strong'>, findings: readonly Finding[]): string =>
  table(
    terminal,
    ['KIND', 'SUBJECT', 'SINCE', 'ID', 'WHAT'],
    findings.map(({ id, kind, subject, openedAt, state, message }) => [
      state === 'open' ? kind : `${kind} (${state})`,
      subject,
      openedAt.toISOString().slice(0, 16).replace('T', ' '),
      id,
      message,
    ]),
  )

function findingText(finding: Finding): string {
  const { id, kind, subject, message, state, version, decision, differences = [], openedAt } = finding
  const lines = [
    `${kind} ${subject}: ${state}, version ${version}, since ${openedAt.toISOString()}`,
    `  ${message}`,
    ...differences.map(({ attribute, ours, theirs }) => `  ${attribute}: ours ${valueOf(ours)}, theirs ${valueOf(theirs)}`),
    ...(decision
      ? [
          `  ${decision.kind} by ${decision.by} at ${decision.at.toISOString()}${decision.until ? ` until ${decision.until.toISOString()}` : ''}: ${decision.reason}`,
        ]
      : []),
    ...(decision?.planId ? [`  planned: rollcall apply ${decision.planId}`] : []),
    ...(state === 'closed' ? [] : nextSteps(id, kind)),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

const valueOf = (values: readonly string[]): string => (values.length > 0 ? values.join(', ') : '(none)')

function nextSteps(id: string, kind: Finding['kind']): readonly string[] {
  const adopt = `rollcall findings adopt ${id} --reason TEXT`
  const accounts = kind === 'orphan' || kind === 'duplicate'
  const differs = kind === 'drift' || kind === 'extraRight'
  return [
    ...(accounts ? [`Next: ${adopt} --person EMAIL, or ${adopt} --outside`] : []),
    ...(differs ? [`Next: ${adopt}`] : []),
    ...(differs || kind === 'missing' ? [`Next: rollcall findings revert ${id} --reason TEXT`] : []),
    `Next: rollcall findings ignore ${id} --until DATE --reason TEXT`,
  ]
}
