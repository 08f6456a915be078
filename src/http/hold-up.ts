import type { Dialect, LimitRule, RateState } from '../dialects/dialect.ts'
import type { Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Store } from '../directory/store.ts'
import type { Operation } from '../wire/operation.ts'
import type { Mount } from '../wire/serve.ts'
import { networkOf } from './address.ts'
import { createRateLimiter, type RateRequest } from './rate-limit.ts'

/** What keeps callers within limits. */
export interface HoldUp {
  /** Counts a request of an organization and of its credential. Undefined where no rule holds, and at once where the dialect has none. */
  readonly count: (dialect: Dialect, operation: Operation, call: Call) => Promise<RateState | undefined> | undefined
  /** Counts a secret that is tried at an open operation: for the address, and then for the client that it names. */
  readonly countAttempt: (
    dialect: Dialect,
    attempt: { readonly address: string; readonly client: string | undefined; readonly now: Date },
  ) => Iterable<RateState | undefined>
  /** The mount, where the dialect's rules say how many requests are answered at once; the one too many is refused with `limited`. */
  readonly holding: (dialect: Dialect, mount: Mount<Call>) => Mount<Call>
}

/** Longer identifiers are no client of ours. */
const longestClient = 200
/** A client may try more often than an address, so that nobody shuts a client out from one address alone. */
const timesOfClient = 2

export function holdUp(rulesOf: ReadonlyMap<string, readonly LimitRule[]>, store: Store): HoldUp {
  const limiter = createRateLimiter(rulesOf)

  const requestOf = async (dialect: Dialect, operation: Operation, { organizationId, actor }: Call): Promise<RateRequest> => {
    const organization = limiter.asksForPlan(dialect.name)
      ? await store.read((reader) => reader.organization(organizationId))
      : undefined
    const of = operation.method === 'GET' ? 'reads' : 'writes'
    return {
      dialect: dialect.name,
      who: organizationId,
      credential: actor,
      operation: operation.name,
      of,
      plan: organization?.plan,
    }
  }

  const counted = new Set([...rulesOf].flatMap(([name, rules]) => (rules.some(({ of }) => of !== 'tokens') ? [name] : [])))

  return {
    count: (dialect, operation, call) =>
      counted.has(dialect.name)
        ? requestOf(dialect, operation, call).then((request) => limiter.take(request, call.now))
        : undefined,
    *countAttempt(dialect, { address, client, now }) {
      const tokens = { dialect: dialect.name, operation: '', of: 'tokens', plan: undefined } as const
      yield limiter.take({ ...tokens, who: `address ${networkOf(address)}` }, now)
      if (client !== undefined && client.length <= longestClient)
        yield limiter.take({ ...tokens, who: `client ${client}`, times: timesOfClient }, now)
    },
    holding: (dialect, mount) => {
      if (!rulesOf.get(dialect.name)?.some((rule) => 'atOnce' in rule)) return mount
      return (operation, handle) =>
        mount(operation, async (call, incoming) => {
          const leave = limiter.enter(await requestOf(dialect, operation, call))
          if (!leave)
            throw new DirectoryError('limited', 'Too many requests at once. Wait for answers.', { retryAfterSeconds: 1 })
          try {
            return await handle(call, incoming)
          } finally {
            leave()
          }
        })
    },
  }
}
