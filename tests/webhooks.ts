import type { TestContext } from 'node:test'
import { signEvent } from '../src/dialects/scim/events/token.ts'
import type { MemberState } from '../src/directory/membership.ts'
import { createOutbound } from '../src/directory/outbound.ts'
import type { WebhookFormat } from '../src/directory/webhook.ts'
import { createSafeFetch } from '../src/outbox/safe-fetch.ts'
import { deliverOnce } from '../src/outbox/webhook-courier.ts'
import type { RoundParts } from '../src/outbox/webhook-round.ts'
import { createSendMessage } from '../src/outbox/webhook-send.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import { openWorld, origin, type World } from './world.ts'

/** A world with a real receiver, and the time in hand: nothing is sent but by `deliver`. */
export interface Desk {
  readonly world: World
  readonly receiver: Receiver
  readonly parts: RoundParts
  /** Of the webhook that tells the receiver. */
  readonly webhookId: string
  /** The last fact before the webhook was made. */
  readonly begin: number
  /** Lets seconds pass, for this process and for the library that verifies. */
  readonly pass: (seconds: number) => void
  /** Sends what is due now, until nothing is; answers how many rounds there were. */
  readonly deliver: (over?: Partial<RoundParts>) => Promise<number>
  /** Lets time pass at a stride and sends whatever comes due. */
  readonly live: (seconds: number, stride: number) => Promise<void>
  readonly add: (userName: string) => Promise<string>
  readonly rename: (id: string, displayName: string) => Promise<void>
  readonly view: () => ReturnType<World['home']['directory']['getWebhook']>
  readonly deliveries: () => ReturnType<World['home']['directory']['listDeliveries']>
  readonly lines: string[]
}

export async function openDesk(
  t: TestContext,
  { actions, format }: { readonly actions?: readonly string[]; readonly format?: WebhookFormat } = {},
): Promise<Desk> {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-01T10:00:00Z') })
  const [world, receiver] = [await openWorld(t, { outbound: ['127.0.0.1'] }), await openReceiver(t)]
  const { directory, database, newId } = world.home
  const { webhook, secret } = await directory.addWebhook(world.call(), { url: receiver.url, actions, format })
  receiver.secrets.push(secret)
  const lines: string[] = []
  const parts: RoundParts = {
    store: database.store,
    queue: database.webhookQueue,
    send: createSendMessage(createSafeFetch({ outbound: createOutbound(['127.0.0.1']), timeoutMs: 10_000, maxBytes: 1_000 })),
    signEvent: (fact, detail) => signEvent(world.tokenSigner, fact, { ...detail, issuer: `${origin}/scim/v2` }),
    clock: () => new Date(),
    random: () => 0.5,
    newId,
    holder: 'test',
    leaseMs: 60_000,
    sendMs: 16_000,
    halting: () => false,
    log: (event, message) => void lines.push(JSON.stringify({ ...event, message })),
  }
  const pass = (seconds: number) => t.mock.timers.setTime(Date.now() + seconds * 1_000)
  const deliver: Desk['deliver'] = async (over = {}) => {
    let rounds = 0
    while (await deliverOnce({ ...parts, ...over })) rounds++
    return rounds
  }
  return {
    world,
    receiver,
    parts,
    webhookId: webhook.id,
    begin: webhook.position,
    pass,
    deliver,
    live: async (seconds, stride) => {
      for (let passed = 0; passed < seconds; passed += stride) {
        pass(stride)
        await deliver()
      }
    },
    add: async (userName) => (await directory.addMember(world.call(), { state: stateOf(userName), as: 'active' })).member.id,
    rename: async (id, displayName) => {
      await directory.changeMember(world.call(), {
        id,
        change: (member) => ({ ...member, suspended: false, displayName }),
        sessions: 'keep',
      })
    },
    view: () => directory.getWebhook(world.call(), { id: webhook.id }),
    deliveries: () => directory.listDeliveries(world.call(), { id: webhook.id, limit: 1_000 }),
    lines,
  }
}

const stateOf = (userName: string): MemberState => ({
  userName,
  externalId: undefined,
  displayName: undefined,
  name: {},
  emails: [],
  roleIds: [],
  suspended: false,
  attributes: {},
})
