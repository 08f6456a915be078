import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LimitRule } from '../dialects/dialect.ts'
import type { PlanTier } from '../directory/organization.ts'
import { createRateLimiter, type RateRequest } from './rate-limit.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1_000)

/** Answers how many seconds to wait. */
function open(rules: Readonly<Record<string, readonly LimitRule[]>>) {
  const limiter = createRateLimiter(new Map(Object.entries(rules)))
  const state = (
    dialect: string,
    who: string,
    now: Date,
    { of = 'reads', plan, operation = 'list' }: Partial<Pick<RateRequest, 'of' | 'plan' | 'operation'>> = {},
  ) => limiter.take({ dialect, who, of, plan, operation }, now)
  return { ...limiter, state, take: (...given: Parameters<typeof state>) => state(...given)?.waitSeconds }
}

test('a bucket is full at first and fills evenly', () => {
  const { take } = open({ toy: [{ requests: 3, perSeconds: 30 }] })
  assert.deepEqual(
    [take('toy', 'a', at(0)), take('toy', 'a', at(0)), take('toy', 'a', at(0)), take('toy', 'a', at(0))],
    [undefined, undefined, undefined, 10],
  )
  assert.equal(take('toy', 'a', at(4)), 6)
  assert.equal(take('toy', 'a', at(10)), undefined)
  assert.equal(take('toy', 'a', at(10)), 10)
  for (let taken = 0; taken < 3; taken++) assert.equal(take('toy', 'a', at(1_000)), undefined)
  assert.equal(take('toy', 'a', at(1_000)), 10)
})

test('organizations and dialects do not share a bucket, and a dialect without a limit has none', () => {
  const { take, state } = open({ toy: [{ requests: 1, perSeconds: 1 }], other: [{ requests: 1, perSeconds: 1 }] })
  assert.deepEqual(
    [take('toy', 'a', at(0)), take('toy', 'b', at(0)), take('other', 'a', at(0))],
    [undefined, undefined, undefined],
  )
  assert.equal(take('toy', 'a', at(0)), 1)
  for (let taken = 0; taken < 1_000; taken++) assert.equal(state('free', 'a', at(0)), undefined)
})

test('a clock that goes back gives nothing away', () => {
  const { take } = open({ toy: [{ requests: 1, perSeconds: 10 }] })
  assert.equal(take('toy', 'a', at(100)), undefined)
  assert.equal(take('toy', 'a', at(50)), 10)
  assert.equal(take('toy', 'a', at(55)), 5)
})

test('a bucket that was emptied is not forgotten when many others come', () => {
  const { take } = open({ toy: [{ requests: 1, perSeconds: 10 }] })
  take('toy', 'a', at(0))
  for (let index = 0; index < 20_000; index++) take('toy', `other-${index}`, at(1))
  assert.equal(take('toy', 'a', at(1)), 9)
})

test('a rule holds for its plans and for reads or writes alone, and only where it can, the plan is asked for', () => {
  const limiter = open({
    toy: [
      { requests: 1, perSeconds: 10, plans: ['free'] },
      { requests: 2, perSeconds: 10, plans: ['pro', 'starter'] },
      { requests: 1, perSeconds: 100, of: 'writes' },
    ],
    plain: [{ requests: 1, perSeconds: 1, of: 'reads' }],
  })
  assert.deepEqual([limiter.asksForPlan('toy'), limiter.asksForPlan('plain'), limiter.asksForPlan('none')], [true, false, false])
  const take = (organization: string, plan: PlanTier | undefined, of: 'reads' | 'writes' = 'reads') =>
    limiter.take('toy', organization, at(0), { of, ...(plan && { plan }) })
  assert.deepEqual([take('a', 'free'), take('a', 'free')], [undefined, 10])
  assert.deepEqual([take('b', 'pro'), take('b', 'pro'), take('b', 'pro')], [undefined, undefined, 5])
  assert.deepEqual([take('c', 'enterprise'), take('c', undefined)], [undefined, undefined])
  assert.deepEqual([take('c', 'enterprise', 'writes'), take('c', 'enterprise', 'writes')], [undefined, 100])
  assert.equal(limiter.take('plain', 'a', at(0), { of: 'writes' }), undefined)
})

