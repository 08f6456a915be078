import type { Fact, FactAction } from './fact.ts'

/** What identity systems are told of by events: what happens to people and groups, and what became of requests whose answer was put off. */
export const eventActions = [
  'member.added',
  'member.changed',
  'member.suspended',
  'member.resumed',
  'member.accepted',
  'member.removed',
  'group.created',
  'group.changed',
  'group.membersAdded',
  'group.membersRemoved',
  'group.removed',
  'request.answered',
] as const satisfies readonly FactAction[]

const told: ReadonlySet<FactAction> = new Set(eventActions)

export const isEvent = ({ action }: Pick<Fact, 'action'>): boolean => told.has(action)

/** Whoever asks for events by a credential, and how far they have taken them. */
export interface EventReceiver {
  readonly organizationId: string
  /** Of the credential. */
  readonly id: string
  /** Everything up to this fact was taken, or is no event. */
  readonly position: number
  /** Sequences after the position that were taken before earlier ones, in order. */
  readonly taken: readonly number[]
}

export interface EventReceiverReader {
  eventReceiver(organizationId: string, id: string): Promise<EventReceiver | undefined>
  hasEventReceivers(organizationId: string): Promise<boolean>
}

export interface EventReceiverWriter {
  putEventReceiver(receiver: EventReceiver): Promise<void>
}
