import { z } from 'zod'
import { Member } from './wire.ts'

/** A member of one project, as it came. */
export interface Listed {
  readonly projectId: string
  readonly member: Member
  readonly raw: unknown
}

/** A person as each of their projects shows them, in the order of the projects. */
export type Across = readonly [Listed, ...Listed[]]

const Kept = z.array(z.tuple([z.string(), z.unknown()]))
const batchSize = 100

/**
 * Everybody who is in any of several projects, each once. Nobody is whole before the last project is read, so that the first one is read last: what is held of
 * the others until then is their records as text, which is the least that can be held of many people.
 */
export async function* listAcross(
  [first, ...others]: readonly [string, ...string[]],
  walk: (projectId: string) => AsyncIterable<readonly Listed[]>,
): AsyncGenerator<readonly Across[], void, undefined> {
  const kept = new Map<string, string>()
  for (const projectId of others)
    for await (const page of walk(projectId))
      for (const { member, raw } of page) {
        const id = idOf(member)
        const before = kept.get(id)
        const text = JSON.stringify([projectId, raw])
        kept.set(id, before === undefined ? text : `${before},${text}`)
      }
  const elsewhere = (id: string): readonly Listed[] =>
    Kept.parse(JSON.parse(`[${kept.get(id) ?? ''}]`)).map(([projectId, raw]) => ({ projectId, member: Member.parse(raw), raw }))
  const shown = new Set<string>()
  for await (const page of walk(first)) {
    yield page.map((listed) => [listed, ...elsewhere(idOf(listed.member))] as const)
    for (const { member } of page) shown.add(idOf(member))
  }
  let rest: Across[] = []
  for (const id of kept.keys()) {
    const [one, ...more] = shown.has(id) ? [] : elsewhere(id)
    if (one) rest.push([one, ...more])
    if (rest.length < batchSize) continue
    yield rest
    rest = []
  }
  if (rest.length > 0) yield rest
}

/** user_id; the address where the list shows none (SNCH-19). */
export const idOf = ({ user_id, email }: Member): string => user_id ?? email.toLowerCase()
