import type { FactDraft } from '../../directory/fact.ts'
import { canonicalJson, type JsonObject } from '../../directory/json.ts'
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

/** The facts of accounts that are otherwise than they were. */
export const accountsChanged = (connectionId: string, accounts: readonly Account[]): readonly FactDraft[] =>
  cut(accounts).map((part) => ({
    action: 'accounts.changed',
    subject: connectionId,
    detail: { accounts: part.map(accountDetail) },
  }))

/** The facts of accounts that a read proved to be gone. */
export const accountsGone = (connectionId: string, ids: readonly string[]): readonly FactDraft[] =>
  cut(ids).map((gone) => ({ action: 'accounts.changed', subject: connectionId, detail: { gone } }))

/** What follows is every account of the connection, whatever the facts told before … */
export const recordingBegins = (connectionId: string): FactDraft => ({
  action: 'accounts.changed',
  subject: connectionId,
  detail: { baseline: 'begins' },
})

/** … and that was all: from here on the facts tell of each change. */
export const recordingIsWhole = (connectionId: string): FactDraft => ({
  action: 'accounts.changed',
  subject: connectionId,
  detail: { baseline: 'whole' },
})

/** Whether an account differs in what facts tell of it. */
export const isNews = ({ account, before }: { readonly account: Account; readonly before: Account | undefined }): boolean =>
  !before || canonicalJson(accountDetail(account)) !== canonicalJson(accountDetail(before))

const cut = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / perFact) }, (_, part) => list.slice(part * perFact, (part + 1) * perFact))
