import { command, unchanged } from './call.ts'
import type { Parts } from './directory.ts'

export function keyCommands({ store }: Parts) {
  return {
    /**
     * Binds the call's idempotency key to its request, for a handler that then runs several commands without the key. A repetition comes through, so
     * what follows has to be repeatable by itself; another request with the key is refused as `keyReused`.
     */
    claimKey: command(store, 'read', async (_tx, _call, _input: undefined) => unchanged(null)),
  }
}
