import type { Step } from './ledger.ts'

/** A step is finished when it is done or another plan holds it; a failed one is still to be done. */
export const isUnfinished = ({ state }: Pick<Step, 'state'>): boolean => state !== 'done' && state !== 'superseded'

/** Sent, and what came of it is not known yet. */
export const isInFlight = ({ state }: Pick<Step, 'state'>): boolean => state === 'sending' || state === 'unknown'
