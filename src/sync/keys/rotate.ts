import type { Hand } from '../work.ts'
import { takeBench, takeStep, wait, type Bench, type Next } from './bench.ts'
import { callForDeletion } from './delete-key.ts'
import { awaitProof, giveKey } from './give-key.ts'
import { lookAfterAbort } from './look-after-abort.ts'
import { checkRoom, makeKey } from './make-key.ts'
import { keepQuiet } from './keep-quiet.ts'
import type { OpenState } from './rotation.ts'
import { quarantineNote } from '../quarantine/health.ts'

/** What is done in each state. Each may be repeated after a process died in it, wherever that was. */
const steps: Readonly<Record<OpenState, (bench: Bench) => Promise<Next>>> = {
  started: checkRoom,
  creating: makeKey,
  stored: giveKey,
  handedOut: awaitProof,
  quiet: keepQuiet,
  deleting: callForDeletion,
  aborting: lookAfterAbort,
}

/** How soon a connection whose writes are off is looked at again. */
const pausedMs = 60_000

/** One turn of work on a connection's rotation: as many steps as can be taken now. Answers when the next turn is due; undefined when somebody has to ask for it. */
export async function rotate(hand: Hand): Promise<Date | undefined> {
  for (let bench: Bench | undefined; ;) {
    bench = await takeBench(hand, bench)
    if (!bench) return undefined
    const { rotation, connection } = bench
    const now = hand.parts.clock()
    if (rotation.retryAt && rotation.retryAt > now) return rotation.retryAt
    const { quarantine } = connection.health ?? {}
    const next = quarantine
      ? await wait(bench, `nothing is done: ${quarantineNote(connection.name, quarantine)}`, new Date(now.getTime() + pausedMs))
      : connection.writesEnabled || rotation.state === 'aborting'
        ? await takeStep(bench, steps[rotation.state])
        : await wait(
            bench,
            `the connection’s writes are off, so nothing is done: rollcall connection enable-writes ${connection.name}`,
            new Date(now.getTime() + pausedMs),
          )
    if (next !== 'again') return next
    if (hand.halting()) return hand.parts.clock()
  }
}
