import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject } from './json.ts'

/** Everything that can happen, by name. */
export const factActions = [
  'organization.created',
  'organization.changed',
  'workspace.created',
  'role.created',
  'role.removed',
  'member.added',
  'member.changed',
  'member.suspended',
  'member.resumed',
  'member.accepted',
  'member.removed',
  'invitation.created',
  'invitation.cancelled',
  'session.started',
  'session.ended',
  'group.created',
  'group.changed',
  'group.membersAdded',
  'group.membersRemoved',
  'group.removed',
  'credential.created',
  'credential.revoked',
  'credential.expiring',
  'connection.created',
  'connection.changed',
  'connection.removed',
  'connection.quarantined',
  'connection.released',
  'connection.silent',
  'connection.heard',
  'configuration.applied',
  'configuration.drifted',
  'snapshot.taken',
  'accounts.changed',
  'link.made',
  'link.removed',
  'account.marked',
  'account.unmarked',
  'question.asked',
  'question.answered',
  'question.withdrawn',
  'plan.created',
  'plan.superseded',
  'plan.approved',
  'plan.applied',
  'plan.refused',
  'step.done',
  'step.failed',
  'step.unknown',
  'finding.opened',
  'finding.closed',
  'finding.adopted',
  'finding.reverted',
  'finding.ignored',
  'finding.reopened',
  'receipt.issued',
  'checkpoint.signed',
  'offboarding.opened',
  'offboarding.locked',
  'offboarding.held',
  'offboarding.changed',
  'offboarding.reopened',
  'offboarding.withdrawn',
  'review.created',
  'review.opened',
  'review.decided',
  'review.overdue',
  'review.closed',
  'exclusion.made',
  'exclusion.lifted',
  'rotation.started',
  'rotation.keyCreated',
  'rotation.handedOut',
  'rotation.proven',
  'rotation.oldKeyUsed',
  'rotation.done',
  'rotation.aborting',
  'rotation.aborted',
  'rotation.failed',
  'webhook.created',
  'webhook.changed',
  'webhook.disabled',
  'webhook.removed',
  'webhook.secretRotated',
  'webhook.tested',
  'webhook.replayed',
  'resource.created',
  'resource.changed',
  'resource.removed',
  'extension.created',
  'extension.changed',
  'extension.removed',
  'events.refused',
  'request.answered',
] as const
export type FactAction = (typeof factActions)[number]

/** What a command reports. `detail` never holds a secret. */
export interface FactDraft {
  readonly action: FactAction
  /** The id of the thing it happened to. */
  readonly subject: string
  readonly detail?: JsonObject
}

/** One thing that happened. The hash covers every other member and the hash of the fact before it in the organization. */
export interface Fact {
  readonly organizationId: string
  /** 1, 2, 3 … without a gap in each organization. */
  readonly sequence: number
  readonly at: Date
  /** Id of the credential that acted, or `system:<part>` for work in the background. */
  readonly actor: string
  /** The operation it came through, such as `scim.createUser`. */
  readonly via: string
  readonly requestId: string
  readonly action: FactAction
  readonly subject: string
  readonly detail: JsonObject
  readonly previousHash: string
  readonly hash: string
}

/** The end of an organization's chain. An empty chain has sequence 0 and 64 zeros. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

export const emptyChain: ChainHead = { sequence: 0, hash: '0'.repeat(64) }

/** Hex SHA-256 over the canonical JSON of the fact without its own hash. */
export const hashFact = (fact: Omit<Fact, 'hash'>): string => createHash('sha256').update(canonicalJson(fact)).digest('hex')

export type ChainVerdict =
  | { readonly intact: true; readonly head: ChainHead }
  | { readonly intact: false; readonly sequence: number; readonly reason: string }

/** Walks facts in order and names the first one that does not follow from the one before; with `head`, also a chain that was cut at its end. */
export async function verifyChain(facts: AsyncIterable<Fact> | Iterable<Fact>, head?: ChainHead): Promise<ChainVerdict> {
  let last = emptyChain
  for await (const fact of facts) {
    const sequence = last.sequence + 1
    if (fact.sequence !== sequence)
      return { intact: false, sequence, reason: `fact ${sequence} is missing; ${fact.sequence} follows ${last.sequence}` }
    if (fact.previousHash !== last.hash)
      return { intact: false, sequence, reason: `fact ${sequence} does not follow from the one before it` }
    const { hash, ...rest } = fact
    if (hashFact(rest) !== hash) return { intact: false, sequence, reason: `fact ${sequence} was changed after it was written` }
    last = { sequence, hash }
  }
  if (head && (head.sequence !== last.sequence || head.hash !== last.hash))
    return {
      intact: false,
      sequence: last.sequence + 1,
      reason: `the chain ends at ${last.sequence}, its head says ${head.sequence}`,
    }
  return { intact: true, head: last }
}
