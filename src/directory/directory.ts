import { createSecret } from './credential.ts'
import { credentialCommands } from './credentials.ts'
import { factQueries } from './facts.ts'
import { groupCommands } from './groups.ts'
import { invitationCommands } from './invitations.ts'
import { keyCommands } from './keys.ts'
import { memberCommands } from './members.ts'
import { organizationCommands } from './organizations.ts'
import { personCommands } from './persons.ts'
import { sessionCommands } from './sessions.ts'
import type { Store } from './store.ts'

/** What the commands are made of. */
export interface Parts {
  readonly store: Store
  readonly newId: () => string
  readonly newSecret: (kind: string) => { readonly identifier: string; readonly secret: string }
}

/** The core: every rule about people, and nothing about HTTP, SQL or a vendor. */
export type Directory = ReturnType<typeof createDirectory>

export function createDirectory({
  store,
  newId,
  randomBytes,
}: Omit<Parts, 'newSecret'> & { readonly randomBytes: (size: number) => Uint8Array }) {
  const parts: Parts = { store, newId, newSecret: (kind) => createSecret(kind, randomBytes) }
  return {
    ...organizationCommands(parts),
    ...memberCommands(parts),
    ...personCommands(parts),
    ...invitationCommands(parts),
    ...sessionCommands(parts),
    ...groupCommands(parts),
    ...credentialCommands(parts),
    ...factQueries(parts),
    ...keyCommands(parts),
  }
}
