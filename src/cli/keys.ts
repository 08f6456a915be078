import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { everyItem, type Client } from '../dialects/native/connect.ts'
import { findConnection } from './connection-name.ts'
import { family, hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'

type Rotation = Awaited<ReturnType<Client['readRotation']>>

export const keysCommand = (context: Context): Command =>
  family('keys', 'The keys of vendors: list them, and put new ones in their place without an outage', [
    listCommand(context),
    rotateCommand(context),
    showCommand(context),
    confirmCommand(context),
    abortCommand(context),
  ])

const listCommand = (context: Context) =>
  hubCommand('list', 'The keys of a connection’s vendor: age, owner and last use where it tells them')
    .argument('<connection>', 'name or id of the connection')
    .action(async (name: string, options: HubOptions) => {
      const hub = connectHub(context, options)
      const { id, vendor } = await findConnection(hub, name)
      const keys = await context.terminal.during('Asking the vendor', hub.listKeys({ connectionId: id }))
      if (options.json) return context.terminal.json({ keys })
      if (!keys.managed)
        return context.terminal.say(
          `${vendor} has no API for its keys. Make a new one there, then: rollcall connection renew ${printable(name)}`,
        )
      const unknown = keys.lastUse === 'told' ? 'never' : 'not told'
      const rows = keys.items.map((key) => [
        key.id,
        key.name,
        key.ageDays === undefined ? 'not told' : `${key.ageDays} days${key.tooOld ? ', too old' : ''}`,
        key.owner ?? 'not told',
        key.lastUsedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? unknown,
        key.inUse ? 'this connection' : '',
      ])
      context.terminal.data(table(context.terminal, ['ID', 'NAME', 'AGE', 'OWNER', 'LAST USED', 'USED BY'], rows))
      if (keys.most !== undefined) context.terminal.say(`${keys.items.length} of ${keys.most} keys.`)
      for (const { name: handOut, kind } of keys.handOuts) context.terminal.say(`Hand-out: ${handOut} (${kind})`)
      if (keys.rotation) context.terminal.say(`Under way: rollcall keys show ${keys.rotation.id}`)
    })

interface RotateOptions extends HubOptions {
  readonly keyId?: string
  readonly name?: string
  readonly handOut?: string
  readonly quiet?: number
  readonly wait: boolean
}

const rotateCommand = (context: Context) =>
  hubCommand('rotate', 'Put a new key in place of an old one; waits until it is in place or somebody has to do something')
    .argument('<connection>', 'name or id of the connection')
    .option('--key-id <id>', 'the key to replace (else the one that the connection calls with)')
    .option('--name <name>', 'what to call the new key (else the connection’s name)')
    .option('--hand-out <name>', 'how others are given the new key, as set up in the server’s settings.json')
    .option('--quiet <time>', 'how long the old key must stay unused before it is deleted, such as 90s, 30m, 24h, 7d', readTime)
    .option('--no-wait', 'answer as soon as it has begun')
    .action(async (name: string, options: RotateOptions) => {
      const hub = connectHub(context, options)
      const { id: connectionId } = await findConnection(hub, name)
      const { keyId, handOut, quiet: quietSeconds } = options
      const body = { keyId, name: options.name, handOut, quietSeconds }
      const started = await hub.startRotation({ connectionId, body })
      const rotation = options.wait ? await context.terminal.during('Rotating', follow(hub, started)) : started
      tell(context, rotation, options)
    })

const showCommand = (context: Context) =>
  hubCommand('show', 'How far a rotation has come; without an id the rotations, newest first')
    .argument('[rotation]', 'id of the rotation')
    .option('--connection <name>', 'only of this connection')
    .action(async (rotationId: string | undefined, options: HubOptions & { readonly connection?: string }) => {
      const hub = connectHub(context, options)
      if (rotationId !== undefined) return tell(context, await hub.readRotation({ rotationId }), options)
      const connectionId = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const rotations = await Array.fromAsync(
        everyItem((cursor) => hub.listRotations({ query: { cursor, limit: 1000, connectionId } })),
      )
      if (options.json) return context.terminal.json({ rotations })
      const rows = rotations.map(({ id, state, startedAt, oldKeyId, newKeyId, reason }) => [
        id,
        state,
        startedAt.toISOString().slice(0, 16).replace('T', ' '),
        `${oldKeyId} → ${newKeyId ?? '?'}`,
        reason,
      ])
      context.terminal.data(table(context.terminal, ['ID', 'STATE', 'STARTED', 'KEYS', 'WHY'], rows))
    })

const confirmCommand = (context: Context) =>
  hubCommand('confirm', 'Say that the new key is in use wherever it was handed out: the quiet time of the old one begins')
    .argument('<rotation>', 'id of the rotation')
    .action(async (rotationId: string, options: HubOptions) =>
      tell(context, await connectHub(context, options).confirmRotation({ rotationId }), options),
    )

const abortCommand = (context: Context) =>
  hubCommand('abort', 'Give a rotation up: both keys stay valid')
    .argument('<rotation>', 'id of the rotation')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (rotationId: string, options: HubOptions & { readonly reason: string }) => {
      const hub = connectHub(context, options)
      const aborting = await hub.abortRotation({ rotationId, body: { reason: options.reason } })
      const rotation = await context.terminal.during('Looking at the vendor', follow(hub, aborting))
      if (options.json) return context.terminal.json({ rotation })
      return say(context, rotation)
    })

/** A failed rotation changed nothing that anybody calls with, and says why. */
function tell(context: Context, rotation: Rotation, { json }: HubOptions): void {
  if (rotation.state === 'failed') context.end(exitCodes.refusedByGuard)
  if (json) return context.terminal.json({ rotation })
  return say(context, rotation)
}

function say(context: Context, { id, state, reason, quietUntil, retryAt }: Rotation): void {
  context.terminal.data(`${id}\n`)
  context.terminal.say(`${state}: ${printable(reason)}${/[.!]$/.test(reason) ? '' : '.'}`)
  if (state === 'quiet' && quietUntil)
    context.terminal.say(
      `The old key is deleted at ${quietUntil.toISOString()}. To keep it: rollcall keys abort ${id} --reason …`,
    )
  if (retryAt) context.terminal.say(`Tried again at ${retryAt.toISOString()}.`)
}

const patienceMs = 60_000
const pollMs = 250

/** Asks until the rotation waits for something that takes longer than a person waits, or has ended. */
async function follow(hub: Client, started: Rotation): Promise<Rotation> {
  const deadline = Date.now() + patienceMs
  for (let rotation = started; ; rotation = await hub.readRotation({ rotationId: started.id })) {
    const underWay =
      rotation.state === 'started' ||
      rotation.state === 'creating' ||
      rotation.state === 'stored' ||
      rotation.state === 'deleting' ||
      rotation.state === 'aborting' ||
      (rotation.state === 'handedOut' && rotation.handOut?.kind !== 'file') ||
      (rotation.state === 'quiet' && rotation.quietSeconds * 1_000 < patienceMs)
    if (!underWay || rotation.retryAt || Date.now() >= deadline) return rotation
    await sleep(pollMs)
  }
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function readTime(text: string): number {
  const [, number, unit] = /^([0-9]{1,7})([smhd])$/.exec(text) ?? []
  const each = secondsOf[unit ?? '']
  if (each !== undefined) return Number(number) * each
  throw usageError(`--quiet takes a time such as 90s, 30m, 24h or 7d, not "${text}".`)
}
