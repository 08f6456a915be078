import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { projectRoot, startNode, type Child } from '../child.ts'
import { freePort } from '../free-port.ts'
import type { Aims } from './aims.ts'
import { isKillPoint, type KillPoint } from './kill-points.ts'

export interface HubsOptions {
  readonly home: string
  /** How many processes serve the home at once. */
  readonly processes: number
  /** Where the processes note what they died at. */
  readonly folder: string
  /** With DATABASE_URL the processes share that database; without it there is one, on the SQLite file of the home. */
  readonly environment: Readonly<Record<string, string>>
  readonly random: () => number
  readonly aims: Aims
}

/** Hub processes that die again and again, each on a port that stays its own. */
export interface Hubs {
  readonly urls: readonly string[]
  /** Processes that were alive when they were killed. */
  readonly kills: () => number
  /** Starts every process; resolves when all are ready. */
  start(): Promise<void>
  /**
   * Kills processes at random moments and at named points, and starts them again, until so many kills have hit or the time is over; leaves all of them
   * running. Who is `behind` with the work is left alone for a while first. While a named point is `lacking` then, it goes on with those alone. Rejects
   * when one ends by itself.
   */
  killAtRandom(
    kills: number,
    until: { readonly expired: () => boolean; readonly behind: () => boolean; readonly lacking: () => boolean },
  ): Promise<void>
  stop(): Promise<void>
}

/** Share of the kills that hit a process while it starts, and of those that it is to bring upon itself at a named point. */
const startingShare = 0.1
const aimedShare = 0.6
/** The longest that a process lives once it is ready, in milliseconds; longer where it first has to wait for a dead one's lease. */
const lifeMs = { alone: 1_800, leased: 2_400 }
/** How long it is given to come to its point, in milliseconds; beside others it first has to come by some work. */
const aimedMs = { alone: 5_000, leased: 10_000 }
/** Who is behind is left alone for so long at most. */
const patienceMs = 20_000
/** A point that was come to before is passed at most so often before it kills. */
const mostPasses = 3

/** Where what a process compiled is kept for the next one: half of a start is compiling. */
const compiled = join(projectRoot, 'node_modules/.cache/rollcall')
const hubFile = fileURLToPath(new URL('hub.ts', import.meta.url))

export async function createHubs({ home, folder, processes, environment, random, aims }: HubsOptions): Promise<Hubs> {
  const ports = await Promise.all(Array.from({ length: processes }, freePort))
  const kind = 'DATABASE_URL' in environment ? 'leased' : 'alone'
  const [life, aimedLife] = [lifeMs[kind], aimedMs[kind]]
  const children = new Map<number, Child>()
  let kills = 0
  let stopped = false
  const noteOf = (port: number) => join(folder, `died-at-${port}`)
  const start = (port: number, aim?: KillPoint): Child => {
    if (stopped) throw new Error('the hubs were stopped')
    const args = [hubFile, '--home', home, '--port', String(port), '--note', noteOf(port)]
    const isNew = aim !== undefined && aims.unreached().includes(aim)
    const passes = String(isNew ? 0 : Math.floor(random() * (mostPasses + 1)))
    const child = startNode([...args, ...(aim ? ['--die-at', aim, '--passes', passes] : [])], {
      ...environment,
      NODE_COMPILE_CACHE: compiled,
    })
    children.set(port, child)
    return child
  }
  const kill = async (port: number, child: Child): Promise<void> => {
    child.kill('SIGKILL')
    const { code, signal } = await child.ended
    if (signal !== 'SIGKILL') throw new Error(`a hub ended by itself with ${signal ?? code}.\n${child.errors()}`)
    kills++
    const note = noteOf(port)
    if (!existsSync(note)) return
    const point = readFileSync(note, 'utf8')
    rmSync(note)
    if (isKillPoint(point)) aims.reached(point)
  }
  const live = async (
    port: number,
    { more, behind, share }: { readonly more: () => boolean; readonly behind: () => boolean; readonly share: () => number },
  ): Promise<void> => {
    let child = children.get(port) ?? start(port)
    let aimed = false
    while (more()) {
      if (!aimed && !behind() && random() < startingShare) await wait(random() * 500)
      else {
        // Who dies by itself may do so before it is ready.
        await (aimed ? Promise.race([child.ready.catch(() => undefined), child.ended]) : child.ready)
        await Promise.race([child.ended, wait(aimed ? aimedLife : random() * life)])
        const since = Date.now()
        if (!aimed) while (behind() && Date.now() - since < patienceMs) await wait(50)
      }
      await kill(port, child)
      // Who was behind has had its time to catch up in a life without an aim.
      aimed = !(aimed && behind()) && random() < share()
      child = start(port, aimed ? aims.next() : undefined)
    }
    // The last one lives on, whatever it was to die at.
    if (aimed) {
      await kill(port, child)
      child = start(port)
    }
    await child.ready
  }
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    kills: () => kills,
    start: async () => {
      await Promise.all(ports.map(async (port) => start(port).ready))
    },
    killAtRandom: async (target, { expired, behind, lacking }) => {
      let begun = 0
      const more = () => !expired() && (begun++ < target || lacking())
      const share = () => (begun < target ? aimedShare : 1)
      await Promise.all(ports.map((port) => live(port, { more, share, behind: () => !expired() && behind() })))
    },
    stop: async () => {
      stopped = true
      await Promise.all([...children.values()].map((child) => child.stop()))
    },
  }
}
