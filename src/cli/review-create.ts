import { Option, type Command } from 'commander'
import type { Client } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { hubCommand, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { findMember } from './member-name.ts'
import { momentOf } from './moment.ts'
import { printable } from './terminal.ts'

interface CreateOptions extends HubOptions {
  readonly name: string
  readonly reviewer: readonly string[]
  readonly due: Date
  readonly connection?: readonly string[]
  readonly person?: readonly string[]
  readonly role?: readonly string[]
  readonly undecided?: 'leave' | 'revoke'
}

const add = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

export const createCommand = (context: Context): Command =>
  hubCommand('create', 'Read the vendors, freeze who has access to what, and put it to the reviewers')
    .requiredOption('--name <name>', 'what it is called, such as "Quarter 4"')
    .requiredOption(
      '--reviewer <key=person>',
      'who decides: name or id of a credential of the role approver, and who holds it (e-mail or user name; "outside" for somebody who is not in the directory); =person:connection,… for these connections alone; may be repeated',
      add,
    )
    .requiredOption('--due <date>', 'until when it has to be decided', momentOf('--due'))
    .option('--connection <name>', 'only this connection; may be repeated', add)
    .option('--person <email>', 'only this member; may be repeated', add)
    .option('--role <role>', 'only accounts with this role at the vendor; may be repeated', add)
    .addOption(
      new Option('--undecided <what>', 'what becomes of what nobody decides until then')
        .choices(['leave', 'revoke'])
        .default('leave'),
    )
    .action(async (options: CreateOptions) => {
      const { name, due: dueAt, undecided, connection, person, role } = options
      const hub = connectHub(context, options)
      const reviewers = await Promise.all(options.reviewer.map((text) => reviewerIn(hub, text)))
      const scope = {
        ...(connection && { connectionIds: await connectionIds(hub, connection) }),
        ...(person && { memberIds: await Promise.all(person.map((one) => findMember(hub, one))) }),
        ...(role && { roles: [...role] }),
      }
      const review = await context.terminal.during(
        'Reading the vendors',
        hub.createReview({ body: { name, scope, reviewers, dueAt, undecided } }),
      )
      if (options.json) return context.terminal.json({ review })
      for (const { name: read, problem } of review.reads)
        if (problem !== undefined)
          context.terminal.say(`${printable(read)} is reviewed as it was read before: ${printable(problem)}`)
      context.terminal.say(
        `${printable(review.name)} is open with ${review.counts.undecided} items until ${review.dueAt.toISOString()}.`,
      )
      context.terminal.say(`Next, for each reviewer: rollcall review show "${printable(review.name)}" --mine`)
    })

const connectionIds = (hub: Client, names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map(async (name) => (await findConnection(hub, name)).id))

async function reviewerIn(hub: Client, text: string) {
  const [, key = '', who = '', connections] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(text) ?? []
  if (!who) throw usageError(`--reviewer wants KEY=PERSON or KEY=outside, not "${text}".`)
  const { items } = await hub.listCredentials()
  const found = items.filter((item) => item.id === key || (item.name === key && item.kind === 'native' && !item.revokedAt))
  const [credential] = found
  if (!credential || found.length > 1)
    throw usageError(
      `${found.length > 1 ? 'Several credentials are' : 'No credential is'} called "${key}". See: rollcall credential list`,
    )
  return {
    credentialId: credential.id,
    ...(who === 'outside' ? { outside: true as const } : { memberId: await findMember(hub, who) }),
    ...(connections !== undefined && { connectionIds: await connectionIds(hub, connections.split(',')) }),
  }
}
