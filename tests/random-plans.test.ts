import { test } from 'node:test'
import { carryOutRandomPlans } from './random-plans.ts'

test('whatever happens, nothing is taken away but what was decided, and in the end the next plan is empty', (t) =>
  carryOutRandomPlans(t, 25))
