import { fold } from '../directory/fold.ts'
import { emailOf } from '../directory/membership.ts'
import { roleNames } from './compare.ts'
import type { Policy } from './connection.ts'
import { desireOf } from './desired.ts'
import type { KeptValue } from './kept.ts'
import type { Finding, Link } from './ledger.ts'
import type { Question } from './question.ts'
import { isTooOld } from './keys/age.ts'
import type { Survey } from './survey.ts'
import type { KnownAccount, DesiredAccount, VendorKey } from './vendor.ts'

export type Observation = Pick<Finding, 'kind' | 'subject' | 'message' | 'membershipId' | 'differences'>

/** How long somebody may be invited before it is told, where the policy does not say. */
export const staleInvitationDays = 14
const dayMs = 86_400_000

/** What a complete read shows beside what is planned. `vendor` is the vendor's name. */
export function observe(
  seen: Survey,
  {
    questions,
    vendor,
    policy,
    now,
  }: {
    readonly questions: readonly Question[]
    readonly vendor: string
    readonly policy: Policy
    readonly now: Date
  },
): readonly Observation[] {
  const { accounts, links, own } = seen
  const linkOf = new Map(links.map((link) => [link.accountId, link]))
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  const rights = extraRights(seen, { accountOf, vendor, policy })
  return [
    ...nobodys(seen, { linkOf, accountOf, questions }),
    ...drifted(seen, { linkOf, accountOf, policy, rights }),
    ...rights.values(),
    ...[...own.missing].map(([subject, message]): Observation => ({ kind: 'missing', subject, message, membershipId: subject })),
    ...[...own.residual].map(([subject, message]): Observation => ({
      kind: 'residual',
      subject,
      message,
      membershipId: linkOf.get(subject)?.membershipId,
    })),
    ...accounts.flatMap((account) => staleInvitation(account, linkOf.get(account.id), { policy, now })),
  ]
}

/** Accounts that are linked to nobody: somebody's second one, one that a question is about, or an orphan. */
function nobodys(
  { accounts, links, markings, wanted }: Survey,
  {
    linkOf,
    accountOf,
    questions,
  }: {
    readonly linkOf: ReadonlyMap<string, Link>
    readonly accountOf: ReadonlyMap<string, KnownAccount>
    readonly questions: readonly Question[]
  },
): readonly Observation[] {
  const asked = new Map<string, Question>()
  for (const question of questions)
    for (const { accountId } of question.candidates) if (!asked.has(accountId)) asked.set(accountId, question)
  const linked = new Map(links.map(({ membershipId, accountId }) => [membershipId, accountId]))
  const holding = wanted.map(({ member }) => member).filter(({ id }) => linked.has(id))
  const byUserName = new Map(holding.map((member) => [fold(member.userName), member]))
  const byEmail = new Map(holding.map((member) => [fold(emailOf(member) ?? ''), member]))
  return accounts.flatMap((account): readonly Observation[] => {
    const { id: subject, userName } = account
    if (linkOf.has(subject)) return []
    const marking = markings.get(subject)
    if (marking?.kind === 'outside') return []
    if (marking)
      return [
        {
          kind: 'duplicate',
          subject,
          membershipId: marking.membershipId,
          message: `${userName} is the second account of somebody who keeps ${marking.keptAccountId}; its removal waits: rollcall plan`,
        },
      ]
    const question = asked.get(subject)
    if (question)
      return [
        {
          kind: 'duplicate',
          subject,
          membershipId: question.membershipId,
          message: `may belong to ${question.subject}: ${question.reason}. Answer it: rollcall questions answer ${question.id}`,
        },
      ]
    const owner = byUserName.get(fold(userName)) ?? (account.email ? byEmail.get(fold(account.email)) : undefined)
    const own = owner && accountOf.get(linked.get(owner.id) ?? '')
    if (owner && own)
      return [
        {
          kind: 'duplicate',
          subject,
          membershipId: owner.id,
          message: `${userName} seems to be a second account of ${owner.userName}, who has ${own.id}. To remove it: rollcall links merge --keep ${own.id} --remove ${subject}`,
        },
      ]
    return [{ kind: 'orphan', subject, message: `${userName} belongs to nobody in the directory` }]
  })
}

