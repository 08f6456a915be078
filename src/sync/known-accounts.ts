import { collect } from './collect.ts'
import type { Known } from './read-vendor.ts'
import type { Account, KnownAccount, VendorRole } from './vendor.ts'
import type { Hand } from './work.ts'

type Where = Pick<Hand, 'parts' | 'connection'>

/**
 * Of a complete read: the accounts there are. Of an incomplete one: those known before and those seen, which proves nobody's absence. Without the vendor's
 * own records, which stay where they are: a list may be long.
 */
export async function knownAccounts({ parts, connection }: Where, { snapshot }: Known): Promise<readonly KnownAccount[]> {
  const { organizationId, id: connectionId } = connection
  const toKnown = withoutRecords()
  const idOf = ({ id }: KnownAccount) => id
  return parts.ledger.read(async (tx) => {
    const stored = await collect(async (page) => (await tx.accounts(organizationId, connectionId, page)).map(toKnown), idOf)
    if (snapshot.certificate.complete) return stored
    const seen = await collect(async (page) => (await tx.aside(organizationId, connectionId, page)).map(toKnown), idOf)
    const accounts = new Map(stored.map((account) => [account.id, account]))
    for (const account of seen) accounts.set(account.id, account)
    return [...accounts.values()]
  })
}

/** The same account with the vendor's own record. */
export async function wholeAccount({ parts, connection }: Where, account: KnownAccount): Promise<Account> {
  if (isWhole(account)) return account
  const { organizationId, id: connectionId } = connection
  const whole = await parts.ledger.read(
    async (tx) =>
      (await tx.asideAccount(organizationId, connectionId, account.id)) ??
      (await tx.account(organizationId, connectionId, account.id)),
  )
  return whole ?? { ...account, raw: undefined }
}

const isWhole = (account: KnownAccount): account is Account => 'raw' in account

/** Equal roles become one: hardly anything differs less from account to account. */
export function withoutRecords(): (account: Account) => KnownAccount {
  const known = new Map<string, VendorRole>()
  const one = (role: VendorRole): VendorRole => {
    const key = JSON.stringify([role.id, role.name])
    const found = known.get(key) ?? role
    known.set(key, found)
    return found
  }
  return ({ raw: _, roles, ...account }) => ({ ...account, roles: roles.map(one) })
}
