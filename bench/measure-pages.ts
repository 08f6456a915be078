import type { ServedHome } from './home.ts'
import { generateLoad } from './load.ts'
import { median } from './median.ts'
import { peopleLists, places, type PeopleList, type Place } from './pages.ts'

export interface PageRow {
  readonly list: string
  readonly paging: PeopleList['paging']
  readonly people: number
  /** Pages per second. */
  readonly perSecond: Readonly<Record<Place, number>>
  /** Of the first page's rate. */
  readonly toFirst: Readonly<Record<'middle' | 'last', number>>
  /** The first page's rate, of the one with the fewest people. */
  readonly toSmallest: number
}

const connections = 16
const slices = 4

/** The rates of the first page, of one in the middle and of the last, of every list; in slices that take turns, so that a ratio is the median over them. */
export async function measurePages(
  homes: readonly ServedHome[],
  {
    isWanted,
    seconds,
    say,
  }: { readonly isWanted: (name: string) => boolean; readonly seconds: number; readonly say: (line: string) => void },
): Promise<readonly PageRow[]> {
  const lists = homes.map((home) => peopleLists(home).filter(({ name }) => isWanted(name)))
  const rows: PageRow[] = []
  for (const [index, { name, paging }] of (lists[0] ?? []).entries()) {
    const measured: { readonly people: number; readonly rates: Readonly<Record<Place, readonly number[]>> }[] = []
    for (const [which, home] of homes.entries()) {
      const list = lists[which]![index]!
      const paths = await list.paths()
      const rates: Record<Place, number[]> = { first: [], middle: [], last: [] }
      for (const place of places) await load(home, list, paths[place], 200)
      for (let slice = 0; slice < slices; slice++)
        for (const place of places) rates[place].push(await load(home, list, paths[place], (seconds * 1000) / slices))
      measured.push({ people: home.people, rates })
    }
    for (const { people, rates } of measured) {
      const perSecond = {
        first: round(median(rates.first)),
        middle: round(median(rates.middle)),
        last: round(median(rates.last)),
      }
      const toFirst = { middle: ratio(rates.middle, rates.first), last: ratio(rates.last, rates.first) }
      const toSmallest = ratio(rates.first, measured[0]!.rates.first)
      rows.push({ list: name, paging, people, perSecond, toFirst, toSmallest })
      say(
        `${name.padEnd(17)} ${paging.padEnd(8)} ${String(people).padStart(7)} people  first ${perSecond.first}/s  middle ${toFirst.middle.toFixed(2)}  last ${toFirst.last.toFixed(2)}  first to smallest ${toSmallest.toFixed(2)}`,
      )
    }
  }
  return rows
}

async function load({ url }: ServedHome, { authorization }: PeopleList, path: string, ms: number): Promise<number> {
  const head = `GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: ${authorization}\r\nAccept: application/json\r\n\r\n`
  const { perSecond } = await generateLoad({ port: Number(new URL(url).port), connections, ms, next: () => head, status: 200 })
  return perSecond
}

const round = (rate: number): number => Math.round(rate * 10) / 10
const ratio = (rates: readonly number[], others: readonly number[]): number =>
  Math.round(median(rates.map((rate, slice) => rate / (others[slice] ?? Number.NaN))) * 1000) / 1000
