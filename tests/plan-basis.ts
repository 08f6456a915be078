import type { Membership } from '../src/directory/membership.ts'
import { stateOfAccount } from '../src/sync/account-state.ts'
import { defaultPolicy, type Policy } from '../src/sync/connection.ts'
import type { Link, Wanted } from '../src/sync/ledger.ts'
import type { Basis } from '../src/sync/plan.ts'
import type { Account, Capabilities, KnownAccount } from '../src/sync/vendor.ts'
import { memoryRoles } from './memory-vendor.ts'

export const able: Capabilities = {
  create: true,
  update: true,
  suspend: false,
  remove: true,
  setRoles: true,
  invite: false,
  cancelInvitation: false,
  notes: [],
}

export interface Person {
  readonly id: string
  readonly userName: string
  readonly email?: string | undefined
  readonly givenName?: string | undefined
  readonly familyName?: string | undefined
  readonly displayName?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly scimRoles?: readonly { readonly value: string }[] | undefined
}

export const wanted = (person: Person): Wanted => ({
  member: memberOf(person),
  roleNames: person.roles ?? [],
  groupNames: person.groups ?? [],
})
const memberOf = ({ id, userName, email, givenName, familyName, displayName, scimRoles }: Person): Membership => ({
  id,
  organizationId: 'o1',
  personId: `p-${id}`,
  userName,
  externalId: undefined,
  displayName,
  name: { ...(givenName && { givenName }), ...(familyName && { familyName }) },
  emails: email === undefined ? [] : [{ value: email }],
  roleIds: [],
  attributes: scimRoles ? { roles: scimRoles.map(({ value }) => ({ value })) } : {},
  status: 'active',
  acceptedAt: new Date(0),
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
})
export const account = (over: Partial<Account> & { readonly id: string; readonly userName: string }): Account => ({
  email: undefined,
  givenName: 'Given',
  familyName: 'Family',
  status: 'active',
  roles: [],
  raw: {},
  ...over,
})
export const linked = (membershipId: string, to: KnownAccount, written: Partial<Link['written']> = {}): Link => ({
  organizationId: 'o1',
  connectionId: 'c1',
  membershipId,
  accountId: to.id,
  rule: 'created',
  madeAt: new Date(0),
  written: { ...stateOfAccount(to), ...written },
})
export const basis = (over: Partial<Omit<Basis, 'policy'>> & { readonly policy?: Partial<Policy> }): Basis => ({
  vendor: 'memory',
  capabilities: able,
  roles: memoryRoles,
  wanted: [],
  accounts: [],
  links: [],
  conflicts: new Map(),
  whyUnwanted: () => 'is suspended in the directory',
  now: new Date(0),
  ...over,
  policy: { ...defaultPolicy, ...over.policy },
})
