import type { Call } from '../../directory/call.ts'
import type { Fact, FactDraft } from '../../directory/fact.ts'
import type { Connection } from '../connection.ts'
import type { LedgerWriter } from '../ledger.ts'
import { systemActor, type SyncParts } from '../parts.ts'
import { noteVisits } from './note-visits.ts'
import { isFinal, isUnderWay, stateOfVisits, type Asked, type Lock, type Offboarding, type Visit } from './offboarding.ts'

export const untried: Lock = {
  state: 'todo',
  kind: undefined,
  reason: 'not tried yet',
  attempts: 0,
  sentAt: undefined,
  retryAt: undefined,
}

/** Opens an offboarding with a visit to every connection. */
export async function openOffboarding(
  tx: LedgerWriter,
  call: Call,
  input: {
    readonly newId: () => string
    readonly membershipId: string
    readonly person: Offboarding['person']
    readonly asked: Asked
    readonly connections: readonly Connection[]
  },
): Promise<{ readonly offboarding: Offboarding; readonly fact: FactDraft }> {
  const { organizationId, now } = call
  const { membershipId, person, asked, connections } = input
  const id = input.newId()
  const visits = connections.map(({ id: connectionId, name, vendor, baseUrl }): Visit => ({
    organizationId,
    offboardingId: id,
    connectionId,
    membershipId,
    connection: { name, vendor, baseUrl },
    state: 'toVisit',
    reason: 'not looked at yet',
    account: undefined,
    link: undefined,
    look: undefined,
    lock: untried,
    requests: [],
    reads: [],
    removal: undefined,
    residues: [],
    tasks: [],
    rechecks: [],
    updatedAt: now,
  }))
  const state = stateOfVisits(visits)
  const offboarding: Offboarding = {
    id,
    organizationId,
    membershipId,
    person,
    state,
    asked,
    openedAt: now,
    updatedAt: now,
    receipt: undefined,
  }
  await tx.putOffboarding(offboarding)
  for (const visit of visits) await tx.putVisit(visit, { open: true })
  const detail = { membershipId, userName: person.userName, by: asked.by, how: asked.how, connections: visits.length }
  return { offboarding, fact: { action: 'offboarding.opened', subject: id, detail } }
}

/**
 * What new facts mean for leavers, in the transaction that moves the cursor: whoever was suspended in, or removed from, the directory is offboarded,
 * whoever is back is not any more.
 */
export async function raiseLeavers(
  tx: LedgerWriter,
  call: Call,
  input: { readonly facts: readonly Fact[]; readonly parts: SyncParts },
): Promise<readonly FactDraft[]> {
  const drafts: FactDraft[] = []
  const connections = await tx.connections(call.organizationId)
  for (const fact of input.facts) {
    const returned = returnedFrom(fact)
    const left = returned === undefined ? undefined : await tx.latestOffboarding(call.organizationId, returned)
    if (left && isUnderWay(left)) drafts.push(await withdraw(tx, call, left))
    if (fact.actor === systemActor) continue
    if (fact.action === 'member.suspended' || fact.action === 'member.removed') {
      const known = await tx.latestOffboarding(call.organizationId, fact.subject)
      const isCovered = known && (isUnderWay(known) || (known.state === 'settled' && wasSuspended(fact)))
      if (isCovered || connections.length === 0) continue
      const opened = await openOffboarding(tx, call, {
        newId: input.parts.newId,
        membershipId: fact.subject,
        person: personOf(fact),
        asked: { by: fact.actor, at: fact.at, how: 'deactivation', reason: undefined },
        connections,
      })
      drafts.push(opened.fact)
    } else if (fact.action === 'member.resumed') {
      const known = await tx.latestOffboarding(call.organizationId, fact.subject)
      if (known && isUnderWay(known) && known.openedAt <= fact.at) drafts.push(await withdraw(tx, call, known))
    }
  }
  return drafts
}

/** The end of the visits at a connection that is being removed. */
export async function disconnect(
  tx: LedgerWriter,
  call: Call,
  { connectionId, parts }: { readonly connectionId: string; readonly parts: Pick<SyncParts, 'newId' | 'signer'> },
): Promise<readonly FactDraft[]> {
  const open = await tx.openVisits(call.organizationId, connectionId)
  return noteVisits(tx, call, { visits: open.map(disconnected), parts })
}

/** The membership under which somebody left whose account passed to the one under which they came back. */
function returnedFrom({ action, detail }: Fact): string | undefined {
  const { rule, before } = detail
  return action === 'link.made' && rule === 'returning' && typeof before === 'string' ? before : undefined
}

/** Their suspension opened an offboarding, which came to its end: there is nothing new in their removal. */
const wasSuspended = ({ action, detail }: Fact): boolean => action === 'member.removed' && detail['status'] === 'suspended'

function personOf({ subject, detail }: Fact): Offboarding['person'] {
  const { userName, email } = detail
  return {
    userName: typeof userName === 'string' ? userName : subject,
    email: typeof email === 'string' ? email : undefined,
  }
}

async function withdraw(tx: LedgerWriter, call: Call, offboarding: Offboarding): Promise<FactDraft> {
  const { organizationId, id, membershipId, state } = offboarding
  await tx.putOffboarding({ ...offboarding, state: 'withdrawn', updatedAt: call.now })
  for (const visit of await tx.visits(organizationId, id)) await tx.putVisit({ ...visit, updatedAt: call.now }, { open: false })
  return { action: 'offboarding.withdrawn', subject: id, detail: { membershipId, before: state } }
}

function disconnected(visit: Visit): Visit {
  if (isFinal(visit) && visit.state !== 'forPerson') return { ...visit, rechecks: visit.rechecks.filter(({ doneAt }) => doneAt) }
  const task = `The connection ${visit.connection.name} was removed before the account was: look in the console of ${visit.connection.vendor}.`
  return { ...visit, state: 'disconnected', reason: 'the connection was removed', tasks: [...visit.tasks, task] }
}
