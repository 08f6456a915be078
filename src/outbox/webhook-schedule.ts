/** How often a message is tried before it is given up: 57 times, which takes a day. */
export const maxAttempts = 57
const firstPauseMs = 5_000
const longestPauseMs = 30 * 60 * 1_000

/** How many messages in a row fail at their first attempt before further ones are held back for a while. */
export const failuresToPause = 5
const longestHoldMs = 5 * 60 * 1_000

/** For how long nothing may succeed before the webhook is disabled, in milliseconds. */
export const patienceMs = 5 * 24 * 60 * 60 * 1_000

/** The pause after so many attempts at one message: 5 s, doubling to half an hour, a quarter more or less. `random` is in [0, 1). */
export const retryPauseMs = (attempts: number, random: number): number =>
  jittered(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1)), random)

/** The pause of the whole webhook after so many failures in a row: 5 s, doubling to 5 minutes; then one further message is tried. */
export const holdPauseMs = (failures: number, random: number): number =>
  jittered(Math.min(longestHoldMs, firstPauseMs * 2 ** Math.max(0, failures - failuresToPause)), random)

const jittered = (ms: number, random: number) => Math.round(ms * (0.75 + random / 2))
