import type { Fact } from '../../directory/fact.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import type { MemberStatus } from '../../directory/membership.ts'
import type { Assignment } from '../connection.ts'
import { linkRules, type LinkRule } from '../matching-rule.ts'
import type { VendorRole } from '../vendor.ts'
import { reasonsOf, type AccessRow, type Person } from './row.ts'

/** Who had access to what after some facts. Grows with the organization, not with its history. */
export interface AccessState {
  readonly people: Map<string, Person>
  readonly groups: Map<string, GroupState>
  readonly connections: Map<string, ConnectionState>
}

interface GroupState {
  name: string
  readonly members: Set<string>
  /** Ids of the groups in it. */
  readonly inside: Set<string>
}

interface ConnectionState {
  name: string
  vendor: string
  assignments: readonly Assignment[]
  /** Whether the facts told of all accounts at some time, and since then of each change. */
  whole: boolean
  read: AccessRow['read']
  readonly accounts: Map<string, AccessRow['account']>
  /** By membership id. */
  readonly links: Map<string, { readonly accountId: string; readonly rule: AccessRow['linkedBy']; readonly since: Date }>
  /** Membership ids. */
  readonly excluded: Set<string>
}

export const emptyAccess = (): AccessState => ({ people: new Map(), groups: new Map(), connections: new Map() })

/** Takes one fact into the state. Facts come in the order of their sequence; facts without what this version writes into them are taken for what they tell. */
export function applyFact(state: AccessState, fact: Fact): void {
  const { action, subject, detail } = fact
  if (action.startsWith('member.')) changePerson(state, fact)
  else if (action.startsWith('group.')) changeGroup(state, fact)
  else if (action === 'connection.removed') state.connections.delete(subject)
  else if (action === 'connection.created' || action === 'connection.changed') changeConnection(state, subject, detail)
  else {
    const connection = state.connections.get(action === 'accounts.changed' ? subject : (textOf(detail['connectionId']) ?? ''))
    if (connection) changeAccounts(connection, fact)
  }
}

/** Every account of the state with whom it belongs to, in the order of connection, account and membership id. */
export function* rowsOf(state: AccessState): Generator<AccessRow> {
  for (const [id, connection] of sorted(state.connections)) {
    const groupIds = connection.assignments.flatMap((item) => (item.kind === 'group' ? [item.groupId] : []))
    const assigned = groupIds.flatMap((groupId) => {
      const group = state.groups.get(groupId)
      return group ? [{ groupId, name: group.name, members: everybodyIn(state.groups, groupId) }] : []
    })
    const holders = new Map<string, string[]>()
    for (const [membershipId, { accountId }] of sorted(connection.links))
      holders.set(accountId, [...(holders.get(accountId) ?? []), membershipId])
    for (const [accountId, account] of sorted(connection.accounts))
      for (const membershipId of holders.get(accountId) ?? [undefined]) {
        const link = membershipId === undefined ? undefined : connection.links.get(membershipId)
        const person = membershipId === undefined ? undefined : (state.people.get(membershipId) ?? unknownPerson(membershipId))
        const groups = new Map(
          assigned.flatMap(({ groupId, name, members }) => (person && members.has(person.id) ? [[groupId, name]] : [])),
        )
        yield {
          connection: { id, name: connection.name, vendor: connection.vendor },
          account,
          person,
          why: reasonsOf(connection.assignments, person, { groups, excluded: connection.excluded.has(membershipId ?? '') }),
          linkedBy: link?.rule,
          since: link?.since,
          read: connection.read,
          source: connection.whole ? 'facts' : 'factsPartly',
        }
      }
  }
}

/** Who is in a group, or in a group in it, however deep. */
function everybodyIn(groups: AccessState['groups'], id: string): ReadonlySet<string> {
  const found = groups.get(id)
  if (!found || found.inside.size === 0) return found?.members ?? new Set()
  const seen = new Set([id])
  for (const each of seen) for (const inner of groups.get(each)?.inside ?? []) seen.add(inner)
  return new Set([...seen].flatMap((each) => [...(groups.get(each)?.members ?? [])]))
}

function changePerson({ people, groups }: AccessState, { action, subject: id, detail }: Fact): void {
  const before = people.get(id) ?? unknownPerson(id)
  if (action === 'member.removed') {
    people.set(id, { id, userName: textOf(detail['userName']) ?? before.userName, email: undefined, status: 'removed' })
    for (const { members } of groups.values()) members.delete(id)
  } else if (action === 'member.accepted')
    people.set(id, { ...before, status: memberStatuses.get(detail['status']) ?? before.status })
  else
    people.set(id, {
      id,
      userName: textOf(detail['userName']),
      email: textOf(detail['email']),
      status: memberStatuses.get(detail['status']) ?? before.status,
    })
}

