import { command, query, unchanged } from './call.ts'
import type { Parts } from './directory.ts'
import { isEvent, type EventReceiver } from './event-receiver.ts'
import type { Fact } from './fact.ts'
import type { JsonObject } from './json.ts'
import type { Reader } from './store.ts'

/** How far after its position a receiver may take events out of order, in facts: what is held of them stays small. */
const window = 1_000

/** Events that a receiver has not taken yet. */
export interface Events {
  readonly facts: readonly Fact[]
  /** Whether there are further ones, or further facts to look at. */
  readonly more: boolean
}

/** What a receiver says of events that it was given before, by their sequence. */
export interface Taking {
  readonly taken: readonly number[]
  /** It has them and can do nothing with them; `error` is a code of RFC 8935. */
  readonly refused: readonly { readonly sequence: number; readonly error: string }[]
}

export function eventReceiverCommands({ store }: Parts) {
  return {
    /** Whether anybody takes events: by asking, or by a webhook that is told of them. */
    tellsEvents: query(
      store,
      'read',
      async (tx, { organizationId }) =>
        (await tx.hasEventReceivers(organizationId)) ||
        (await tx.webhooks(organizationId)).some(({ format, enabled }) => format === 'scim' && enabled),
    ),

    /** Writes down what became of a request whose answer was put off: as SCIM tells of an operation, `path` the resource below the base. */
    recordAnswer: command(store, 'write', async (_tx, call, detail: JsonObject & { readonly path: string }) => [
      undefined,
      { action: 'request.answered', subject: call.requestId, detail },
    ]),

    /** The oldest events that the caller has not taken, at most `limit`; none for who asks for the first time: they begin with what happens from then on. */
    readEvents: query(store, 'read', async (tx, call, { limit }: { readonly limit: number }): Promise<Events> => {
      const receiver = await tx.eventReceiver(call.organizationId, call.actor)
      if (!receiver) return { facts: [], more: false }
      const { facts, more } = await look(tx, receiver, limit)
      return { facts, more }
    }),

    /** Notes what the caller has taken; they are not given it again. Makes a receiver of who is none yet. Sequences that it was not given mean nothing. */
    takeEvents: command(store, 'read', async (tx, call, { taken, refused }: Taking) => {
      const known = await tx.eventReceiver(call.organizationId, call.actor)
      const { sequence: head } = await tx.chainHead(call.organizationId)
      const receiver = known ?? { organizationId: call.organizationId, id: call.actor, position: head, taken: [] }
      const isOpen = (sequence: number) =>
        sequence > receiver.position &&
        sequence <= Math.min(head, receiver.position + window) &&
        !receiver.taken.includes(sequence)
      const declined = refused.filter(({ sequence }) => isOpen(sequence))
      const added = [...new Set([...taken, ...declined.map(({ sequence }) => sequence)])].filter(isOpen)
      const next = { ...receiver, taken: [...receiver.taken, ...added].toSorted((a, b) => a - b) }
      const { position } = await look(tx, next, 0)
      if (known && position === known.position && added.length === 0) return unchanged(undefined)
      await tx.putEventReceiver({ ...next, position, taken: next.taken.filter((sequence) => sequence > position) })
      if (declined.length === 0) return unchanged(undefined)
      const errors = declined.map(({ sequence, error }) => ({ sequence, error }))
      return [undefined, { action: 'events.refused', subject: call.actor, detail: { errors } }]
    }),
  }
}

/** The events in the window that were not taken, and the last fact before which none is left. */
async function look(
  tx: Reader,
  { organizationId, position, taken }: EventReceiver,
  limit: number,
): Promise<Events & { readonly position: number }> {
  const done = new Set(taken)
  const facts = await tx.facts(organizationId, { after: position, limit: window })
  const open = facts.filter((fact) => isEvent(fact) && !done.has(fact.sequence))
  const last = facts.at(-1)?.sequence ?? position
  return {
    facts: open.slice(0, limit),
    more: open.length > limit || (open.length === 0 && facts.length === window),
    position: open[0] ? open[0].sequence - 1 : last,
  }
}
