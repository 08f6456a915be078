import { expiryNoticeMs } from './credentials.ts'
import type { Directory } from './directory.ts'
import type { Store } from './store.ts'

/** Tells each organization by a fact, once, which of its credentials end within the time of notice. Any number of processes may do so at a time. */
export async function tellExpiries({
  store,
  directory,
  newId,
  clock,
}: {
  readonly store: Store
  readonly directory: Pick<Directory, 'tellExpiry'>
  readonly newId: () => string
  readonly clock: () => Date
}): Promise<void> {
  const now = clock()
  const between = { after: now, before: new Date(now.getTime() + expiryNoticeMs) }
  for (const { organizationId, id } of await store.read((reader) => reader.credentialsEnding(between)))
    await directory.tellExpiry(
      {
        organizationId,
        actor: 'system:housekeeping',
        scopes: new Set(['administer']),
        now,
        requestId: newId(),
        via: 'housekeeping.tellExpiries',
      },
      { id },
    )
}
