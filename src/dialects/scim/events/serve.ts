import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Events, Taking } from '../../../directory/event-receivers.ts'
import type { TokenSigner } from '../../../directory/token-signer.ts'
import { messageIdOf } from '../../../directory/webhook.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { signEvent } from './token.ts'
import { mostEvents, pollEvents, readEventKeys } from './wire.ts'

/** How long somebody who asks is kept waiting for an event, in milliseconds. */
const waitMs = 25_000
/** How long a wait goes without a look, in milliseconds: another process may have written. */
const lookMs = 1_000

/** Serves security event tokens to whoever asks for them by a credential of this dialect. */
export function serveEvents(mount: Mount<Call>, services: ServeServices): void {
  const { directory, nextFacts } = services

  mount(pollEvents, async (call, { body }) => {
    const signer = signerOf(services)
    const taking = readTaking(body)
    await directory.takeEvents(call, taking)
    const limit = Math.min(body.maxEvents ?? mostEvents, mostEvents)
    const { facts, more } = limit === 0 ? { facts: [], more: false } : await waitFor(call, limit, body.returnImmediately ?? false)
    const telling = { issuer: services.baseUrlOf(call), audience: call.actor, now: call.now }
    const sets = await Promise.all(
      facts.map(async (fact) => [messageIdOf(fact), await signEvent(signer, fact, telling)] as const),
    )
    return { value: { sets: Object.fromEntries(sets), moreAvailable: more } }
  })

  mount(readEventKeys, async () => ({ value: { keys: signerOf(services).keys.map(textMembers) } }))

  async function waitFor(call: Call, limit: number, atOnce: boolean): Promise<Events> {
    const deadline = performance.now() + (atOnce ? 0 : waitMs)
    for (;;) {
      const events = await directory.readEvents(call, { limit })
      if (events.facts.length > 0) return events
      if (events.more) await directory.takeEvents(call, { taken: [], refused: [] })
      const leftMs = deadline - performance.now()
      const again = leftMs > 0 && (events.more || (await nextFacts(call.organizationId, Math.min(leftMs, lookMs))))
      if (!again) return events
    }
  }
}

function signerOf({ tokenSigner }: ServeServices): TokenSigner {
  if (tokenSigner) return tokenSigner
  throw new DirectoryError('unsupported', 'No events are told here.')
}

function readTaking({ ack = [], setErrs = {} }: Value<(typeof pollEvents)['request']>): Taking {
  return {
    taken: ack.flatMap((name) => sequenceOf(name) ?? []),
    refused: Object.entries(setErrs).flatMap(([name, { err }]) => {
      const sequence = sequenceOf(name)
      return sequence === undefined ? [] : [{ sequence, error: err }]
    }),
  }
}

/** Names that were never given mean nothing (RFC 8936 §2.4). */
function sequenceOf(name: string): number | undefined {
  const digits = /^fact_([1-9][0-9]{0,14})_[0-9a-f]{32}$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

const textMembers = (key: object): Record<string, string> =>
  Object.fromEntries(Object.entries(key).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
