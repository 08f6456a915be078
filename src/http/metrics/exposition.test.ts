import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expose, type Family } from './exposition.ts'
import { createRequestCounts } from './requests.ts'

const family = (over: Partial<Family>): Family => ({ name: 'a_seconds', help: 'Help.', type: 'gauge', samples: [], ...over })

test('a family is its help, its type and a line for each sample, and one without samples is left out', () => {
  const text = expose([
    family({ samples: [{ value: 1.5 }, { labels: { side: 'reads', vendor: 'bird' }, value: 0 }] }),
    family({ name: 'empty' }),
    family({ name: 'b_total', type: 'counter', samples: [{ value: 1e21 }] }),
  ])
  assert.equal(
    text,
    [
      '# HELP a_seconds Help.',
      '# TYPE a_seconds gauge',
      'a_seconds 1.5',
      'a_seconds{side="reads",vendor="bird"} 0',
      '# HELP b_total Help.',
      '# TYPE b_total counter',
      'b_total 1e+21',
      '',
    ].join('\n'),
  )
})

test('whatever a name holds stays within its label, and what is no number is spelled as Prometheus reads it', () => {
  const name = 'a"} 1\nrollcall_fake 1 \\'
  const text = expose([
    family({ help: 'one\ntwo \\', samples: [{ labels: { connection: name }, value: -Infinity }, { value: NaN }] }),
  ])
  assert.deepEqual(text.split('\n').slice(0, 4), [
    '# HELP a_seconds one\\ntwo \\\\',
    '# TYPE a_seconds gauge',
    String.raw`a_seconds{connection="a\"} 1\nrollcall_fake 1 \\"} -Inf`,
    'a_seconds NaN',
  ])
})

test('requests are counted by dialect and class of status, whatever their addresses', () => {
  const counts = createRequestCounts()
  for (const status of [200, 201, 404, 503]) counts.count('scim', status)
  counts.count(undefined, 404)
  assert.deepEqual(
    counts.families()[0]?.samples.map(({ labels, value }) => [labels?.['dialect'], labels?.['status'], value]),
    [
      ['scim', '2xx', 2],
      ['scim', '4xx', 1],
      ['scim', '5xx', 1],
      ['none', '4xx', 1],
    ],
  )
})
