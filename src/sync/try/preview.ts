import type { Call } from '../../directory/call.ts'
import { query } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { displayNameOf, type Membership } from '../../directory/membership.ts'
import type { Connection } from '../connection.ts'
import { findConnection } from '../connections.ts'
import { needsApproval } from '../guard.ts'
import type { LedgerReader, Wanted } from '../ledger.ts'
import { findPerson } from '../offboard.ts'
import { openVendor, refusingConfigErrors } from '../open-vendor.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { difference, type StepDraft } from '../plan.ts'
import { isRemoteFailure, type Vendor } from '../vendor.ts'
import type { Exclusion } from '../reviews/review.ts'
import { whyExcluded } from '../reviews/why-excluded.ts'
import { attributesOf } from './attributes.ts'
import type { TryReport, TryStep } from './engine.ts'
import { findAccount, findCandidates, type FoundAccount } from './find-account.ts'
import { assignedBy, findWanted } from './find-wanted.ts'

/** What was found out on the way, for whoever goes on. */
export interface Preview {
  readonly report: TryReport
  readonly connection: Connection
  readonly vendor: Vendor
  /** Undefined where it stopped before. */
  readonly member: Membership | undefined
}

/** The first four steps: the person, what assigns them, their account, and what would be written. Changes nothing. */
export async function preview(
  parts: SyncParts,
  call: Call,
  { connectionId, person }: { readonly connectionId: string; readonly person: string },
): Promise<Preview> {
  const connection = await query(parts.ledger, 'operate', (tx: LedgerReader, given: Call) =>
    findConnection(tx, given, connectionId),
  )(call, undefined)
  const vendor = refusingConfigErrors('credentials', () => openVendor(parts, connection))
  const steps: TryStep[] = []
  const empty: TryReport = {
    connectionId,
    membershipId: undefined,
    accountId: undefined,
    steps,
    kind: undefined,
    attributes: [],
    planId: undefined,
  }
  const member = await findMember(parts, call, person)
  if (!member) {
    const message = `nobody in the directory has the e-mail address or user name ${person}; push them from your identity provider, or create them`
    steps.push({ name: 'person', outcome: 'stopped', message })
    return { report: empty, connection, vendor, member }
  }
  const { id: membershipId, userName, status } = member
  steps.push({ name: 'person', outcome: 'ok', message: `${displayNameOf(member)} (${userName}) is ${status} in the directory` })

  const known = await parts.ledger.read(async (tx) => ({
    wanted: await findWanted(tx, connection, member),
    by: await assignedBy(systemCall(parts, call.organizationId), { tx, directory: parts.directory, connection, member }),
    candidates: await findCandidates(tx, connection, member),
    exclusion: await tx.exclusion(connection.organizationId, connection.id, member.id),
  }))
  steps.push(assignmentStep(known, { connection, member }))

  let found: FoundAccount
  let roles
  try {
    found = await findAccount(vendor, known.candidates, { connection, member, now: parts.clock() })
    roles = await vendor.reader.roles()
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    steps.push({ name: 'match', outcome: 'stopped', message: `${vendor.name} could not be asked: ${error.message}` })
    return { report: { ...empty, membershipId }, connection, vendor, member }
  }
  const { account, link, conflict, message } = found
  const wanted = known.wanted && { ...known.wanted, ...(link?.kept && { kept: link.kept }) }
  steps.push({ name: 'match', outcome: conflict === undefined ? 'ok' : 'stopped', message })
  const basis = {
    now: parts.clock(),
    vendor: vendor.name,
    policy: connection.policy,
    capabilities: vendor.capabilities,
    roles,
    wanted: wanted ? [wanted] : [],
    accounts: account ? [account] : [],
    links: link ? [link] : [],
    conflicts: new Map(conflict === undefined ? [] : [[membershipId, conflict]]),
    whyUnwanted: () =>
      known.exclusion
        ? whyExcluded(known.exclusion)
        : status === 'active'
          ? 'is not assigned to the connection'
          : `is ${status} in the directory`,
  }
  // Whoever asks for it has put back, too, what was changed at the vendor, as by any plan of a person.
  const drafts = difference(basis, 'revert').steps
  const own = difference(basis, connection.policy.drift).steps
  // Coming back and changing may be two steps: the first one is told, with the attributes of both.
  const [draft] = drafts
  const { policy } = connection
  const { capabilities } = vendor
  const changing = drafts.find(({ changes }) => changes.length > 0)
  const ownChanges = own.find(({ changes }) => changes.length > 0)?.changes ?? []
  steps.push(writeStep(draft, { connection, found }))
  return {
    report: {
      ...empty,
      membershipId,
      accountId: account?.id,
      kind: draft?.kind,
      attributes: wanted ? attributesOf({ wanted, account, draft: changing, ownChanges, policy, capabilities, roles }) : [],
    },
    connection,
    vendor,
    member,
  }
}

async function findMember(parts: SyncParts, call: Call, person: string): Promise<Membership | undefined> {
  try {
    return await findPerson(parts, systemCall(parts, call.organizationId), person)
  } catch (error) {
    if (error instanceof DirectoryError && error.refusal === 'notFound') return undefined
    throw error
  }
}

function assignmentStep(
  {
    wanted,
    by,
    exclusion,
  }: { readonly wanted: Wanted | undefined; readonly by: readonly string[]; readonly exclusion: Exclusion | undefined },
  { connection, member }: { readonly connection: Connection; readonly member: Membership },
): TryStep {
  if (wanted) return { name: 'assignment', outcome: 'ok', message: `is assigned to ${connection.name} ${by.join(' and ')}` }
  if (exclusion) return { name: 'assignment', outcome: 'nothing', message: `${whyExcluded(exclusion)}; it can be lifted` }
  const message =
    by.length === 0
      ? `is not assigned to ${connection.name}: no group of theirs is`
      : `is assigned to ${connection.name} ${by.join(' and ')}, and wants no account while being ${member.status} in the directory`
  return { name: 'assignment', outcome: 'nothing', message }
}

function writeStep(
  draft: StepDraft | undefined,
  { connection, found }: { readonly connection: Connection; readonly found: FoundAccount },
): TryStep {
  const name = 'write'
  if (!draft) {
    const message = found.account ? 'nothing: the account is as it should be' : 'nothing: there is no account, and none is wanted'
    return { name, outcome: 'nothing', message }
  }
  const what = `${draft.kind}: ${draft.reason}`
  if (draft.state !== 'planned') return { name, outcome: 'stopped', message: what }
  const waits = [
    ...(needsApproval(draft, connection.policy) ? ['an approval by somebody who did not ask for it'] : []),
    ...(connection.writesEnabled ? [] : [`writes to be enabled: rollcall connection enable-writes ${connection.name}`]),
  ]
  return waits.length > 0
    ? { name, outcome: 'waits', message: `${what}; would wait for ${waits.join(' and for ')}` }
    : { name, outcome: 'would', message: what }
}
