import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Operation, Value } from './operation.ts'

/** What a handler gets beside its context: decoded values, never bytes. */
export interface Incoming<Op extends Operation> {
  readonly params: Readonly<Record<string, string>>
  readonly query: Value<Op['query']>
  readonly body: Value<Op['request']>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Path and query as received, for links back. */
  readonly url: string
}

/** What a handler answers. `status` is the operation's own unless another declared one is named. */
export interface Outgoing<V> {
  readonly value: V
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler<Context, Op extends Operation> = (context: Context, incoming: Incoming<Op>) => Promise<Outgoing<Value<Op['reply']>>>

/** Mounts one operation. `contextOf` runs first (it authenticates); errors go to the app's error handler. */
export type Mount<Context> = <Op extends Operation>(operation: Op, handle: Handler<Context, Op>) => void

/** A Mount on a Fastify app whose bodies arrive as text (see http/server.ts). */
export function mountOn<Context>(app: FastifyInstance, contextOf: (request: FastifyRequest, operation: Operation) => Promise<Context>): Mount<Context> {
  throw new Error(`not yet written: ${String(app)} ${String(contextOf)}`)
}
