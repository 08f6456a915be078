import { setTimeout as sleep } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import type { Client } from '../dialects/native/connect.ts'
import { family, hubCommand, wholeNumber, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'

type Webhook = Awaited<ReturnType<Client['readWebhook']>>
type Delivery = Awaited<ReturnType<Client['readDelivery']>>

export const webhooksCommand = (context: Context): Command =>
  family('webhooks', 'Who is told of what happens', [
    addCommand(context),
    listCommand(context),
    changeCommand(context, { name: 'enable', enabled: true }),
    changeCommand(context, { name: 'disable', enabled: false }),
    removeCommand(context),
    testCommand(context),
    rotateCommand(context),
    deliveriesCommand(context),
    replayCommand(context),
  ])

const addCommand = (context: Context) =>
  hubCommand('add', 'Send what happens from now on to a URL; the secret that signs it is shown once')
    .argument('<webhook-url>', 'where to post, such as https://example.com/hooks')
    .option('--actions <list>', 'only these, such as member.*,receipt.issued (else all)')
    .addOption(
      new Option('--format <format>', 'facts, or what happens to people and groups as SCIM events')
        .choices(['facts', 'scim'])
        .default('facts'),
    )
    .action(async (url: string, options: HubOptions & { readonly actions?: string; readonly format: 'facts' | 'scim' }) => {
      const actions = options.actions?.split(',')
      const { webhook, secret } = await connectHub(context, options).createWebhook({
        body: { url, format: options.format, ...(actions && { actions }) },
      })
      if (options.json) return context.terminal.json({ webhook, secret })
      if (webhook.format === 'scim')
        return context.terminal.say(
          `Added ${webhook.id}. The receiver verifies with the keys at /scim/v2/events/keys. Try it: rollcall webhooks test ${webhook.id}`,
        )
      context.terminal.data(`${secret}\n`)
      context.terminal.say(
        `Added ${webhook.id}. Keep the line above, it is not shown again: the receiver verifies with it. Try it: rollcall webhooks test ${webhook.id}`,
      )
    })

const listCommand = (context: Context) =>
  hubCommand('list', 'The webhooks and how they stand').action(async (options: HubOptions) => {
    const { items } = await connectHub(context, options).listWebhooks()
    if (options.json) return context.terminal.json({ webhooks: items })
    const rows = items.map((webhook) => [
      webhook.url,
      webhook.actions?.join(',') ?? 'all',
      stateOf(webhook),
      String(webhook.pending + webhook.behind),
      minute(webhook.oldestPendingAt),
      String(webhook.dead),
      minute(webhook.lastDeliveredAt),
      webhook.id,
    ])
    const headings = ['URL', 'ACTIONS', 'STATE', 'PENDING', 'OLDEST', 'DEAD', 'LAST DELIVERED', 'ID']
    context.terminal.data(table(context.terminal, headings, rows))
    for (const { id, disabledReason } of items)
      if (disabledReason) context.terminal.say(`${id} was disabled: ${printable(disabledReason)}`)
  })

const stateOf = ({ enabled, failingSince }: Webhook) =>
  !enabled ? 'disabled' : failingSince ? `failing since ${minute(failingSince)}` : 'enabled'

const minute = (date: Date | undefined) => date?.toISOString().slice(0, 16).replace('T', ' ') ?? '-'

const changeCommand = (
  context: Context,
  { name: verb, enabled }: { readonly name: 'enable' | 'disable'; readonly enabled: boolean },
) =>
  hubCommand(verb, enabled ? 'Send again, from where it stood' : 'Send nothing until it is enabled; nothing is lost')
    .argument('<webhook>', 'id or URL')
    .action(async (wanted: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const webhook = await hub.changeWebhook({ webhookId: await findWebhook(hub, wanted), body: { enabled } })
      if (options.json) return context.terminal.json({ webhook })
      context.terminal.say(`${printable(webhook.url)} is ${enabled ? 'enabled' : 'disabled'}.`)
    })

const removeCommand = (context: Context) =>
  hubCommand('remove', 'Forget a webhook, its secret and its deliveries')
    .argument('<webhook>', 'id or URL')
    .action(async (wanted: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const webhookId = await findWebhook(hub, wanted)
      await hub.deleteWebhook({ webhookId })
      if (options.json) return context.terminal.json({ removed: webhookId })
      context.terminal.say(`Removed ${webhookId}.`)
    })

/** How long the outcome of a test is waited for, and how often it is looked for. */
const patienceMs = 20_000
const lookMs = 200

const testCommand = (context: Context) =>
  hubCommand('test', 'Send one webhook.tested message and say what came of it')
    .argument('<webhook>', 'id or URL')
    .action(async (wanted: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const webhookId = await findWebhook(hub, wanted)
      const { sequence } = await hub.testWebhook({ webhookId })
      const delivery = await context.terminal.during('Waiting for the receiver', settled(hub, { webhookId, sequence }))
      if (delivery.state !== 'delivered') context.end(exitCodes.error)
      if (options.json) return context.terminal.json({ delivery })
      if (delivery.state === 'delivered') context.terminal.say('The receiver took the message.')
      else if (delivery.state === 'dead') context.terminal.say(`The message failed. ${printable(delivery.reason ?? '')}`)
      else context.terminal.say(`The message is still on its way: rollcall webhooks deliveries ${webhookId}`)
    })

async function settled(
  hub: Client,
  { webhookId, sequence }: { readonly webhookId: string; readonly sequence: number },
): Promise<Delivery> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(lookMs)) {
    const delivery = await hub.readDelivery({ webhookId, sequence: String(sequence) })
    if (delivery.settledAt || Date.now() > deadline) return delivery
  }
}

