import { median } from './median.ts'
import { userNameOf } from './people.ts'
import { scimPage } from './scim-client.ts'
import type { Subject } from './subject.ts'

export interface PairsRow {
  readonly subject: string
  readonly people: number
  /** 16 pairs, or 32 comparisons: somebody's name and address, or somebody else's; and one name or another, 16 times over. */
  readonly pairs: 'a and b, or …' | 'a or b, and …'
  readonly milliseconds: number
}

/** How long it may take at 10,000 people, in milliseconds. */
export const pairsTargetMs = 20
const pairs = 16
const times = 15

/** How long a filter of 16 pairs takes, one request after the other. */
export async function measurePairs({ kind, people, server }: Subject): Promise<readonly PairsRow[]> {
  const nameOf = (number: number) => userNameOf(1 + Math.floor((number * people) / (2 * pairs)))
  const numbers = Array.from({ length: pairs }, (_, index) => index)
  const filters = {
    'a and b, or …': numbers
      .map((number) => `(userName eq "${nameOf(number)}" and emails[type eq "work" and value eq "${nameOf(number)}"])`)
      .join(' or '),
    'a or b, and …': numbers.map((number) => `(emails.value eq "${nameOf(0)}" or userName eq "${nameOf(number)}")`).join(' and '),
  } as const
  const found = { 'a and b, or …': Math.min(pairs, people), 'a or b, and …': 1 } as const
  const rows: PairsRow[] = []
  for (const name of ['a and b, or …', 'a or b, and …'] as const) {
    const taken: number[] = []
    for (let time = 0; time < times; time++) {
      const started = performance.now()
      const page = await scimPage(server, `/Users?filter=${encodeURIComponent(filters[name])}`)
      taken.push(performance.now() - started)
      if (page.Resources.length !== found[name])
        throw new Error(`a filter of ${pairs} pairs found ${page.Resources.length} people, not ${found[name]}`)
    }
    rows.push({ subject: kind.name, people, pairs: name, milliseconds: Math.round(median(taken) * 10) / 10 })
  }
  return rows
}
