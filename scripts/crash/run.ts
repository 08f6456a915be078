import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { createClient } from '../../src/dialects/native/connect.ts'
import { runRollcall } from '../child.ts'
import { createAims } from './aims.ts'
import { approveRemovals } from './approver.ts'
import { createHubs } from './hubs.ts'
import { pushPeople, userNameOf } from './identity-provider.ts'
import { OutOfTime } from './patience.ts'
import { judge, type Verdict } from './judge.ts'
import { killPoints } from './kill-points.ts'
import { openTwins, type CrashTwin, type Deeds } from './twins.ts'

const Access = z.object({ native: z.object({ key: z.string() }), scim: z.object({ baseUrl: z.string(), token: z.string() }) })

export interface CrashOptions {
  readonly kills: number
  readonly steps: number
  readonly processes: number
  /** Undefined: SQLite in the home. */
  readonly databaseUrl: string | undefined
  readonly limitMs: number
  readonly random: () => number
  readonly say: (line: string) => void
}

export interface CrashReport extends Verdict {
  readonly kills: number
  /** How often a process died at each named kill point. */
  readonly killPoints: Readonly<Record<string, number>>
  /** Kill points that nobody came to, although there were kills enough to come to each. */
  readonly unreached: readonly string[]
  /** How often each kind of fault struck, over all vendors. */
  readonly faults: Readonly<Record<string, number>>
  readonly seconds: number
}

/** The pushes are a little ahead of the kills, and the kills wait for most of the steps, so that they hit a hub with work to do from the first to the last. */
const ahead = 0.04
const leastDone = 0.75
const slack = 30

/** How many kills a kill point takes on average until it is reached. Fewer kills than that cannot show that one is out of reach. */
const killsPerPoint = 5

/**
 * One whole run: an identity provider's pushes reach five vendors, who are ill now and then, through hubs that are killed all the while. Everything it
 * starts has ended when it resolves.
 */
export async function crash({ kills, steps, processes, databaseUrl, limitMs, random, say }: CrashOptions): Promise<CrashReport> {
  const started = Date.now()
  let stopped = false
  const expired = () => stopped || Date.now() - started > limitMs
  const isEnough = kills >= killPoints.length * killsPerPoint
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'))
  const home = join(folder, 'hub')
  const environment = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  const aims = createAims()
  const twins = await openTwins(folder, random)
  const hubs = await createHubs({ home, folder, processes, environment, random, aims })
  try {
    await hubs.start()
    const { access, approverKey } = await connect({ home, environment, url: hubs.urls[0]!, twins })
    // A third leaves again: four accepted writes at five vendors for every three people.
    const joiners = Math.ceil((steps * 3) / (4 * twins.length))
    const leavers = Math.floor(joiners / 3)
    const names = Array.from({ length: joiners }, (_, index) => userNameOf(index + 1))
    const leaving = names.slice(0, leavers)

    let deeds: readonly Deeds[] = []
    const created = () => count(deeds.map((deed) => deed.created.size))
    const removed = () => count(deeds.map((deed) => deed.deleted.size))
    const share = () => (kills === 0 ? 1 : hubs.kills() / kills)
    let over = false
    const done = () => over || expired()
    const watching = (async () => {
      while (!done()) {
        deeds = twins.map((twin) => twin.deeds())
        over = deeds.every(
          (deed) => names.every((name) => deed.created.has(name)) && leaving.every((name) => deed.deleted.has(name)),
        )
        await wait(500)
      }
    })()
    const living = (async () => {
      while (!done()) {
        for (const twin of twins) {
          if (hubs.kills() < kills) twin.changeWeather()
          else twin.clearWeather()
          await twin.acceptInvitations()
        }
        await wait(500)
      }
      for (const twin of twins) twin.clearWeather()
    })()
    const talking = (async () => {
      while (!done()) {
        say(
          `${secondsSince(started)} s: ${hubs.kills()} kills, ${created()} of ${joiners * twins.length} created, ${removed()} of ${leavers * twins.length} removed`,
        )
        await Promise.race([watching, wait(10_000)])
      }
    })()
    await Promise.all([
      hubs.killAtRandom(kills, {
        expired,
        behind: () => created() + removed() < steps * share() * leastDone - slack,
        lacking: () => isEnough && created() + removed() < steps && aims.unreached().length > 0,
      }),
      inTime(
        pushPeople({
          origins: hubs.urls,
          path: new URL(access.scim.baseUrl).pathname,
          token: access.scim.token,
          expired,
          joiners,
          leavers,
          progress: () => share() + ahead,
          hasAccounts: (userName) => deeds.length > 0 && deeds.every((deed) => deed.created.has(userName)),
        }),
      ),
      inTime(approveRemovals({ origins: hubs.urls, key: approverKey, expired, done })),
      watching,
      living,
      talking,
    ])
    // What is done twice is done soon after: leave it the time.
    await wait(2_000)
    return {
      kills: hubs.kills(),
      ...(await judge(twins, { stay: names.slice(leavers), leave: leaving })),
      killPoints: aims.counts(),
      unreached: isEnough ? aims.unreached() : [],
      faults: struckFaults(twins),
      seconds: secondsSince(started),
    }
  } finally {
    stopped = true
    await hubs.stop()
    await Promise.all(twins.map((twin) => twin.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}

const count = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
const secondsSince = (started: number): number => Math.round((Date.now() - started) / 1000)

function struckFaults(twins: readonly CrashTwin[]): Readonly<Record<string, number>> {
  const struck = new Map<string, number>()
  for (const twin of twins) for (const [kind, times] of twin.faults()) struck.set(kind, (struck.get(kind) ?? 0) + times)
  return Object.fromEntries(struck)
}

/** Ends quietly when the time is over: what is missing then shows in the verdict. */
async function inTime(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error
  }
}

/** An organization with a connection for everyone to each vendor, all of which may write, and the key of somebody who approves. */
async function connect(input: {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  readonly url: string
  readonly twins: readonly CrashTwin[]
}): Promise<{ readonly access: z.output<typeof Access>; readonly approverKey: string }> {
  const { home, environment, url, twins } = input
  const organization = ['organization', 'create', '--name', 'Crash', '--plan', 'enterprise', '--sso', 'okta']
  const access = Access.parse(await runRollcall([...organization, '--url', url, '--home', home, '--json'], environment))
  const client = createClient({
    url,
    key: access.native.key,
    fetch,
    sleep: async (ms) => wait(ms),
    random: Math.random,
    newKey: randomUUID,
    timeoutMs: 60_000,
  })
  for (const { name, credentials, roles } of twins) {
    const { id } = await client.createConnection({
      body: {
        name,
        vendor: name,
        baseUrl: credentials['baseUrl'] ?? '',
        credentials: { ...credentials },
        assignments: [{ kind: 'everyone' }],
        // Whoever leaves is locked out at once, however many they are.
        policy: { matchBy: ['userName', 'email'], defaultRoles: [...roles], removalLimit: { accounts: 100_000, percent: 100 } },
      },
    })
    await client.changeConnection({ connectionId: id, body: { writesEnabled: true } })
  }
  const { key } = await client.createCredential({ body: { name: 'approver', duty: 'approver' } })
  return { access, approverKey: key }
}
