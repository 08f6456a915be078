import { Webhook } from 'standardwebhooks'
import type { Fact } from '../directory/fact.ts'
import type { Message } from './webhook-send.ts'

type Written = Pick<Message, 'headers' | 'body'>

const userAgent = 'Rollcall-Webhooks/1'

/**
 * A fact as a message of Standard Webhooks 1.0 at one attempt: its type, when it happened, and the fact as `/api/v1/facts` shows it, with one signature by
 * each secret, so that a receiver may verify with any of them.
 */
export function factMessage(
  fact: Fact,
  { id, now, secrets }: { readonly id: string; readonly now: Date; readonly secrets: readonly string[] },
): Written {
  const body = JSON.stringify({ type: fact.action, timestamp: fact.at, data: fact })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': userAgent,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  }
  return { headers, body }
}

/** A security event token, pushed (RFC 8935 §2.1). */
export const eventMessage = (token: string): Written => ({
  headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json', 'user-agent': userAgent },
  body: token,
})
