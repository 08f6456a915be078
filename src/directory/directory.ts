import { createSecret } from './credential.ts'
import { credentialCommands } from './credentials.ts'
import { eventReceiverCommands } from './event-receivers.ts'
import { extensionCommands } from './extensions.ts'
import { factQueries } from './facts.ts'
import { groupCommands } from './groups.ts'
import { invitationCommands } from './invitations.ts'
import { keyCommands } from './keys.ts'
import { memberCommands } from './members.ts'
import { organizationCommands } from './organizations.ts'
import { personCommands } from './persons.ts'
import { resourceCommands } from './resources.ts'
import { sessionCommands } from './sessions.ts'
import { createOutbound, type Outbound } from './outbound.ts'
import type { Store } from './store.ts'
import { webhookCommands } from './webhooks.ts'

/** What the commands are made of. */
export interface Parts {
  readonly store: Store
  readonly newId: () => string
  readonly newSecret: (kind: string) => { readonly identifier: string; readonly secret: string }
  /** `whsec_` and 32 random bytes in base64, as Standard Webhooks wants it. */
  readonly newWebhookSecret: () => string
  /** Where webhooks may lead. */
  readonly outbound: Outbound
}

/** The core: every rule about people, and nothing about HTTP, SQL or a vendor. */
export type Directory = ReturnType<typeof createDirectory>

export function createDirectory({
  store,
  newId,
  randomBytes,
  outbound = createOutbound([]),
}: Pick<Parts, 'store' | 'newId'> & Partial<Pick<Parts, 'outbound'>> & { readonly randomBytes: (size: number) => Uint8Array }) {
  const parts: Parts = {
    store,
    newId,
    newSecret: (kind) => createSecret(kind, randomBytes),
    newWebhookSecret: () => `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`,
    outbound,
  }
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
    ...webhookCommands(parts),
    ...resourceCommands(parts),
    ...eventReceiverCommands(parts),
    ...extensionCommands(parts),
  }
}
