import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { mainFile, startNode, type Child } from '../child.ts'

export interface HubsOptions {
  readonly home: string
  /** How many processes serve the home at once. */
  readonly processes: number
  /** With DATABASE_URL the processes share that database; without it there is one, on the SQLite file of the home. */
  readonly environment: Readonly<Record<string, string>>
  readonly random: () => number
}

/** Hub processes that die again and again, each on a port that stays its own. */
export interface Hubs {
  readonly urls: readonly string[]
  /** Processes that were alive when they were killed. */
  readonly kills: () => number
  /** Starts every process; resolves when all are ready. */
  start(): Promise<void>
  /** Kills processes at random moments and starts them again, until so many kills have hit or the time is over; leaves all of them running. Rejects when one ends by itself. */
  killAtRandom(kills: number, expired: () => boolean): Promise<void>
  stop(): Promise<void>
}

/** Share of the kills that hit a process while it starts. */
const startingShare = 0.15
/** The longest that a process lives once it is ready, in milliseconds; longer where it first has to wait for a dead one's lease. */
const lifeMs = { alone: 1500, leased: 2200 }

/** Where another process has to wait for the lease of a dead one, the lease is short; on SQLite the only process takes its work back as it starts. */
const hubFile = fileURLToPath(new URL('hub.ts', import.meta.url))

export async function createHubs({ home, processes, environment, random }: HubsOptions): Promise<Hubs> {
  const ports = await Promise.all(Array.from({ length: processes }, freePort))
  const leased = 'DATABASE_URL' in environment
  const serve = leased ? [hubFile] : [mainFile, 'serve', '--json', '--log-level', 'warn']
  const children = new Map<number, Child>()
  let kills = 0
  let stopped = false
  const start = (port: number): Child => {
    if (stopped) throw new Error('the hubs were stopped')
    const args = [...serve, '--home', home, '--port', String(port)]
    const child = startNode(args, environment)
    children.set(port, child)
    return child
  }
  const kill = async (child: Child): Promise<void> => {
    child.kill('SIGKILL')
    const { code, signal } = await child.ended
    if (signal !== 'SIGKILL') throw new Error(`a hub ended by itself with ${signal ?? code}.\n${child.errors()}`)
    kills++
  }
  const live = async (port: number, more: () => boolean): Promise<void> => {
    while (more()) {
      const child = children.get(port) ?? start(port)
      if (random() < startingShare) await wait(random() * 500)
      else {
        await child.ready
        await wait(random() * (leased ? lifeMs.leased : lifeMs.alone))
      }
      await kill(child)
      start(port)
    }
    await children.get(port)?.ready
  }
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    kills: () => kills,
    start: async () => {
      await Promise.all(ports.map(async (port) => start(port).ready))
    },
    killAtRandom: async (target, expired) => {
      let begun = 0
      await Promise.all(ports.map((port) => live(port, () => !expired() && begun++ < target)))
    },
    stop: async () => {
      stopped = true
      await Promise.all([...children.values()].map((child) => child.stop()))
    },
  }
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free'))))
  })
  return promise
}
