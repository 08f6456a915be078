import { setImmediate as nextTurn } from 'node:timers/promises'
import { checkedText } from './statement.ts'

interface Round<V> {
  readonly keys: Set<string>
  readonly answers: Promise<ReadonlyMap<string, V>>
}

/**
 * Asks together for what is wanted of one owner within one turn of the event loop, where asking costs more than looking. `ask` begins when everybody who
 * waits for it has come, so that nobody sees less than what stood when they asked. A key that the database could not take is refused alone.
 */
export function gather<V>(
  ask: (owner: string, keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (owner: string, key: string) => Promise<V | undefined> {
  const open = new Map<string, Round<V>>()
  const begin = (owner: string): Round<V> => {
    const keys = new Set<string>()
    const answers = nextTurn().then(() => {
      open.delete(owner)
      return ask(owner, [...keys])
    })
    const round = { keys, answers }
    open.set(owner, round)
    return round
  }
  return async (owner, key) => {
    const wanted = checkedText(key)
    const { keys, answers } = open.get(owner) ?? begin(owner)
    keys.add(wanted)
    return (await answers).get(wanted)
  }
}
