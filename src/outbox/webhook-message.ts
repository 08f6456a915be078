import { Webhook } from 'standardwebhooks'
import type { Fact } from '../directory/fact.ts'

/** A fact as a message of Standard Webhooks 1.0: its type, when it happened, and the fact as `/api/v1/facts` shows it. */
export const composeMessage = (fact: Fact): string => JSON.stringify({ type: fact.action, timestamp: fact.at, data: fact })

/** The headers of one attempt at `now`: one signature by each secret, so that a receiver may verify with any of them. */
export const signedHeaders = (
  body: string,
  { id, now, secrets }: { readonly id: string; readonly now: Date; readonly secrets: readonly string[] },
): Readonly<Record<string, string>> => ({
  'content-type': 'application/json; charset=utf-8',
  'user-agent': 'Rollcall-Webhooks/1',
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
})
