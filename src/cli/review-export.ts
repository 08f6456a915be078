import type { Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { reviewAsMarkdown } from '../dialects/native/review-markdown.ts'
import { signedReview } from '../dialects/native/signed-access.ts'
import { hubCommand, type Context } from './context.ts'
import { writeCsv } from './csv.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { writeWhole } from './output-file.ts'
import { findReview, type ReviewItem } from './review-name.ts'

interface ExportOptions extends HubOptions {
  readonly csv?: string
  readonly signed?: string
  readonly markdown?: string
}

export const exportCommand = (context: Context): Command =>
  hubCommand('export', 'Write a review to a file: who decided what, when, why, and on what evidence')
    .argument('<review>', 'its name or id')
    .option('--csv <file>', 'write a CSV file')
    .option('--markdown <file>', 'write a page for a ticket, or to print')
    .option('--signed <file>', 'of a closed review, write a signed document; rollcall verify accepts it')
    .action(async (name: string, options: ExportOptions) => {
      const { csv, signed, markdown } = options
      if (csv === undefined && signed === undefined && markdown === undefined)
        throw usageError('Name a file: --csv FILE, --markdown FILE or --signed FILE.')
      const hub = connectHub(context, options)
      const review = await findReview(hub, name)
      const { id } = review
      if (markdown !== undefined) {
        const lines = reviewAsMarkdown(review, itemsOf(hub, id))
        await context.terminal.during(
          'Writing',
          writeWhole(markdown, async (add) => {
            for await (const line of lines) await add(line)
          }),
        )
      }
      const items = {
        ...(csv !== undefined && { csv: await context.terminal.during('Writing', writeCsv(csv, headings, tableOf(hub, id))) }),
        ...(signed !== undefined && { signed: await context.terminal.during('Writing', writeSigned(hub, id, signed)) }),
      }
      if (options.json) return context.terminal.json({ items })
      if (markdown !== undefined) context.terminal.say(`The review is in ${markdown}.`)
      if (csv !== undefined) context.terminal.say(`${items.csv} items are in ${csv}.`)
      if (signed !== undefined)
        context.terminal.say(`${items.signed} items are in ${signed}. Verify it: rollcall verify ${signed}`)
    })

const headings = [
  'item_id',
  'connection',
  'vendor',
  'account_id',
  'account_user_name',
  'account_email',
  'account_status',
  'account_roles',
  'privileged_roles',
  'person_id',
  'person_user_name',
  'person_email',
  'person_status',
  'why',
  'since',
  'open_sessions',
  'account_changed_at',
  'snapshot_id',
  'read_at',
  'read_complete',
  'decision',
  'decided_by',
  'decided_at',
  'reason',
  'outcome',
  'outcome_message',
  'found',
]

const itemsOf = (hub: Client, reviewId: string) =>
  everyItem((cursor) => hub.listReviewItems({ reviewId, query: { cursor, limit: 1000 } }))

async function* tableOf(hub: Client, reviewId: string) {
  for await (const item of itemsOf(hub, reviewId)) yield cellsOf(item)
}

const cellsOf = ({ id, connection, account, person, activity, read, decision, outcome, ...item }: ReviewItem) => [
  id,
  connection.name,
  connection.vendor,
  account.id,
  account.userName,
  account.email,
  account.status,
  account.roles.map(({ name }) => name).join('; '),
  item.privileged.join('; '),
  person?.id,
  person?.userName,
  person?.email,
  person?.status,
  item.why.map((reason) => (reason.kind === 'group' ? `group ${reason.name}` : reason.kind)).join('; '),
  item.since?.toISOString(),
  activity.openSessions?.toString(),
  activity.changedAt?.toISOString(),
  read.snapshotId,
  read.at.toISOString(),
  read.complete ? 'yes' : 'no',
  decision?.kind,
  decision?.by,
  decision?.at.toISOString(),
  decision?.reason,
  outcome?.kind,
  outcome?.message,
  item.found,
]

async function writeSigned(hub: Client, reviewId: string, path: string): Promise<number> {
  let lines = 0
  await writeWhole(path, async (add) => {
    for await (const line of signedReview(hub, reviewId)) {
      await add(line)
      lines++
    }
  })
  // Without the head and the seal.
  return lines - 2
}