function drifted(
  { own, full }: Survey,
  {
    linkOf,
    accountOf,
    policy,
    rights,
  }: {
    readonly linkOf: ReadonlyMap<string, Link>
    readonly accountOf: ReadonlyMap<string, KnownAccount>
    readonly policy: Policy
    readonly rights: ReadonlyMap<string, Observation>
  },
): readonly Observation[] {
  if (own.drift.size === 0) return []
  const reverting = new Map(full.steps.flatMap((step) => (step.accountId === undefined ? [] : [[step.accountId, step] as const])))
  const planned = new Map(own.steps.flatMap((step) => (step.accountId === undefined ? [] : [[step.accountId, step] as const])))
  return [...own.drift].flatMap(([subject, message]): readonly Observation[] => {
    const account = accountOf.get(subject)
    const step = reverting.get(subject)
    // What is planned without anybody asking is ours to change, not drift, unless the policy puts drift back by itself.
    const ours = policy.drift === 'revert' ? [] : (planned.get(subject)?.changes ?? []).map(({ attribute }) => attribute)
    const names = (step?.changes ?? []).map(({ attribute }) => attribute).filter((name) => !ours.includes(name))
    const all = account && step?.desired ? names.flatMap((name) => differenceIn(name, account, step.desired)) : []
    // Roles beyond those that were granted are told as such, and not a second time.
    const differences = all.filter((one) => !rights.has(subject) || !isBeyond(one))
    if (all.length > 0 && differences.length === 0) return []
    return [{ kind: 'drift', subject, message, membershipId: linkOf.get(subject)?.membershipId, differences }]
  })
}

const isBeyond = ({ attribute, ours, theirs }: KeptValue): boolean =>
  attribute === 'roles' && ours.every((id) => theirs.includes(id))

function differenceIn(name: string, account: KnownAccount, desired: DesiredAccount | undefined): readonly KeptValue[] {
  if (!desired) return []
  if (name === 'roles')
    return [{ attribute: 'roles', ours: desired.roleIds.toSorted(), theirs: account.roles.map(({ id }) => id).toSorted() }]
  if (name !== 'userName' && name !== 'email' && name !== 'givenName' && name !== 'familyName') return []
  const ours = desired[name]
  const theirs = account[name]
  return [{ attribute: name, ours: ours === undefined ? [] : [ours], theirs: theirs === undefined ? [] : [theirs] }]
}

/** Roles that an account has and neither the directory wants nor we wrote: by account id. What is planned to be taken back by itself is not told. */
function extraRights(
  { links, wanted, roles, own }: Survey,
  {
    accountOf,
    vendor,
    policy,
  }: { readonly accountOf: ReadonlyMap<string, KnownAccount>; readonly vendor: string; readonly policy: Policy },
): ReadonlyMap<string, Observation> {
  const found = new Map<string, Observation>()
  const members = new Map(wanted.map((one) => [one.member.id, one]))
  const planned = new Set(
    own.steps.flatMap(({ accountId, changes }) =>
      accountId !== undefined && changes.some(({ attribute }) => attribute === 'roles') ? [accountId] : [],
    ),
  )
  for (const link of links) {
    const account = accountOf.get(link.accountId)
    const one = members.get(link.membershipId)
    if (!account || !one || planned.has(account.id)) continue
    const current = account.roles.map(({ id }) => id)
    const written = new Set(link.written.roleIds)
    const unwritten = current.filter((id) => !written.has(id))
    if (unwritten.length === 0) continue
    const granted = desireOf(one, policy, roles).roleIds
    const extra = unwritten.filter((id) => !granted?.includes(id))
    if (extra.length === 0) continue
    found.set(account.id, {
      kind: 'extraRight',
      subject: account.id,
      membershipId: link.membershipId,
      message: `${account.userName} has ${roleNames(extra, { roles, account })} at ${vendor}, which nobody granted`,
      differences: [
        {
          attribute: 'roles',
          ours: (granted ?? current.filter((id) => !extra.includes(id))).toSorted(),
          theirs: current.toSorted(),
        },
      ],
    })
  }
  return found
}

function staleInvitation(
  account: KnownAccount,
  link: Link | undefined,
  { policy, now }: { readonly policy: Policy; readonly now: Date },
): readonly Observation[] {
  const { invitedSince } = account
  if (!invitedSince || !isInvitedTooLong(account, policy, now)) return []
  return [
    {
      kind: 'staleInvitation',
      subject: account.id,
      membershipId: link?.membershipId,
      message: `${account.userName} was invited ${dayOf(invitedSince)} or before and has not accepted`,
    },
  ]
}

export function isInvitedTooLong({ status, invitedSince }: KnownAccount, { findings }: Policy, now: Date): boolean {
  const days = findings?.staleInvitationDays ?? staleInvitationDays
  return status === 'invited' && invitedSince !== undefined && now.getTime() - invitedSince.getTime() >= days * dayMs
}

/** Keys that are older than the policy wants. A key whose age the vendor does not tell is not judged. */
export function observeKeys(
  keys: readonly VendorKey[],
  { maxAgeDays, now }: { readonly maxAgeDays: number; readonly now: Date },
): readonly Observation[] {
  return keys.flatMap(({ id, name, createdAt }): readonly Observation[] =>
    createdAt && isTooOld({ createdAt }, { findings: { keyMaxAgeDays: maxAgeDays } }, now)
      ? [
          {
            kind: 'keyTooOld',
            subject: id,
            message: `key ${name} was made ${dayOf(createdAt)}; the policy wants none older than ${maxAgeDays} days`,
          },
        ]
      : [],
  )
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
