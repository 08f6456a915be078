import type { Explanation, Explanations } from '../directory/explanation.ts'
import { strike } from './log.ts'

/** Keeps the causes of refusals, off the path of requests. */
export interface Recorder {
  readonly note: (explanation: Omit<Explanation, 'id'>) => void
  /** Resolves when everything that was noted so far is stored, or could not be. */
  readonly flush: () => Promise<void>
}

export interface RecorderOptions {
  readonly explanations: Explanations
  readonly newId: () => string
  readonly clock: () => Date
  /** Told when explanations could not be stored, or were too many to wait, with their number; no request fails by it. */
  readonly lost: (count: number, error: unknown) => void
}

export const explanationLimits = { lifetimeMs: 30 * 24 * 60 * 60 * 1_000, keep: 100_000 } as const

const afterMs = 200
const batchSize = 200
const mostWaiting = 10_000
/** So many more than are kept may stand at a time. */
const pruneEvery = 2_000
const longestText = 500

export function createRecorder({ explanations, newId, clock, lost }: RecorderOptions): Recorder {
  let waiting: Explanation[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let sincePruned = pruneEvery

  const store = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize)
      try {
        await explanations.add(batch)
        sincePruned += batch.length
        if (sincePruned < pruneEvery) continue
        sincePruned = 0
        await explanations.prune({
          before: new Date(clock().getTime() - explanationLimits.lifetimeMs),
          keep: explanationLimits.keep,
        })
      } catch (error) {
        lost(batch.length, error)
      }
    }
    writing = undefined
  }
  const begin = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0) writing ??= store()
    return writing
  }

  return {
    note: (explanation) => {
      if (waiting.length >= mostWaiting) return lost(1, undefined)
      waiting.push({ ...withSafeTexts(explanation), id: newId() })
      timer ??= setTimeout(() => void begin(), afterMs).unref()
    },
    flush: async () => {
      await begin()
    },
  }
}

/** Names from a request may stand in a message: they are cut short, without our secrets and without what no database keeps. */
const withSafeTexts = ({ message, field, code, ...rest }: Omit<Explanation, 'id'>): Omit<Explanation, 'id'> => ({
  ...rest,
  message: safe(message),
  field: field === undefined ? undefined : safe(field),
  code: code === undefined ? undefined : safe(code),
})

const safe = (text: string): string => strike(text).replaceAll('\0', '\uFFFD').slice(0, longestText).toWellFormed()
