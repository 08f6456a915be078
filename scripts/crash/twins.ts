import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connectors, dialects } from '../../src/dialects/index.ts'
import { createTwin, type Twin } from '../../src/twin/create.ts'
import { vendorNames, vendors, type VendorName } from '../../tests/lifecycle/world.ts'

/** A vendor that is ill now and then, with whoever it invites accepting now and then. */
export interface CrashTwin {
  readonly name: VendorName
  readonly credentials: Readonly<Record<string, string>>
  /** The role that everybody gets; none where the API does not tell roles by name. */
  readonly roles: readonly string[]
  /** What it accepted so far. */
  readonly deeds: () => Deeds
  /** The names under which accounts stand there now, by its own answer. */
  readonly standing: () => Promise<ReadonlySet<string>>
  /** How often each kind of fault struck. */
  readonly faults: () => ReadonlyMap<string, number>
  /** Another spell of faults, or none. */
  readonly changeWeather: () => void
  readonly clearWeather: () => void
  /** Everybody with an even number among those invited since accepts. */
  readonly acceptInvitations: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Accepted writes by user name, with how often. */
export interface Deeds {
  readonly created: ReadonlyMap<string, number>
  readonly deleted: ReadonlyMap<string, number>
  /** Suspensions. */
  readonly suspended: ReadonlyMap<string, number>
}

/** A spell of each fault that concerns writes: in so few requests that work goes on, in enough that each kind strikes in every run. */
const spell = [
  { kind: 'status500Before', share: 0.02 },
  { kind: 'status500After', share: 0.03 },
  { kind: 'closeAfter', share: 0.03 },
  { kind: 'slow', share: 0.03, ms: 300 },
]
const ill = 0.5
/** Each halves the pace of the credential for the rest of the process's life: seldom, or nothing else is met. */
const limit = { kind: 'status429', times: 1 }
const limited = 0.03

export const openTwins = (folder: string, random: () => number): Promise<readonly CrashTwin[]> =>
  Promise.all(vendorNames.map((name) => openTwin(name, { folder, random })))

async function openTwin(
  name: VendorName,
  { folder, random }: { readonly folder: string; readonly random: () => number },
): Promise<CrashTwin> {
  const dialect = dialects.find((each) => each.name === name)
  const connect = connectors[name]
  if (!dialect || !connect) throw new TypeError(`there is no vendor ${name}`)
  const twin = await createTwin({ dialect, home: join(folder, name), people: 20, seed: 1, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const { credentials } = twin
  const vendor = connect({
    baseUrl: credentials['baseUrl'] ?? '',
    credentials,
    fetch,
    sleep: async (ms) => wait(ms),
    random,
    randomBytes,
    clock: () => new Date(),
  })
  const struck = new Map<string, number>()
  const setWeather = (faults: readonly object[]) => {
    for (const { kind, fired } of twin.faults.list()) struck.set(kind, (struck.get(kind) ?? 0) + fired)
    twin.faults.set(faults)
  }
  const seen = new Set<string>()
  return {
    name,
    credentials,
    roles: name === 'twilio' ? [] : [vendors[name].desk],
    deeds: () => deedsOf(twin),
    standing: async () => {
      const names = new Set<string>()
      for await (const { accounts } of vendor.reader.list())
        for (const { userName, email } of accounts) names.add(userName).add(email ?? userName)
      return names
    },
    faults: () => struck,
    changeWeather: () => setWeather([...(random() < ill ? spell : []), ...(random() < limited ? [limit] : [])]),
    clearWeather: () => setWeather([]),
    acceptInvitations: async () => {
      for (const { to = '', link } of await twin.mails()) {
        if (link === undefined || seen.has(link) || !/[02468]@/.test(to)) continue
        seen.add(link)
        // An invitation that was withdrawn meanwhile is not there any more.
        await (await fetch(link, { method: 'POST' })).text()
      }
    },
    close: () => twin.close(),
  }
}

function deedsOf(twin: Twin): Deeds {
  const writes = twin.writes()
  const countOf = (operations: RegExp) => {
    const counts = new Map<string, number>()
    for (const { operation, subject } of writes)
      if (operations.test(operation)) counts.set(subject, (counts.get(subject) ?? 0) + 1)
    return counts
  }
  return { created: countOf(/create|invite|add/i), deleted: countOf(/delete|remove/i), suspended: countOf(/suspend|deactivate/i) }
}
