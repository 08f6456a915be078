import { fold } from '../directory/fold.ts'
import type { ConnectionEntry, NamedPolicy } from '../sync/configuration/configuration.ts'
import { deletionOf, expiryHours } from '../sync/policy.ts'

/** What a policy means for people, in sentences: who gets access with which roles, what waits for whom, and what happens to whoever leaves. */
export function connectionSentences(
  { writesEnabled, assign }: Pick<ConnectionEntry, 'writesEnabled' | 'assign'>,
  policy: NamedPolicy,
): readonly string[] {
  return [
    ...whoSentences(assign, policy),
    ...roleSentences(assign, policy),
    ...writingSentences(writesEnabled, policy),
    ...leavingSentences(policy),
    ...decidingSentences(policy),
  ]
}

function whoSentences(assign: ConnectionEntry['assign'], { matchBy = [] }: NamedPolicy): readonly string[] {
  const match =
    matchBy.length === 0
      ? 'Accounts that stand already are linked to nobody by a rule; a person is asked.'
      : `An account that stands already is linked by ${matchBy.join(', then by ')}.`
  if (assign === undefined)
    return ['The file does not say who gets an account: whoever is assigned by the API or an identity provider.', match]
  if (assign === 'everyone') return ['Every active member gets an account.', match]
  const { groups = [], members = [] } = assign
  const who = [
    ...groups.map((name) => `the members of ${name}`),
    ...(members.length > 0 ? [members.length > 10 ? `${members.length} members by name` : members.join(', ')] : []),
  ]
  return [who.length === 0 ? 'Nobody gets an account.' : `An account is for ${listed(who)}.`, match]
}

function roleSentences(assign: ConnectionEntry['assign'], { roleMap = {}, defaultRoles = [] }: NamedPolicy): readonly string[] {
  const map = new Map(Object.entries(roleMap).map(([from, to]) => [fold(from), to]))
  const groups = assign === undefined || assign === 'everyone' ? [] : (assign.groups ?? [])
  const ofGroups = groups.map((name) => {
    const mapped = map.get(fold(name))
    return mapped === undefined
      ? `Members of ${name} get the role of that name, where the vendor has one.`
      : `Members of ${name} get the role ${mapped}.`
  })
  const others = Object.entries(roleMap).filter(([from]) => !groups.some((name) => fold(name) === fold(from)))
  return [
    ...(defaultRoles.length > 0 ? [`Everybody gets the role${defaultRoles.length > 1 ? 's' : ''} ${listed(defaultRoles)}.`] : []),
    ...ofGroups,
    ...others.map(([from, to]) => `Whoever has the role, or is in the group, ${from} gets the role ${to}.`),
    'A role that the map does not name is given under its own name.',
  ]
}

function writingSentences(
  writesEnabled: boolean | undefined,
  { additions, changes, drift, protectedAccounts = [], schedule, removalLimit, shrinkLimit }: NamedPolicy,
): readonly string[] {
  const writes =
    writesEnabled === undefined
      ? 'The file does not say whether plans may change the vendor; a new connection only reads.'
      : writesEnabled
        ? 'Plans may change the vendor.'
        : 'Nothing is changed at the vendor; it is only read and planned for.'
  return [
    writes,
    `Accounts are made ${by(additions)}, and attributes and roles are changed ${by(changes)}.`,
    drift === 'revert'
      ? 'What somebody changes at the vendor behind our back is put back by the next plan.'
      : 'What somebody changes at the vendor behind our back is a finding.',
    ...(schedule ? [`The vendor is read and planned for every ${schedule.everyHours} hours although nothing happened.`] : []),
    ...(removalLimit
      ? [
          `A plan that removes more than ${removalLimit.accounts} accounts or ${removalLimit.percent} percent has to be approved by that number.`,
        ]
      : []),
    ...(shrinkLimit
      ? [
          `A read that lacks more than ${shrinkLimit.accounts} accounts and ${shrinkLimit.percent} percent is not believed at once.`,
        ]
      : []),
    ...(protectedAccounts.length > 0 ? [`No plan removes ${listed(protectedAccounts)}.`] : []),
  ]
}

function leavingSentences({ leavers, ...policy }: NamedPolicy): readonly string[] {
  const deletion = deletionOf(policy)
  const after =
    deletion.onLeave === 'remove'
      ? 'the account is removed after an approval'
      : deletion.holdDays === undefined
        ? 'the account is suspended and kept (a vendor that cannot suspend removes it)'
        : `the account is suspended, and removed after ${deletion.holdDays} days and an approval (at once where the vendor cannot suspend)`
  return [
    `When somebody leaves, ${after}; access is taken away ${leavers?.suspendAtOnce === 'approval' ? 'after an approval' : 'at once where the vendor can'}.`,
  ]
}

function decidingSentences({ approvers, quorum = 1, ...policy }: NamedPolicy): readonly string[] {
  const who = approvers === undefined ? 'whoever has the scope approve' : listed(approvers, 'or')
  return [
    `A plan is approved by ${quorum === 1 ? 'one person' : `${quorum} people`}, ${who}, who did not ask for it, within ${expiryHours(policy)} hours.`,
  ]
}

const by = (mode: 'automatic' | 'approval' | undefined): string => (mode === 'approval' ? 'after an approval' : 'by themselves')

function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${word} ${last}`
}
