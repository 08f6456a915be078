import { sameRoles, sameValue, stateOfAccount } from '../account-state.ts'
import { roleNames } from '../compare.ts'
import type { OwnedAttribute, Policy } from '../connection.ts'
import { desireOf } from '../desired.ts'
import type { Wanted } from '../ledger.ts'
import type { StepDraft } from '../plan.ts'
import { ownerOf } from '../policy.ts'
import { accountAttributes, type Account, type Capabilities, type VendorRole } from '../vendor.ts'
import type { TryAttribute } from './engine.ts'

/** Each attribute of an account with what would become of it, and why. Pure. */
export function attributesOf(input: {
  readonly wanted: Wanted
  readonly account: Account | undefined
  readonly draft: StepDraft | undefined
  /** What would be written without anybody asking for it. */
  readonly ownChanges: StepDraft['changes']
  readonly policy: Policy
  readonly capabilities: Pick<Capabilities, 'attributes'>
  readonly roles: readonly VendorRole[]
}): readonly TryAttribute[] {
  const { wanted, account, draft, ownChanges, policy, capabilities, roles } = input
  const { attributes: kept = accountAttributes } = capabilities
  const desire = desireOf(wanted, policy, roles)
  const current = account && stateOfAccount(account)
  const changes = new Map(draft?.changes.map((change) => [change.attribute, change]))
  const why = (attribute: string) => {
    if (!account) return 'the account is new'
    const isOwn = ownChanges.some((change) => change.attribute === attribute)
    return isOwn ? 'differs from the directory' : 'was changed at the vendor and is put back'
  }
  const rows = accountAttributes.map((attribute): TryAttribute => {
    const atVendor = current?.[attribute] || undefined
    const row = { attribute, atVendor, wanted: desire[attribute] }
    const change = changes.get(attribute)
    if (change) {
      const isFallback = desire[attribute] === undefined
      const reason = isFallback ? 'the vendor demands one, and the directory has none: made of the other names' : why(attribute)
      return { ...row, wanted: change.to, action: 'write', reason }
    }
    if (account && !kept.includes(attribute)) return { ...row, action: 'leave', reason: 'the vendor does not keep it by itself' }
    if (desire[attribute] === undefined) return { ...row, action: 'leave', reason: 'the directory says nothing of it' }
    if (current && sameValue(attribute, desire[attribute], current[attribute]))
      return { ...row, action: 'same', reason: 'is as the directory has it' }
    return { ...row, action: 'leave', reason: unwritten(policy, attribute) }
  })
  const unknown = desire.unknownRoles.length > 0 ? `; the vendor has no role named ${desire.unknownRoles.join(', ')}` : ''
  const role = {
    attribute: 'roles',
    atVendor: current && roleNames(current.roleIds, { roles, ...(account && { account }) }),
    wanted: desire.roleIds && roleNames(desire.roleIds, { roles }),
  }
  if (changes.has('roles')) return [...rows, { ...role, action: 'write', reason: why('roles') + unknown }]
  if (!desire.roleIds)
    return [...rows, { ...role, action: 'leave', reason: `the directory names no role of the vendor${unknown}` }]
  const same = current && sameRoles(desire.roleIds, current.roleIds)
  return [
    ...rows,
    same
      ? { ...role, action: 'same', reason: `is as the directory has it${unknown}` }
      : { ...role, action: 'leave', reason: unwritten(policy, 'roles') + unknown },
  ]
}

/** Why what differs is not written. */
function unwritten(policy: Policy, name: OwnedAttribute): string {
  const owner = ownerOf(policy, name)
  return owner === 'provider' ? 'cannot be written as it is' : `is left as it is: attributeOwners says ${owner}`
}
