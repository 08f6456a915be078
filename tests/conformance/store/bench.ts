import { randomBytes } from 'node:crypto'
import { after, before } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import { scopes } from '../../../src/directory/credential.ts'
import { createDirectory, type Directory } from '../../../src/directory/directory.ts'
import { createIdSource } from '../../../src/directory/id.ts'
import type { Membership, MemberState } from '../../../src/directory/membership.ts'
import { createSealer } from '../../../src/directory/seal.ts'
import { openStore, type OpenStore } from '../../../src/store/open.ts'

/** An empty database of some kind, and a way around the store to look into it and to tamper with it. */
export interface TestDatabase {
  readonly location: string
  /** Runs one statement; answers its rows. */
  readonly execute: (text: string) => Promise<readonly unknown[]>
  readonly drop: () => Promise<void>
}

export type CreateDatabase = () => Promise<TestDatabase>

/** What the tests of one suite share: an open store, a second one on the same database as another process would hold it, and a directory on each. */
export interface Bench {
  readonly database: TestDatabase
  readonly opened: OpenStore
  readonly other: OpenStore
  readonly directory: Directory
  readonly otherDirectory: Directory
  readonly newId: () => string
  /** A new organization, and a call of it with every scope. */
  readonly organization: () => Promise<Call>
}

/** Opens a bench before the suite that it is called in and takes it away after it. */
export function useBench(create: CreateDatabase): () => Bench {
  let bench: Bench | undefined
  before(async () => {
    const database = await create()
    const sealer = createSealer([randomBytes(32)], randomBytes)
    const opened = await openStore({ database: database.location, sealer })
    const other = await openStore({ database: database.location, sealer })
    const newId = createIdSource(() => new Date())
    const directory = createDirectory({ store: opened.store, newId, randomBytes })
    const otherDirectory = createDirectory({ store: other.store, newId, randomBytes })
    const organization = async () => {
      const call = callOf(newId())
      await directory.createOrganization(call, { name: 'Example', plan: 'pro', sso: 'none', emailDomains: [], credentials: [] })
      return call
    }
    bench = { database, opened, other, directory, otherDirectory, newId, organization }
  })
  after(async () => {
    await bench?.opened.close()
    await bench?.other.close()
    await bench?.database.drop()
  })
  return () => {
    if (!bench) throw new Error('the bench is open only inside tests')
    return bench
  }
}

const callOf = (organizationId: string): Call => ({
  organizationId,
  actor: 'test',
  scopes: new Set(scopes),
  now: new Date(),
  requestId: 'request',
  via: 'test',
})

/** The least that a member can be. */
export const stateOf = (userName: string, over: Partial<MemberState> = {}): MemberState => ({
  userName,
  externalId: undefined,
  displayName: undefined,
  name: {},
  emails: [],
  roleIds: [],
  suspended: false,
  attributes: {},
  ...over,
})

export async function addMember(
  { directory }: Bench,
  call: Call,
  userName: string,
  over: Partial<MemberState> = {},
): Promise<Membership> {
  return (await directory.addMember(call, { state: stateOf(userName, over), as: 'active' })).member
}
