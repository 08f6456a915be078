import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { projectRoot, startNode } from '../scripts/child.ts'
import { rollcallFlags, type ServedHome } from './home.ts'

export interface ReadRow {
  readonly connector: string
  readonly people: number
  /** Of the first read, and of one after it, when nothing has changed. */
  readonly seconds: number
  readonly againSeconds: number
  /** That the reading process computed, for both reads. */
  readonly cpuSeconds: number
  readonly peoplePerSecond: number
  /** How often the list was read through for one read. */
  readonly passes: number
  /** The most memory that the reading process had resident. */
  readonly peakMb: number
  /** Time per person, of that with the fewest people: 1 where time grows in proportion. Of the computing alone, other load on the machine changes little. */
  readonly timePerPerson: number
  readonly cpuPerPerson: number
}

/** Every way in which a vendor's people are read: the connector and, where it has several APIs, its profile. */
const connectors: readonly { readonly name: string; readonly vendor: string; readonly profile?: string }[] = [
  { name: 'bandwidth', vendor: 'bandwidth' },
  { name: 'bird', vendor: 'bird' },
  { name: 'messagebird', vendor: 'messagebird' },
  { name: 'messagebird SCIM', vendor: 'messagebird', profile: 'scim' },
  { name: 'twilio', vendor: 'twilio' },
  { name: 'twilio SCIM', vendor: 'twilio', profile: 'scim' },
  { name: 'twilio current', vendor: 'twilio', profile: 'current' },
  { name: 'sinch', vendor: 'sinch' },
  { name: 'sinch SCIM', vendor: 'sinch', profile: 'scim' },
  { name: 'scim', vendor: 'scim' },
]

const Result = z.object({
  seconds: z.number(),
  againSeconds: z.number(),
  cpuSeconds: z.number(),
  complete: z.literal(true),
  accounts: z.int(),
  passes: z.int(),
  peakMb: z.number(),
})

/** Reads every vendor that the homes serve, each in a process of its own; a read that is not complete, or lacks somebody, throws. */
export async function measureReads(
  homes: readonly ServedHome[],
  {
    isWanted,
    folder,
    say,
  }: { readonly isWanted: (name: string) => boolean; readonly folder: string; readonly say: (line: string) => void },
): Promise<readonly ReadRow[]> {
  const rows: ReadRow[] = []
  const wanted = connectors.filter(({ name }) => isWanted(name))
  const readFrom = (home: ServedHome, { vendor, profile }: (typeof connectors)[number], name: string) => {
    const credentials = { ...home.access[vendor], ...(profile !== undefined && { profile }) }
    return read({ folder, name: name.replaceAll(' ', '-'), vendor, credentials })
  }
  // The first start after an installation compiles, and needs more memory for it.
  if (homes[0] && wanted[0]) await readFrom(homes[0], wanted[0], 'first')
  for (const connector of wanted) {
    const { name } = connector
    let smallest: { readonly seconds: number; readonly cpuSeconds: number } | undefined
    for (const home of homes) {
      const result = await readFrom(home, connector, `${name}-${home.people}`)
      if (result.accounts !== home.people) throw new Error(`${name} read ${result.accounts} of ${home.people} people`)
      const { seconds, againSeconds, cpuSeconds, passes, peakMb } = result
      const perPerson = { seconds: (seconds + againSeconds) / home.people, cpuSeconds: cpuSeconds / home.people }
      smallest ??= perPerson
      const row: ReadRow = {
        connector: name,
        people: home.people,
        seconds: round(seconds, 10),
        againSeconds: round(againSeconds, 10),
        cpuSeconds: round(cpuSeconds, 10),
        peoplePerSecond: Math.round(home.people / seconds),
        passes,
        peakMb: Math.round(peakMb),
        timePerPerson: round(perPerson.seconds / smallest.seconds, 100),
        cpuPerPerson: round(perPerson.cpuSeconds / smallest.cpuSeconds, 100),
      }
      rows.push(row)
      say(
        `${name.padEnd(17)} ${String(home.people).padStart(7)} people  ${row.seconds} s, again ${row.againSeconds} s  ${row.peoplePerSecond}/s  ${passes} ${passes > 1 ? 'passes' : 'pass'}  time per person ${row.timePerPerson.toFixed(2)}, computing ${row.cpuPerPerson.toFixed(2)}  peak ${row.peakMb} MB`,
      )
    }
  }
  return rows
}

async function read({
  folder,
  name,
  vendor,
  credentials,
}: {
  readonly folder: string
  readonly name: string
  readonly vendor: string
  readonly credentials: Readonly<Record<string, string>>
}): Promise<z.output<typeof Result>> {
  const file = join(folder, `credentials-${name}.json`)
  writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 })
  const child = startNode(
    [
      ...rollcallFlags(),
      fileURLToPath(new URL('read.ts', import.meta.url)),
      '--home',
      join(folder, `reader-${name}`),
      '--vendor',
      vendor,
      '--credentials',
      file,
    ],
    // As the command runs: from compiled code, without a type stripper in memory.
    { NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/rollcall') },
  )
  const result = Result.parse(await child.ready)
  await child.ended
  return result
}

const round = (value: number, parts: number): number => Math.round(value * parts) / parts
