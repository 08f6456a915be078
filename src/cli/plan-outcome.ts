import type { Client } from '../dialects/native/connect.ts'
import { exitCodes, type ExitCode } from './exit.ts'
import { printableLines } from './terminal.ts'

export type Plan = Awaited<ReturnType<Client['readPlan']>>

const ended: ReadonlySet<Plan['steps'][number]['state']> = new Set(['done', 'superseded'])

/** Whether the plan has steps that are still to be done, by us or by a person. */
export const hasChanges = (plan: Plan): boolean => plan.steps.some(({ state }) => !ended.has(state))

/** Whether a step waits for a decision. */
export const waitsForApproval = (plan: Plan): boolean =>
  plan.state === 'open' && plan.steps.some(({ state }) => state === 'planned')

/** What applying the plan came to. */
export function outcomeOf(plan: Plan): ExitCode {
  const count = (...states: readonly Plan['steps'][number]['state'][]) =>
    plan.steps.filter(({ state }) => states.includes(state)).length
  const isStale = ({ state, stale }: Plan['steps'][number]) => state === 'failed' && stale !== undefined
  if (plan.steps.some(isStale) && plan.steps.every((step) => isStale(step) || ended.has(step.state))) return exitCodes.planStale
  if (count('failed', 'unknown', 'sending', 'unsupported') > 0) return exitCodes.partlyDone
  return waitsForApproval(plan) ? exitCodes.needsApproval : exitCodes.ok
}

/** The plan for people, as the hub tells it, with what to do next. */
export const planText = ({ text }: Plan): string => printableLines(`${text}\n`)
