import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { z } from 'zod'
import { createHandOuts } from '../src/outbox/hand-out.ts'
import { createEngine } from '../src/sync/create.ts'
import type { Engine } from '../src/sync/engine.ts'
import type { StartRotation } from '../src/sync/keys/engine.ts'
import type { Rotation } from '../src/sync/keys/rotation.ts'
import { secretContext } from '../src/sync/open-vendor.ts'
import type { SyncParts } from '../src/sync/parts.ts'
import { workOnce } from '../src/sync/run.ts'
import { temporaryFolder } from './folder.ts'
import { createKeyring, type Gate, type Keyring } from './keyring.ts'
import { openSyncWorld, type SyncWorld } from './sync.ts'

const Credentials = z.object({ ring: z.string(), keyId: z.string(), keySecret: z.string() })
const HandedFile = z.object({ key: z.object({ id: z.string(), secret: z.string() }), replaces: z.string() })

/** A connection whose vendor has keys, one of them its own, and a file that they are handed out to. */
export interface KeyBench {
  readonly ring: Keyring
  readonly connectionId: string
  /** The key that it called with at first. */
  readonly old: { readonly id: string; readonly secret: string }
  readonly start: (input?: Omit<StartRotation, 'connectionId'>) => Promise<string>
  readonly rotation: (id: string) => Promise<Rotation>
  /** The key that the connection calls with now. */
  readonly ownKey: () => Promise<{ readonly id: string; readonly secret: string }>
  readonly handedOut: () => z.output<typeof HandedFile>
}

export interface KeyWorld {
  readonly world: SyncWorld
  readonly engine: Engine
  /** Parts of a process; `gate` stands around everything that it does outside itself. */
  readonly process: (holder: string, gate?: Gate) => SyncParts
  readonly open: (options?: Parameters<typeof createKeyring>[1]) => Promise<KeyBench>
  /** Does what is due now, until nothing is. */
  readonly settle: (parts?: SyncParts) => Promise<void>
}

export async function openKeyWorld(t: TestContext): Promise<KeyWorld> {
  const world = await openSyncWorld(t)
  const folder = temporaryFolder(t)
  const rings = new Map<string, Keyring>()
  const files: { name: string; kind: 'file'; path: string; connections: string[] }[] = []
  const handOuts = createHandOuts(files, { post: async () => ({ status: 500 }), clock: world.time.clock })

  const process = (holder: string, gate: Gate = async () => undefined): SyncParts => {
    const parts = world.process(holder)
    const around = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      await gate(`${name} before`)
      const answer = await work()
      await gate(`${name} after`)
      return answer
    }
    return {
      ...parts,
      ledger: {
        read: (work) => parts.ledger.read(work),
        write: (organizationId, work) => around('commit', () => parts.ledger.write(organizationId, work)),
      },
      handOuts: { ...handOuts, deliver: (name, key) => around('hand out', () => handOuts.deliver(name, key)) },
      connect: (_, { credentials }) => {
        const own = Credentials.parse(credentials)
        const ring = rings.get(own.ring)
        if (!ring) throw new TypeError(`there is no keyring ${own.ring}`)
        const { keyId, keySecret } = own
        return {
          ...world.vendor,
          reader: {
            ...world.vendor.reader,
            list: () => {
              if (!ring.call({ id: keyId, secret: keySecret }))
                throw new TypeError('the connection calls with a key that is gone')
              return world.vendor.reader.list()
            },
          },
          keys: { ...ring.open(own, gate), credentialsWith: ({ id, secret }) => ({ ...own, keyId: id, keySecret: secret }) },
        }
      },
    }
  }
  const main = process('one')
  const engine = createEngine(main)
  let opened = 0

  return {
    world,
    engine,
    process,
    settle: async (parts = main) => {
      while (await workOnce(parts));
    },
    open: async (options) => {
      const name = `ring${++opened}`
      const ring = createKeyring(world.time.clock, options)
      rings.set(name, ring)
      const old = ring.add('First')
      const { id: connectionId } = await engine.addConnection(world.by('admin'), {
        name,
        vendor: 'keyed',
        baseUrl: 'https://vendor.test',
        credentials: { ring: name, keyId: old.id, keySecret: old.secret },
        assignments: [],
      })
      await engine.changeConnection(world.by('admin'), { id: connectionId, writesEnabled: true })
      const path = join(folder, `${name}.json`)
      files.push({ name: 'file', kind: 'file', path, connections: [connectionId] })
      while (await workOnce(main, { organizationId: world.organizationId, kind: 'reconcile', subject: connectionId }));
      return {
        ring,
        connectionId,
        old,
        start: async (input = {}) => (await engine.startRotation(world.by('admin'), { connectionId, ...input })).id,
        rotation: async (id) => {
          const found = await world.database.ledger.read((tx) => tx.rotation(world.organizationId, id))
          if (!found) throw new TypeError(`there is no rotation ${id}`)
          return found
        },
        ownKey: async () => {
          const connection = await world.database.ledger.read((tx) => tx.connection(world.organizationId, connectionId))
          const sealed = main.sealer.open(connection?.sealedSecret ?? '', secretContext(connectionId))
          const { keyId, keySecret } = Credentials.parse(JSON.parse(sealed))
          return { id: keyId, secret: keySecret }
        },
        handedOut: () => HandedFile.parse(JSON.parse(readFileSync(path, 'utf8'))),
      }
    },
  }
}