const rotateCommand = (context: Context) =>
  hubCommand('rotate', 'Make a new secret; messages carry both signatures for a while')
    .argument('<webhook>', 'id or URL')
    .option(
      '--overlap <hours>',
      'how long the old one signs too; 0 ends it at once',
      wholeNumber('--overlap', { from: 0, to: 720 }),
      24,
    )
    .action(async (wanted: string, options: HubOptions & { readonly overlap: number }) => {
      const hub = connectHub(context, options)
      const { webhook, secret } = await hub.rotateWebhookSecret({
        webhookId: await findWebhook(hub, wanted),
        body: { overlapHours: options.overlap },
      })
      if (options.json) return context.terminal.json({ webhook, secret })
      context.terminal.data(`${secret}\n`)
      context.terminal.say(
        webhook.previousSecretUntil
          ? `Keep the line above: it is not shown again. Until ${minute(webhook.previousSecretUntil)} UTC messages are signed with the old secret too.`
          : 'Keep the line above: it is not shown again. The old secret signs nothing any more.',
      )
    })

interface DeliveriesOptions extends HubOptions {
  readonly state?: Delivery['state']
  readonly limit: number
}

const deliveriesCommand = (context: Context) =>
  hubCommand('deliveries', 'What did not go out at the first attempt, the newest fact first')
    .argument('<webhook>', 'id or URL')
    .addOption(new Option('--state <state>', 'only these').choices(['waiting', 'held', 'delivered', 'dead']))
    .option('--limit <n>', 'how many', wholeNumber('--limit', { from: 1, to: 1_000 }), 50)
    .action(async (wanted: string, options: DeliveriesOptions) => {
      const hub = connectHub(context, options)
      const { state, limit } = options
      const { items } = await hub.listDeliveries({ webhookId: await findWebhook(hub, wanted), query: { state, limit } })
      if (options.json) return context.terminal.json({ deliveries: items })
      if (items.length === 0) return context.terminal.say('There are none: everything went out at the first attempt.')
      const rows = items.map(({ sequence, action, state, attempts, at, dueAt, reason }) => [
        String(sequence),
        action,
        state,
        String(attempts),
        minute(at),
        minute(dueAt),
        reason ?? '',
      ])
      context.terminal.data(table(context.terminal, ['FACT', 'ACTION', 'STATE', 'TRIES', 'AT', 'DUE', 'WHY'], rows))
    })

interface ReplayOptions extends HubOptions {
  readonly fact?: number
  readonly from?: number
  readonly since?: string
  readonly dead?: true
}

const replayCommand = (context: Context) =>
  hubCommand('replay', 'Send again, under the ids that the messages had')
    .argument('<webhook>', 'id or URL')
    .option('--fact <sequence>', 'this fact', wholeNumber('--fact', { from: 1, to: 999_999_999 }))
    .option('--from <sequence>', 'everything from this fact on', wholeNumber('--from', { from: 1, to: 999_999_999 }))
    .option('--since <time>', 'everything from this moment on, such as 2027-01-31T12:00:00Z')
    .option('--dead', 'what was given up, 1000 at a time')
    .action(async (wanted: string, options: ReplayOptions) => {
      const body = replayOf(options)
      const hub = connectHub(context, options)
      const replay = await hub.replayDeliveries({ webhookId: await findWebhook(hub, wanted), body })
      if (options.json) return context.terminal.json({ replay })
      context.terminal.say(
        'sequence' in body || 'dead' in body
          ? `${replay.deliveries} ${replay.deliveries === 1 ? 'message is' : 'messages are'} sent again.`
          : `Everything after fact ${replay.position} is sent again.`,
      )
    })

function replayOf({ fact, from, since, dead }: ReplayOptions) {
  const choices = [
    ...(fact === undefined ? [] : [{ sequence: fact }]),
    ...(from === undefined ? [] : [{ fromSequence: from }]),
    ...(since === undefined ? [] : [{ fromTime: momentOf(since) }]),
    ...(dead ? [{ dead } as const] : []),
  ]
  const [choice] = choices
  if (choice && choices.length === 1) return choice
  throw usageError('Say what to send again: --fact SEQUENCE, --from SEQUENCE, --since TIME or --dead.')
}

function momentOf(text: string): Date {
  const date = /^\d{4}-\d{2}-\d{2}T/.test(text) ? new Date(text) : new Date(NaN)
  if (!Number.isNaN(date.getTime())) return date
  throw usageError(`--since must be a time such as 2027-01-31T12:00:00Z, not "${text}".`)
}

/** The id of the webhook with that id, or the one with that URL. */
async function findWebhook(hub: Client, wanted: string): Promise<string> {
  const { items } = await hub.listWebhooks()
  const found = items.filter(({ id, url }) => id === wanted || url === wanted)
  if (found[0] && found.length === 1) return found[0].id
  throw usageError(
    found.length > 1
      ? `There are ${found.length} webhooks with this URL. Name one by its id: rollcall webhooks list`
      : `There is no webhook "${wanted}". rollcall webhooks list names them.`,
  )
}
