import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { mainFile, runRollcall, startNode } from '../child.ts'
import { approveRemovals } from './approver.ts'
import { createHubs } from './hubs.ts'
import { pushPeople, userNameOf } from './identity-provider.ts'
import { OutOfTime } from './patience.ts'
import { judge, readDeeds, type Deeds, type Vendor, type Verdict } from './judge.ts'

const Twin = z.object({
  credentials: z.object({ baseUrl: z.string(), accountId: z.string(), username: z.string(), password: z.string() }),
})
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
  readonly seconds: number
}

/** One whole run: an identity provider's pushes reach a vendor through hubs that are killed all the while. Everything it starts has ended when it resolves. */
export async function crash({ kills, steps, processes, databaseUrl, limitMs, random, say }: CrashOptions): Promise<CrashReport> {
  const started = Date.now()
  let stopped = false
  const expired = () => stopped || Date.now() - started > limitMs
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'))
  const home = join(folder, 'hub')
  const environment = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  const twin = startNode([
    mainFile,
    'twin',
    'bandwidth',
    '--port',
    '0',
    '--home',
    join(folder, 'twin'),
    '--people',
    '20',
    '--seed',
    '1',
    '--json',
  ])
  const hubs = await createHubs({ home, processes, environment, random })
  try {
    const vendor = Twin.parse(await twin.ready).credentials
    await hubs.start()
    const { access, approverKey } = await connect({ home, folder, environment, url: hubs.urls[0]!, vendor })
    const leavers = Math.floor(steps / 3)
    const joiners = steps - leavers
    const names = Array.from({ length: joiners }, (_, index) => userNameOf(index + 1))

    let deeds: Deeds = { created: new Map(), deleted: new Map() }
    let over = false
    const done = () => over || expired()
    const watching = (async () => {
      while (!done()) {
        deeds = await readDeeds(vendor)
        over = names.every((name) => deeds.created.has(name)) && names.slice(0, leavers).every((name) => deeds.deleted.has(name))
        await wait(200)
      }
    })()
    const talking = (async () => {
      while (!done()) {
        say(
          `${Math.round((Date.now() - started) / 1000)} s: ${hubs.kills()} kills, ${deeds.created.size} of ${joiners} created, ${deeds.deleted.size} of ${leavers} removed`,
        )
        await Promise.race([watching, wait(10_000)])
      }
    })()
    await Promise.all([
      hubs.killAtRandom(kills, expired),
      inTime(
        pushPeople({
          origins: hubs.urls,
          path: new URL(access.scim.baseUrl).pathname,
          token: access.scim.token,
          expired,
          joiners,
          leavers,
          progress: () => (kills === 0 ? 1 : hubs.kills() / kills),
          hasAccount: (userName) => deeds.created.has(userName),
        }),
      ),
      inTime(approveRemovals({ origins: hubs.urls, key: approverKey, expired, done })),
      watching,
      talking,
    ])
    // What is done twice is done soon after: leave it the time.
    await wait(2000)
    const verdict = await judge(vendor, { stay: names.slice(leavers), leave: names.slice(0, leavers) })
    return { kills: hubs.kills(), ...verdict, seconds: Math.round((Date.now() - started) / 1000) }
  } finally {
    stopped = true
    await hubs.stop()
    await twin.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Ends quietly when the time is over: what is missing then shows in the verdict. */
async function inTime(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error
  }
}

/** An organization with a connection for everyone that may write, and the key of somebody who approves. */
async function connect(input: {
  readonly home: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly url: string
  readonly vendor: Vendor
}): Promise<{ readonly access: z.output<typeof Access>; readonly approverKey: string }> {
  const { home, folder, environment, url, vendor } = input
  const organization = [
    'organization',
    'create',
    '--name',
    'Crash',
    '--plan',
    'enterprise',
    '--sso',
    'okta',
    '--url',
    url,
    '--home',
    home,
    '--json',
  ]
  const access = Access.parse(await runRollcall(organization, environment))
  const owner = { ROLLCALL_URL: url, ROLLCALL_KEY: access.native.key }
  const credentials = join(folder, 'vendor.json')
  writeFileSync(credentials, JSON.stringify(vendor), { mode: 0o600 })
  const connection = ['--name', 'twin', '--vendor', 'bandwidth', '--url', vendor.baseUrl, '--credentials', credentials]
  await runRollcall(['connection', 'add', ...connection, '--everyone', '--json'], owner)
  await runRollcall(['connection', 'enable-writes', 'twin', '--json'], owner)
  const approver = await runRollcall(['credential', 'create', '--name', 'approver', '--role', 'approver', '--json'], owner)
  return { access, approverKey: z.object({ key: z.string() }).parse(approver).key }
}
