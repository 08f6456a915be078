import type { Command } from 'commander'
import { everyItem } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { family, hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { findMember } from './member-name.ts'
import { createCommand } from './review-create.ts'
import { decideCommand } from './review-decide.ts'
import { exportCommand } from './review-export.ts'
import { findReview, type Review } from './review-name.ts'
import { showCommand } from './review-show.ts'
import { printable, table } from './terminal.ts'

export const reviewCommand = (context: Context): Command =>
  family(
    'review',
    'Access reviews: who should keep their access, decided by named people, and what is revoked becomes a plan',
    [
      createCommand(context),
      listCommand(context),
      showCommand(context),
      decideCommand(context),
      closeCommand(context),
      exportCommand(context),
      deniedCommand(context),
      liftCommand(context),
    ],
    { otherwise: 'list' },
  )

const listCommand = (context: Context) =>
  hubCommand('list', 'The reviews, newest first').action(async (options: HubOptions) => {
    const hub = connectHub(context, options)
    const reviews = await Array.fromAsync(everyItem((cursor) => hub.listReviews({ query: { cursor, limit: 100 } })))
    if (options.json) return context.terminal.json({ reviews })
    if (reviews.length === 0) return context.terminal.say('There is no review. Begin one: rollcall review create --help')
    const rows = reviews.map(({ name, state, counts, dueAt, id }) => [
      name,
      state,
      String(counts.undecided),
      String(counts.keep),
      String(counts.revoke),
      dueAt.toISOString().slice(0, 16).replace('T', ' '),
      id,
    ])
    context.terminal.data(table(context.terminal, ['NAME', 'STATE', 'UNDECIDED', 'KEEP', 'REVOKE', 'DUE', 'ID'], rows))
  })

const closeCommand = (context: Context) =>
  hubCommand('close', 'End the deciding and plan what is revoked; exit code 4 when a plan waits for an approval')
    .argument('<review>', 'its name or id')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { id: reviewId } = await findReview(hub, name)
      const review = await context.terminal.during('Planning what is revoked', hub.closeReview({ reviewId }))
      const { results } = review
      context.end(
        results.some(({ planId }) => planId !== undefined)
          ? exitCodes.needsApproval
          : results.some(({ problem }) => problem !== undefined)
            ? exitCodes.partlyDone
            : exitCodes.ok,
      )
      if (options.json) return context.terminal.json({ review })
      context.terminal.say(`Closed ${printable(review.name)}: ${review.counts.keep} kept, ${review.counts.revoke} revoked.`)
      for (const line of resultLines(review)) context.terminal.say(printable(line))
    })

const resultLines = ({ results }: Review): readonly string[] =>
  results.flatMap(({ name, revoked, planId, problem }) => [
    `${name}: ${revoked} revoked${problem === undefined ? '' : `. ${problem}`}`,
    ...(planId === undefined ? [] : [`Next, by somebody who neither decided nor closed it: rollcall plan ${planId}`]),
  ])

const deniedCommand = (context: Context) =>
  hubCommand('denied', 'Whom a review denied a connection, until that is lifted')
    .option('--connection <name>', 'only at this connection')
    .option('--person <email>', 'only the member with that e-mail, user name or id')
    .action(async (options: HubOptions & { readonly connection?: string; readonly person?: string }) => {
      const hub = connectHub(context, options)
      const connections = new Map((await hub.listConnections()).items.map(({ id, name }) => [id, name]))
      const query = {
        connectionId: options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id,
        memberId: options.person === undefined ? undefined : await findMember(hub, options.person),
      }
      const denied = await Array.fromAsync(
        everyItem((cursor) => hub.listExclusions({ query: { ...query, cursor, limit: 1000 } })),
      )
      if (options.json) return context.terminal.json({ denied })
      if (denied.length === 0) return context.terminal.say('Nobody is denied anything.')
      const rows = denied.map(({ subject, connectionId, review, reason, at }) => [
        subject,
        connections.get(connectionId) ?? connectionId,
        review.name,
        at.toISOString().slice(0, 10),
        reason,
      ])
      context.terminal.data(table(context.terminal, ['PERSON', 'CONNECTION', 'REVIEW', 'SINCE', 'WHY'], rows))
    })

const liftCommand = (context: Context) =>
  hubCommand('lift', 'Let somebody whom a review denied a connection have it again, as far as something assigns them')
    .argument('<person>', 'e-mail, user name or id of the member')
    .requiredOption('--connection <name>', 'name or id of the connection')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (person: string, options: HubOptions & { readonly connection: string; readonly reason: string }) => {
      const hub = connectHub(context, options)
      const body = {
        connectionId: (await findConnection(hub, options.connection)).id,
        memberId: await findMember(hub, person),
        reason: options.reason,
      }
      await hub.liftExclusion({ body })
      if (options.json) return context.terminal.json({ lifted: body })
      context.terminal.say('Lifted. What assigns them gives access back with the next comparison.')
    })
