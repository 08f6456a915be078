import type { FactDraft } from '../../directory/fact.ts'
import type { JsonObject } from '../../directory/json.ts'
import type { Account } from '../vendor.ts'

/** How many accounts one fact tells of: facts are read and delivered one by one. */
const perFact = 100

/** What a fact says of an account: enough to tell later who had access to what. */
export const accountDetail = ({ id, userName, email, status, roles }: Account): JsonObject => ({
  id,
  userName,
  email,
  status,
  roles: roles.map((role) => ({ id: role.id, name: role.name })),
})

/**
 * The facts of what a read showed to be otherwise than what was known. With `baseline`, the accounts are all there are and nothing was known before:
 * from then on the facts tell every change.
 */
export function accountFacts(
  connectionId: string,
  input: {
    readonly baseline: boolean
    readonly before: readonly Account[]
    readonly now: readonly Account[]
    readonly gone: readonly string[]
  },
): readonly FactDraft[] {
  const known = new Map(input.baseline ? [] : input.before.map((account) => [account.id, textOf(account)]))
  const changed = input.now.filter((account) => known.get(account.id) !== textOf(account))
  const parts = Math.max(Math.ceil(changed.length / perFact), Math.ceil(input.gone.length / perFact), input.baseline ? 1 : 0)
  return Array.from({ length: parts }, (_, part): FactDraft => {
    const cut = <T>(list: readonly T[]) => list.slice(part * perFact, (part + 1) * perFact)
    const gone = cut(input.gone)
    return {
      action: 'accounts.changed',
      subject: connectionId,
      detail: {
        ...(input.baseline && part === 0 && { baseline: true }),
        accounts: cut(changed).map(accountDetail),
        ...(gone.length > 0 && { gone }),
      },
    }
  })
}

const textOf = (account: Account): string => JSON.stringify(accountDetail(account))