test('MBRD-44 several rules hold at once, as per second and per day: one refusal takes from none, and the tightest is told', () => {
  const { state } = open({
    toy: [
      { requests: 2, perSeconds: 1 },
      { requests: 3, perSeconds: 86_400 },
    ],
  })
  const take = (seconds: number) => state('toy', 'a', at(seconds))
  assert.deepEqual(take(0), { limit: 2, remaining: 1, fullAt: at(0.5), waitSeconds: undefined })
  assert.deepEqual(take(0), { limit: 2, remaining: 0, fullAt: at(1), waitSeconds: undefined })
  assert.deepEqual(take(0), { limit: 2, remaining: 0, fullAt: at(1), waitSeconds: 1 })
  assert.equal(take(1)?.limit, 3)
  const refused = take(2)
  assert.deepEqual([refused?.limit, refused?.remaining, refused?.waitSeconds], [3, 0, 28_798])
})

test('TWIL-61 a rule counts each operation by itself where it says so', () => {
  const { take } = open({ toy: [{ requests: 1, perSeconds: 10, each: 'operation' }] })
  assert.deepEqual(
    ['list', 'read', 'list'].map((operation) => take('toy', 'a', at(0), { operation })),
    [undefined, undefined, 10],
  )
})

test('TWIL-61 a place under a concurrency rule is taken until it is given back, by organization', () => {
  const { enter } = open({ toy: [{ atOnce: 2 }, { atOnce: 1, of: 'writes' }] })
  const by = (who: string, of: 'reads' | 'writes' = 'reads') =>
    enter({ dialect: 'toy', who, operation: 'any', of, plan: undefined })
  const first = by('a')
  const write = by('a', 'writes')
  assert.ok(first && write)
  assert.deepEqual([by('a'), by('a', 'writes')], [undefined, undefined])
  assert.ok(by('b', 'writes'))
  first()
  assert.equal(by('a', 'writes'), undefined)
  write()
  assert.ok(by('a', 'writes') && by('a'))
  assert.equal(by('a'), undefined)
})

test('attempts with a secret are held by rules for tokens alone, and by as many times as the caller says', () => {
  const limiter = createRateLimiter(
    new Map([
      ['toy', [{ requests: 1, perSeconds: 1 }]],
      ['other', [{ requests: 1, perSeconds: 1, of: 'tokens' as const }]],
    ]),
  )
  const take = (dialect: string, times?: number) =>
    limiter.take({ dialect, who: 'x', operation: '', of: 'tokens', plan: undefined, ...(times && { times }) }, at(0))
  assert.equal(take('toy'), undefined)
  assert.deepEqual([take('other', 2)?.limit, take('other', 2)?.waitSeconds, take('other', 2)?.waitSeconds], [2, undefined, 1])
})

test('a rule per credential counts each by itself, its requests and its places', () => {
  const limiter = createRateLimiter(
    new Map([
      [
        'toy',
        [
          { requests: 1, perSeconds: 10, per: 'credential' },
          { atOnce: 1, per: 'credential' },
        ],
      ],
    ]),
  )
  const request = (credential: string) =>
    ({ dialect: 'toy', who: 'a', credential, of: 'reads', plan: undefined, operation: 'list' }) as const
  const take = (credential: string) => limiter.take(request(credential), at(0))?.waitSeconds
  assert.deepEqual([take('one'), take('one'), take('two'), take('two')], [undefined, 10, undefined, 10])
  const leave = limiter.enter(request('one'))
  assert.ok(leave)
  assert.deepEqual([limiter.enter(request('one')), typeof limiter.enter(request('two'))], [undefined, 'function'])
  leave()
  assert.equal(typeof limiter.enter(request('one')), 'function')
})
