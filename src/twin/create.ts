import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Dialect } from '../dialects/dialect.ts'
import { createDirectory } from '../directory/directory.ts'
import { ConfigError } from '../directory/errors.ts'
import { createIdSource } from '../directory/id.ts'
import type { Json } from '../directory/json.ts'
import { createSealer, deriveKeys } from '../directory/seal.ts'
import { createServer } from '../http/server.ts'
import { openStore } from '../store/open.ts'
import { addControl } from './control.ts'
import { createFaults, type Faults } from './faults.ts'
import { furnish, systemCall } from './furnish.ts'
import { clearHome, databaseFile, ledgerFile, readNote } from './home.ts'
import { openLedger, recordWrites, type Write } from './ledger.ts'
import { seededRandom } from './random.ts'
import { scriptedDialect } from './scripted.ts'

export interface TwinOptions {
  readonly dialect: Dialect
  /** Folder of the twin's own database; a fresh one is seeded, another one continues as it was left. */
  readonly home: string
  readonly people: number
  readonly seed: number
  /** The dialect's own, as in settings.json. */
  readonly settings?: Json
  readonly clock: () => Date
  readonly sleep?: (ms: number) => Promise<void>
  readonly log?: Logger | undefined
}

/** A vendor's stand-in: its dialect over a store of its own. */
export interface Twin {
  readonly app: FastifyInstance
  /** Answers the URL, without a trailing slash. Port 0 picks a free one. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<string>
  /** The vendor's credentials as `twin` prints them, by the URL it listens on; the secrets are the same at every start on the same home. */
  readonly credentials: Readonly<Record<string, string>>
  /** The same for a client that reaches it by another URL. */
  readonly credentialsAt: (origin: string) => Readonly<Record<string, string>>
  readonly faults: Faults
  /** Every write that it accepted. */
  readonly writes: () => readonly Write[]
  /** What it would have mailed, newest first, at most a thousand: whoever opens the link and accepts is active. */
  readonly mails: () => Promise<readonly TwinMail[]>
  close(): Promise<void>
}

/** An invitation on its way; without a link where the token is gone, as for one that has ended. */
export interface TwinMail {
  readonly to: string | undefined
  readonly at: string
  readonly link: string | undefined
}

/** Throws ConfigError when the home holds another vendor's twin. */
export async function createTwin(options: TwinOptions): Promise<Twin> {
  const { dialect, home, clock, seed } = options
  const found = readNote(home, dialect.name)
  if (!found) clearHome(home)
  const sealingKey = found ? Buffer.from(found.sealingKey, 'base64url') : randomBytes(32)
  const database = await openStore({ database: databaseFile(home), sealer: createSealer([sealingKey], randomBytes) })
  try {
    const newId = createIdSource(clock)
    const directory = createDirectory({ store: database.store, newId, randomBytes })
    const note = found ?? (await furnish(options, { store: database.store, directory, newId, sealingKey }))
    const organization = await directory.getOrganization(systemCall(note.organizationId, clock()), {})
    const ledger = openLedger(ledgerFile(home))
    const faults = createFaults(dialect.operations, seededRandom(seed))
    const sockets = new AsyncLocalStorage<Socket>()
    const scripted = scriptedDialect(dialect, {
      faults,
      random: seededRandom(seed + 1),
      sleep: options.sleep ?? (async (ms) => wait(ms)),
      hangUp: () => sockets.getStore()?.destroy(),
    })
    const app = createServer({
      directory: recordWrites(directory, ledger),
      store: database.store,
      dialects: [scripted],
      engine: undefined,
      settings: { [dialect.name]: options.settings ?? {} },
      clock,
      newId,
      log: options.log,
      check: () => database.check(),
      tokenKeys: (purpose) => deriveKeys([sealingKey], purpose),
    })
    app.addHook('onRequest', (request, _reply, done) => sockets.run(request.raw.socket, done))
    const mails = async () =>
      (await database.outbox.mails({ limit: 1_000 })).map(({ to, createdAt, token }) => ({
        to,
        at: createdAt.toISOString(),
        link: token === undefined ? undefined : `${originOf(app)}/invitations/${token}`,
      }))
    await addControl(app, { faults, ledger, mails })
    const credentialsAt = (origin: string) => dialect.access({ origin, organization, secrets: note.secrets })
    return {
      app,
      listen: async (address) => {
        await app.listen(address)
        return originOf(app)
      },
      get credentials() {
        return credentialsAt(originOf(app))
      },
      credentialsAt,
      faults,
      writes: () => ledger.read(),
      mails,
      close: async () => {
        await app.close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

function originOf(app: FastifyInstance): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new ConfigError('The twin listens on no port yet. Call listen first.')
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
