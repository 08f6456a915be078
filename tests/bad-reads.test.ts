import { test } from 'node:test'
import { showBadReads } from './bad-reads.ts'

test('no bad read removes anybody: each raises an alarm, and who joins meanwhile gets in', (t) => showBadReads(t, 28))