function changeGroup({ groups }: AccessState, { action, subject: id, detail }: Fact): void {
  if (action === 'group.removed') return void groups.delete(id)
  const group = groups.get(id) ?? { name: id, members: new Set<string>(), inside: new Set<string>() }
  groups.set(id, group)
  const members = listOf(detail['membershipIds']).flatMap((member) => textOf(member) ?? [])
  const inside = listOf(detail['groupIds']).flatMap((inner) => textOf(inner) ?? [])
  if (action === 'group.membersAdded') {
    for (const member of members) group.members.add(member)
    for (const inner of inside) group.inside.add(inner)
  } else if (action === 'group.membersRemoved') {
    if (detail['all'] !== undefined) group.members.clear()
    for (const member of members) group.members.delete(member)
    for (const inner of inside) group.inside.delete(inner)
  } else group.name = textOf(detail['displayName']) ?? group.name
}

function changeConnection({ connections }: AccessState, id: string, detail: JsonObject): void {
  const connection = connections.get(id) ?? {
    name: id,
    vendor: 'unknown',
    assignments: [],
    whole: false,
    read: undefined,
    accounts: new Map(),
    links: new Map(),
    excluded: new Set(),
  }
  connections.set(id, connection)
  connection.name = textOf(detail['name']) ?? connection.name
  connection.vendor = textOf(detail['vendor']) ?? connection.vendor
  if (detail['assignments'] !== undefined) connection.assignments = listOf(detail['assignments']).flatMap(assignmentOf)
}

function changeAccounts(connection: ConnectionState, { action, subject, detail, at }: Fact): void {
  const { accounts, links } = connection
  const membershipId = textOf(detail['membershipId'])
  for (const account of [...listOf(detail['accounts']), detail['account']]) putAccount(connection, account)
  if (action === 'accounts.changed') {
    for (const id of listOf(detail['gone'])) if (typeof id === 'string') accounts.delete(id)
    if (detail['baseline'] === 'begins') accounts.clear()
    if (detail['baseline'] === 'whole') connection.whole = true
  } else if (action === 'snapshot.taken') connection.read = { at, complete: detail['complete'] === true }
  else if (action === 'exclusion.made') connection.excluded.add(subject)
  else if (action === 'exclusion.lifted') connection.excluded.delete(subject)
  else if (action === 'link.made' && membershipId !== undefined) {
    const holder = textOf(detail['before'])
    if (holder !== undefined) unlink(links, holder, subject)
    links.set(membershipId, {
      accountId: subject,
      rule: rules.get(detail['rule']) ?? 'unknown',
      since: new Date(textOf(detail['madeAt']) ?? at),
    })
    if (!accounts.has(subject)) accounts.set(subject, unknownAccount(subject, undefined))
  } else if (action === 'link.removed' && membershipId !== undefined) unlink(links, membershipId, subject)
  else if (action === 'step.done' || action === 'step.failed') {
    const id = textOf(detail['accountId'])
    if (id === undefined || detail['account'] !== undefined) return
    if (detail['gone'] === true || (action === 'step.done' && detail['kind'] === 'remove')) accounts.delete(id)
    else if (action === 'step.done' && !accounts.has(id)) accounts.set(id, unknownAccount(id, textOf(detail['subject'])))
  }
}

/** Facts of one change come in any order: a link that was replaced already stays. */
function unlink(links: ConnectionState['links'], membershipId: string, accountId: string): void {
  if (links.get(membershipId)?.accountId === accountId) links.delete(membershipId)
}

function putAccount({ accounts }: ConnectionState, value: Json | undefined): void {
  const members = objectOf(value)
  const id = textOf(members['id'])
  if (id === undefined) return
  accounts.set(id, {
    id,
    userName: textOf(members['userName']),
    email: textOf(members['email']),
    status: memberStatuses.get(members['status']) ?? 'unknown',
    roles: listOf(members['roles']).flatMap((role): VendorRole[] => {
      const { id: roleId, name } = objectOf(role)
      return typeof roleId === 'string' && typeof name === 'string' ? [{ id: roleId, name }] : []
    }),
  })
}

function assignmentOf(value: Json): readonly Assignment[] {
  const { kind, groupId, membershipId } = objectOf(value)
  if (kind === 'everyone') return [{ kind }]
  if (kind === 'group' && typeof groupId === 'string') return [{ kind, groupId }]
  return kind === 'member' && typeof membershipId === 'string' ? [{ kind, membershipId }] : []
}

const unknownPerson = (id: string): Person => ({ id, userName: undefined, email: undefined, status: 'unknown' })
const unknownAccount = (id: string, userName: string | undefined): AccessRow['account'] => ({
  id,
  userName,
  email: undefined,
  status: 'unknown',
  roles: undefined,
})

const memberStatuses = new Map<Json | undefined, MemberStatus>([
  ['invited', 'invited'],
  ['active', 'active'],
  ['suspended', 'suspended'],
])
const rules = new Map<Json | undefined, LinkRule>(linkRules.map((rule) => [rule, rule]))

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !isList(value) ? value : {}
const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
