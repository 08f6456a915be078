import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { mainFile, startNode, type Child } from '../scripts/child.ts'

/** The product, serving a home that was seeded for it. */
export interface ServedHome {
  readonly people: number
  readonly child: Child
  readonly url: string
  /** From spawn to ready, in milliseconds. */
  readonly startMs: number
  /** What `organization create` prints, by dialect. */
  readonly access: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Of the people, in their order. */
  readonly ids: readonly string[]
}

const Seed = z.object({ access: z.record(z.string(), z.record(z.string(), z.string())), ids: z.array(z.string()) })
/** What the access names before it is known where the home is served. */
const seededOrigin = 'http://127.0.0.1'

export interface HomeOptions {
  readonly people: number
  /** Everybody holds the role of this name. */
  readonly role?: string
  /** The URL of a PostgreSQL database; SQLite without. */
  readonly database?: string | undefined
}

/** Seeds a home of its own in the folder and serves it. */
export async function startHome(folder: string, { people, role, database }: HomeOptions): Promise<ServedHome> {
  const home = mkdtempSync(join(folder, `home-${people}-`))
  const environment = database === undefined ? undefined : { DATABASE_URL: database }
  const where = ['--home', home, '--people', String(people), ...(role === undefined ? [] : ['--role', role])]
  const seeding = startNode([fileURLToPath(new URL('seed.ts', import.meta.url)), ...where], environment)
  await seeding.ready
  await seeding.ended
  const started = performance.now()
  const child = startNode([...rollcallFlags(), mainFile, 'serve', '--home', home, '--port', '0', '--json'], environment)
  const { url } = z.object({ url: z.string() }).parse(await child.ready)
  const startMs = performance.now() - started
  const text = readFileSync(join(home, 'seed.json'), 'utf8').replaceAll(`"${seededOrigin}/`, `"${url}/`)
  return { people, child, url, startMs, ...Seed.parse(JSON.parse(text)) }
}

/** Node's flags in the command that `npm run rollcall` runs. */
export function rollcallFlags(): readonly string[] {
  const { scripts } = z
    .object({ scripts: z.object({ rollcall: z.string() }) })
    .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))
  return scripts.rollcall.split(' ').filter((word) => word.startsWith('-'))
}
