import type { Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Membership } from '../directory/membership.ts'
import type { PlanView } from './engine.ts'
import { takesAway } from './plan.ts'
import { requireOperator, type SyncParts } from './parts.ts'
import { planNow, viewPlan } from './plans.ts'

/**
 * Suspends a person, which ends their sessions, and plans the removal of each account of theirs at once. The caller counts as an author of those plans:
 * somebody else approves them.
 */
export async function offboardPerson(
  parts: SyncParts,
  call: Call,
  person: string,
): Promise<{ readonly membershipId: string; readonly plans: readonly PlanView[] }> {
  await requireOperator(parts, call)
  const alone: Call = { ...call, idempotency: undefined }
  const member = await findPerson(parts, alone, person)
  await parts.directory.suspendMember({ ...alone, now: parts.clock() }, { id: member.id, sessions: 'end' })
  const plans: PlanView[] = []
  const failures: string[] = []
  for (const connection of await parts.ledger.read((tx) => tx.connections(call.organizationId))) {
    try {
      const view = await planRemoval(parts, alone, { connectionId: connection.id, member })
      if (view) plans.push(view)
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error
      failures.push(`${connection.name}: ${error.message}`)
    }
  }
  if (failures.length > 0)
    throw new DirectoryError(
      'unavailable',
      `${member.userName} is suspended, but not every removal could be planned; that follows by itself once it can. ${failures.join(' ')}`,
    )
  return { membershipId: member.id, plans }
}

/** The plan that removes the member's account; undefined when a complete read shows that there is none. */
async function planRemoval(
  parts: SyncParts,
  call: Call,
  { connectionId, member }: { readonly connectionId: string; readonly member: Membership },
): Promise<PlanView | undefined> {
  const id = await planNow(parts, call, {
    connectionId,
    leaver: member,
    only: (draft) => takesAway(draft.kind) && draft.membershipId === member.id,
  })
  return parts.ledger.read(async (tx) => {
    const view = await viewPlan(tx, call, id)
    const snapshot = await tx.latestSnapshot(call.organizationId, connectionId)
    // An empty plan says why when the read behind it was not complete.
    const incomplete = snapshot?.id === view.plan.snapshotId && !snapshot.certificate.complete
    return view.steps.length > 0 || incomplete ? view : undefined
  })
}

/** The member with that e-mail address or user name. */
export async function findPerson({ directory }: Pick<SyncParts, 'directory'>, call: Call, person: string): Promise<Membership> {
  const member =
    (await directory.findMemberByEmail(call, { email: person })) ??
    (await directory.findMemberByUserName(call, { userName: person }))
  if (!member)
    throw new DirectoryError('notFound', `Nobody in this organization has the e-mail address or user name ${person}.`, {
      field: 'person',
    })
  return member
}
