import type { Call } from '../directory/call.ts'
import { scopes } from '../directory/credential.ts'
import type { Directory } from '../directory/directory.ts'
import type { Store } from '../directory/store.ts'
import type { TwinOptions } from './create.ts'
import { writeNote, type TwinNote } from './home.ts'
import { createSeeder, seededPeople, toState } from './people.ts'

/** People are added so many to a transaction. */
const batchSize = 10_000

/** Fills a fresh home: the vendor's account, its credentials, its people. */
export async function furnish(
  { dialect, home, people, seed, clock }: TwinOptions,
  {
    store,
    directory,
    newId,
    sealingKey,
  }: {
    readonly store: Store
    readonly directory: Directory
    readonly newId: () => string
    readonly sealingKey: Uint8Array
  },
): Promise<TwinNote> {
  const call = systemCall(newId(), clock())
  const { credentials } = await directory.createOrganization(call, {
    name: `Twin of ${dialect.name}`,
    plan: 'enterprise',
    sso: 'okta',
    emailDomains: [],
    credentials: dialect.startingCredentials,
  })
  const roles = await directory.listRoles(call, {})
  const seedMembers = createSeeder(store, newId)
  const states = [...seededPeople(seed, people)].map((person) => toState(person, roles))
  for (let start = 0; start < people; start += batchSize)
    await seedMembers(call, { states: states.slice(start, start + batchSize) })
  const note: TwinNote = {
    vendor: dialect.name,
    organizationId: call.organizationId,
    secrets: Object.fromEntries(
      credentials.map(({ credential: { id, kind, identifier }, secret }) => [kind, { id, identifier, secret }]),
    ),
    sealingKey: Buffer.from(sealingKey).toString('base64url'),
  }
  writeNote(home, note)
  return note
}

/** The twin's own doing, which no caller asked for. */
export const systemCall = (organizationId: string, now: Date): Call => ({
  organizationId,
  actor: 'system:twin',
  scopes: new Set(scopes),
  now,
  requestId: 'twin',
  via: 'twin.seed',
})
