import { command, unchanged, type Call, type Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { PlanView } from './engine.ts'
import { assessVisits } from './leaver/assess.ts'
import { viewOffboarding, type OffboardingReport } from './leaver/engine.ts'
import { leftByToo, lockLeavers, retried } from './leaver/lock.ts'
import { noteVisits } from './leaver/note-visits.ts'
import { isFinal, isUnderWay, type Offboarding } from './leaver/offboarding.ts'
import { openOffboarding } from './leaver/open.ts'
import type { LedgerWriter } from './ledger.ts'
import { takesAway } from './plan.ts'
import { requireOperator, systemCall, type SyncParts } from './parts.ts'
import { planInHand, viewPlan } from './plans.ts'
import { withConnection } from './run.ts'
import { commit, type Hand } from './work.ts'

/**
 * Suspends a person, which ends their sessions, locks them out at once at every connection that can, and plans the removal of each account of theirs.
 * The caller counts as an author of those plans: somebody else approves them. A connection that cannot be worked on now is visited by itself later.
 */
export async function offboardPerson(
  parts: SyncParts,
  call: Call,
  { person, reason }: { readonly person: string; readonly reason?: string | undefined },
): Promise<OffboardingReport> {
  await requireOperator(parts, call)
  const alone: Call = { ...call, idempotency: undefined }
  const member = await findPerson(parts, alone, person)
  await parts.directory.suspendMember({ ...alone, now: parts.clock() }, { id: member.id, sessions: 'end' })
  const offboarding = await ask(parts, { ...alone, now: parts.clock() }, { member, reason })
  const connections = await parts.ledger.read((tx) => tx.connections(call.organizationId))
  const visited = await Promise.allSettled(
    connections.map(({ id }) => visit(parts, alone, { connectionId: id, member, offboarding })),
  )
  const plans: PlanView[] = []
  for (const [index, result] of visited.entries()) {
    if (result.status === 'fulfilled') {
      if (result.value) plans.push(result.value)
      continue
    }
    const { reason: error }: { readonly reason: unknown } = result
    if (!(error instanceof DirectoryError)) throw error
    const connection = connections[index]
    if (connection) await excuse(parts, { offboarding, connectionId: connection.id, reason: error.message })
  }
  return {
    membershipId: member.id,
    plans,
    view: await parts.ledger.read((tx) => viewOffboarding(tx, call, offboarding.id)),
  }
}

/** The offboarding that the person's asking opens, or that is under way and is theirs from now on. */
const ask = (parts: SyncParts, call: Call, input: { readonly member: Membership; readonly reason: string | undefined }) =>
  command(
    parts.ledger,
    'operate',
    async (tx: LedgerWriter, given: Call, { member, reason }: typeof input): Promise<Outcome<Offboarding>> => {
      const { organizationId, actor, now } = given
      const asked = { by: actor, at: now, how: 'request', reason } as const
      const known = await tx.latestOffboarding(organizationId, member.id)
      if (!known || !isUnderWay(known)) {
        const opened = await openOffboarding(tx, given, {
          newId: parts.newId,
          membershipId: member.id,
          person: { userName: member.userName, email: emailOf(member) },
          asked,
          connections: await tx.connections(organizationId),
        })
        return [opened.offboarding, opened.fact]
      }
      const theirs: Offboarding = known.asked.how === 'request' ? known : { ...known, asked, updatedAt: now }
      if (theirs !== known) await tx.putOffboarding(theirs)
      const visits = await tx.visits(organizationId, known.id)
      const again = visits.map(retried).filter((next, index) => next !== visits[index])
      const [first, ...rest] = await noteVisits(tx, given, { visits: again, parts })
      return first ? [theirs, first, ...rest] : unchanged(theirs)
    },
  )(call, input)

/** Locks the person out at one connection and plans the removal; undefined when a complete read shows that there is no account. */
const visit = (
  parts: SyncParts,
  call: Call,
  {
    connectionId,
    member,
    offboarding,
  }: { readonly connectionId: string; readonly member: Membership; readonly offboarding: Offboarding },
): Promise<PlanView | undefined> =>
  withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      await lockLeavers(hand, { offboardingId: offboarding.id })
      const id = await planInHand(hand, {
        leaver: member,
        only: (draft) => takesAway(draft.kind) && draft.membershipId === member.id,
      })
      await creditCaller(hand, member.id)
      // Whom the rules linked just now is locked out too.
      await lockLeavers(hand, { offboardingId: offboarding.id })
      await assessVisits(hand)
      return parts.ledger.read(async (tx) => {
        const view = await viewPlan(tx, call, id)
        const snapshot = await tx.latestSnapshot(call.organizationId, connectionId)
        // An empty plan says why when the read behind it was not complete.
        const incomplete = snapshot?.id === view.plan.snapshotId && !snapshot.certificate.complete
        return view.steps.length > 0 || incomplete ? view : undefined
      })
    },
  })

/** Where the removal is planned much later, since the policy holds the account, whoever asked now is still one of its authors. */
const creditCaller = (hand: Hand, membershipId: string): Promise<void> =>
  commit(hand, async (tx, { organizationId, actor }) => {
    const link = await tx.linkOf(organizationId, hand.connection.id, membershipId)
    const credited = link && leftByToo(link, actor)
    if (credited && credited !== link) await tx.putLink(credited)
    return unchanged(undefined)
  })

/** Tells on the visit why nothing could be done there yet. */
const excuse = (
  parts: SyncParts,
  input: { readonly offboarding: Offboarding; readonly connectionId: string; readonly reason: string },
): Promise<void> =>
  command(parts.ledger, 'operate', async (tx: LedgerWriter, call: Call) => {
    const { offboarding, connectionId, reason } = input
    const visits = (await tx.visits(call.organizationId, offboarding.id)).filter(
      (each) => each.connectionId === connectionId && !isFinal(each),
    )
    const [first, ...rest] = await noteVisits(tx, call, { visits: visits.map((each) => ({ ...each, reason })), parts })
    return first ? [undefined, first, ...rest] : unchanged(undefined)
  })(systemCall(parts, input.offboarding.organizationId), undefined)

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
