import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../directory/errors.ts'
import { limitRules, tokenLimit } from './limit-rules.ts'

test('settings name limits, rules or the vendor’s own figures; what cannot be is told', () => {
  const own = [{ requests: 5, perSeconds: 1 }]
  const dialects = [{ name: 'toy', documentedLimits: own }, { name: 'bare' }]
  assert.deepEqual(
    [...limitRules({ toy: 'documented', bare: { requests: 1, perSeconds: 2 } }, dialects)],
    [
      ['toy', [...own, tokenLimit]],
      ['bare', [{ requests: 1, perSeconds: 2 }, tokenLimit]],
    ],
  )
  assert.deepEqual(limitRules({ toy: [] }, dialects).get('toy'), [tokenLimit])
  const named = { requests: 1, perSeconds: 60, of: 'tokens' } as const
  assert.deepEqual(limitRules({ toy: [named] }, dialects).get('toy'), [named])
  assert.deepEqual([...limitRules({}, dialects).values()], [[tokenLimit], [tokenLimit]])
  for (const strange of [
    { ...named, plans: ['free'] },
    { ...named, per: 'credential' },
    { atOnce: 1, of: 'tokens' },
  ] as const)
    assert.throws(() => limitRules({ toy: [strange] }, dialects), ConfigError)
  assert.throws(() => limitRules({ bare: 'documented' }, dialects), ConfigError)
  assert.throws(() => limitRules({ none: { requests: 1, perSeconds: 1 } }, dialects), ConfigError)
})
