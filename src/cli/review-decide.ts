import type { Command } from 'commander'
import { hubCommand, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub } from './hub.ts'
import { findReview } from './review-name.ts'
import { itemFilter, withItemFilter, type ItemOptions } from './review-show.ts'

interface DecideOptions extends ItemOptions {
  readonly keep?: true
  readonly revoke?: true
  readonly all?: true
  readonly reason?: string
}

export const decideCommand = (context: Context): Command =>
  withItemFilter(
    hubCommand('decide', 'Keep or revoke access, as a reviewer: the items named, or all of yours that a filter describes'),
  )
    .argument('<review>', 'its name or id')
    .argument('[items...]', 'ids of items')
    .option('--keep', 'they keep it')
    .option('--revoke', 'it is taken away')
    .option('--all', 'all that is yours and undecided, as far as --connection, --person, --kind and --state narrow it')
    .option('--reason <text>', 'why; needed to revoke, and to keep what is privileged or belongs to nobody')
    .action(async (name: string, ids: readonly string[], options: DecideOptions) => {
      const { keep, revoke, all, reason } = options
      if ((keep === undefined) === (revoke === undefined)) throw usageError('Say --keep or --revoke.')
      if (ids.length > 0 === (all !== undefined)) throw usageError('Name the items, or say --all with what narrows it.')
      const hub = connectHub(context, options)
      const { id: reviewId } = await findReview(hub, name)
      const decision = keep ? ('keep' as const) : ('revoke' as const)
      let decided = 0
      if (all) {
        const filter = await itemFilter(hub, options)
        for (let after: string | undefined; ;) {
          const part = await hub.decideReview({ reviewId, body: { decision, reason, filter, after } })
          decided += part.decided
          after = part.next
          if (after === undefined) break
        }
      } else
        for (let start = 0; start < ids.length; start += 1000) {
          const items = ids.slice(start, start + 1000)
          decided += (await hub.decideReview({ reviewId, body: { decision, reason, items } })).decided
        }
      if (options.json) return context.terminal.json({ decision, decided })
      context.terminal.say(decided === 0 ? 'Nothing of yours fits that.' : `${decided} decided: ${decision}.`)
    })
