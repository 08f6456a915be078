import type { Logger } from 'pino'
import type { Call } from '../directory/call.ts'
import { tellExpiries } from '../directory/tell-expiries.ts'
import { explanationLimits } from '../http/explain.ts'
import type { Engine } from '../sync/engine.ts'
import { clock } from './clock.ts'
import type { Home } from './home.ts'

const dayMs = 24 * 60 * 60 * 1_000
const mailLifetimeMs = 30 * dayMs
const deliveredLifetimeMs = 7 * dayMs
const deadLifetimeMs = 30 * dayMs

/** Takes away, at once and every hour, what is kept for a time only. Answers how to stop it. */
export function startHousekeeping(
  { database, directory, newId }: Home,
  engine: Engine,
  log: Logger | undefined,
): () => Promise<void> {
  const { outbox, webhookQueue, explanations, store } = database
  const keepHouse = async () => {
    await tellExpiries({ store, directory, newId, clock })
    const before = (ms: number) => new Date(clock().getTime() - ms)
    await outbox.prune(before(mailLifetimeMs))
    await webhookQueue.prune({ delivered: before(deliveredLifetimeMs), dead: before(deadLifetimeMs) })
    await explanations.prune({ before: before(explanationLimits.lifetimeMs), keep: explanationLimits.keep })
  }
  const run = () =>
    keepHouse().catch((error: unknown) =>
      log?.error({ error: error instanceof Error ? error.message : 'unknown' }, 'housekeeping failed'),
    )
  const sign = () =>
    takeCheckpoints({ database, newId }, engine).catch((error: unknown) =>
      log?.error({ error: error instanceof Error ? error.message : 'unknown' }, 'the facts could not be signed'),
    )
  let running = run().then(sign)
  const timers = [
    setInterval(() => void (running = running.then(run)), 60 * 60 * 1_000).unref(),
    setInterval(() => void (running = running.then(sign)), checkpointMs).unref(),
  ]
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await running
  }
}

/** How often it is signed where the facts of each organization stand. */
const checkpointMs = 10 * 60_000

async function takeCheckpoints({ database, newId }: Pick<Home, 'database' | 'newId'>, engine: Engine): Promise<void> {
  for (let after: string | undefined; ;) {
    const organizations = await database.store.read((reader) => reader.organizations({ after, limit: 100 }))
    for (const { id } of organizations) await engine.takeCheckpoint(checkpointCall(id, newId))
    after = organizations.at(-1)?.id
    if (after === undefined) return
  }
}

const checkpointCall = (organizationId: string, newId: () => string): Call => ({
  organizationId,
  actor: 'system:record',
  scopes: new Set(['audit'] as const),
  now: clock(),
  requestId: newId(),
  via: 'record.checkpoint',
})
