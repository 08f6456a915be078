import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { type Config, type Environment, loadConfig, lockFile } from '../config.ts'
import { dialects } from '../dialects/index.ts'
import type { Call } from '../directory/call.ts'
import { scopes } from '../directory/credential.ts'
import { type Directory, createDirectory } from '../directory/directory.ts'
import { ConfigError } from '../directory/errors.ts'
import { createIdSource } from '../directory/id.ts'
import type { OrganizationInput } from '../directory/organization.ts'
import { type Sealer, createSealer, deriveKeys } from '../directory/seal.ts'
import { type OpenStore, openStore } from '../store/open.ts'
import { clock } from './clock.ts'

/** A home with its database open: what commands that work beside or without a server use. */
export interface Home {
  readonly config: Config
  readonly database: OpenStore
  readonly directory: Directory
  readonly sealer: Sealer
  readonly tokenKeys: (purpose: string) => readonly Uint8Array[]
  readonly newId: () => string
  /** Creates an organization with a credential for every dialect; answers what the caller prints, secrets included, once. */
  readonly createOrganization: (
    input: OrganizationInput,
    origin: string,
  ) => Promise<Readonly<Record<string, Record<string, string>>>>
  close(): Promise<void>
}

/** Opens the home folder and its database, and brings the schema up to date. Throws ConfigError. */
export async function openHome(home: string, environment: Environment): Promise<Home> {
  const config = loadConfig(home, environment)
  const sealer = createSealer(config.sealingKeys, randomBytes)
  const database = await openStore({ database: config.database, sealer })
  const newId = createIdSource(clock)
  const directory = createDirectory({ store: database.store, newId, randomBytes, outbound: config.outbound })
  return {
    config,
    database,
    directory,
    sealer,
    tokenKeys: (purpose) => deriveKeys(config.sealingKeys, purpose),
    newId,
    createOrganization: (input, origin) => createOrganization({ directory, newId }, input, origin),
    close: () => database.close(),
  }
}

async function createOrganization(
  { directory, newId }: Pick<Home, 'directory' | 'newId'>,
  input: OrganizationInput,
  origin: string,
): Promise<Readonly<Record<string, Record<string, string>>>> {
  const call: Call = {
    organizationId: newId(),
    actor: 'system:cli',
    scopes: new Set(scopes),
    now: clock(),
    requestId: newId(),
    via: 'cli.organizationCreate',
  }
  const starting = dialects.flatMap((dialect) => dialect.startingCredentials)
  const { organization, credentials } = await directory.createOrganization(call, { ...input, credentials: starting })
  const secrets = Object.fromEntries(
    credentials.map(({ credential, secret }) => [
      credential.kind,
      { id: credential.id, identifier: credential.identifier, secret },
    ]),
  )
  return {
    organization: { id: organization.id, name: organization.name },
    ...Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.access({ origin, organization, secrets })])),
  }
}

/** Holds the home for this process until it ends, however it ends: the operating system gives the lock back. */
export function lockHome(home: string): () => void {
  const lock = new DatabaseSync(lockFile(home), { timeout: 2_000 })
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (cause) {
    lock.close()
    throw new ConfigError(`${home} is being served by another process. Stop that one, or use another --home.`, { cause })
  }
  return () => lock.close()
}
