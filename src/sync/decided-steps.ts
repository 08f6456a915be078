import { stateOfAccount } from './account-state.ts'
import { roleNames } from './compare.ts'
import type { Finding } from './ledger.ts'
import type { Marking } from './link.ts'
import type { Basis, Difference, StepDraft } from './plan.ts'
import { isProtected } from './plan.ts'

/**
 * A difference with what a person decided beyond it: the removal of somebody's second account, as long as the one that they keep stands and is theirs,
 * and roles taken back that nobody granted where the directory grants none. These steps stand only in plans that a person asked for.
 */
export function withDecided(
  full: Difference,
  basis: Basis,
  { markings, findings }: { readonly markings: readonly Marking[]; readonly findings: readonly Finding[] },
): Difference {
  if (markings.length === 0 && findings.length === 0) return full
  const rights = findings
    .flatMap((finding) => revokeStep(finding, basis))
    .filter(({ accountId }) => !full.steps.some((step) => step.accountId === accountId))
  const removals = markings.flatMap((marking) => surplusStep(marking, basis))
  return { ...full, steps: [...rights, ...full.steps, ...removals] }
}

function surplusStep(marking: Marking, { accounts, links, policy, capabilities, vendor }: Basis): readonly StepDraft[] {
  if (marking.kind !== 'surplus') return []
  const account = accounts.find(({ id }) => id === marking.accountId)
  const kept = accounts.find(({ id }) => id === marking.keptAccountId)
  const link = links.find(({ membershipId }) => membershipId === marking.membershipId)
  if (!account || !kept || link?.accountId !== kept.id || isProtected(policy, account)) return []
  const reason = `is the second account of ${kept.userName}, who keeps ${kept.id}: ${marking.reason}`
  return [
    {
      kind: 'remove',
      membershipId: marking.membershipId,
      accountId: account.id,
      subject: account.userName,
      desired: undefined,
      observed: stateOfAccount(account),
      changes: [],
      ...(capabilities.remove
        ? { state: 'planned', reason }
        : {
            state: 'unsupported',
            reason: `${reason}; ${vendor} cannot remove accounts through its API: remove it in the vendor's console`,
          }),
    },
  ]
}

function revokeStep(finding: Finding, { accounts, links, roles, capabilities, vendor }: Basis): readonly StepDraft[] {
  const account = accounts.find(({ id }) => id === finding.subject)
  const granted = finding.differences?.find(({ attribute }) => attribute === 'roles')
  const link = links.find(({ accountId }) => accountId === finding.subject)
  if (!account || !granted || !link) return []
  const extra = new Set(granted.theirs.filter((id) => !granted.ours.includes(id)))
  const state = stateOfAccount(account)
  const roleIds = state.roleIds.filter((id) => !extra.has(id))
  if (roleIds.length === state.roleIds.length) return []
  return [
    {
      kind: 'setRoles',
      membershipId: link.membershipId,
      accountId: account.id,
      subject: account.userName,
      desired: { ...state, userName: account.userName, roleIds },
      observed: state,
      changes: [
        { attribute: 'roles', from: roleNames(state.roleIds, { roles, account }), to: roleNames(roleIds, { roles, account }) },
      ],
      ...(capabilities.setRoles
        ? { state: 'planned', reason: 'has roles that nobody granted' }
        : { state: 'unsupported', reason: `${vendor} cannot set roles through its API: take them away in the vendor's console` }),
    },
  ]
}
