import { isId } from '../../directory/id.ts'
import type { Call } from '../../directory/call.ts'
import type { Connection } from '../connection.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import type { HeldAccount } from './ledger.ts'
import { hasRole, reasonsOf, type AccessFilter, type AccessPosition, type AccessRow } from './row.ts'

/** How many accounts are looked at together. */
const chunk = 500

/** Who has access to what as it is stored now, in the order of connection, account and membership id. Holds one chunk at a time. */
export async function* accessNow(
  parts: SyncParts,
  { organizationId }: Pick<Call, 'organizationId'>,
  { filter, after }: { readonly filter: AccessFilter; readonly after?: AccessPosition | undefined },
): AsyncGenerator<AccessRow> {
  const membershipId = filter.person === undefined ? undefined : await findId(parts, organizationId, filter.person)
  if (filter.person !== undefined && membershipId === undefined) return
  const connections = await parts.ledger.read((tx) => tx.connections(organizationId))
  for (const connection of connections.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (filter.connectionId !== undefined && connection.id !== filter.connectionId) continue
    if (filter.vendor !== undefined && connection.vendor !== filter.vendor) continue
    if (after && connection.id < after.connectionId) continue
    const start = after?.connectionId === connection.id ? after : undefined
    for await (const row of rowsAt(parts, connection, { membershipId, start }))
      if (filter.role === undefined || hasRole(row, filter.role)) yield row
  }
}

async function* rowsAt(
  { ledger }: SyncParts,
  connection: Connection,
  { membershipId, start }: { readonly membershipId: string | undefined; readonly start: AccessPosition | undefined },
): AsyncGenerator<AccessRow> {
  const { organizationId, id, name, vendor } = connection
  const [assignments, snapshot] = await ledger.read(async (tx) => [
    await tx.assignments(organizationId, id),
    await tx.latestSnapshot(organizationId, id),
  ])
  const toRow = ({ account, link, person, groups, excluded }: HeldAccount): AccessRow => ({
    connection: { id, name, vendor },
    account: {
      id: account.id,
      userName: account.userName,
      email: account.email,
      status: account.status,
      roles: account.roles.map((role) => ({ id: role.id, name: role.name })),
    },
    person,
    why: reasonsOf(assignments, person, { groups, excluded }),
    linkedBy: link?.rule,
    since: link?.madeAt,
    read: snapshot && { at: snapshot.finishedAt, complete: snapshot.certificate.complete },
    source: 'ledger',
  })
  if (membershipId !== undefined) {
    const held = start ? undefined : await ledger.read((tx) => tx.accountHeldBy(organizationId, id, membershipId))
    if (held) yield toRow(held)
    return
  }
  let after: { readonly accountId: string; readonly membershipId: string } | undefined = start
  for (;;) {
    const page: readonly HeldAccount[] = await ledger.read((tx) => tx.heldAccounts(organizationId, id, { after, limit: chunk }))
    yield* page.map(toRow)
    const last = page.at(-1)
    if (!last || page.length < chunk) return
    after = { accountId: last.account.id, membershipId: last.person?.id ?? '' }
  }
}

/** A member's id by id, e-mail address or user name. Who was removed from the directory is found by their id alone. */
async function findId(parts: SyncParts, organizationId: string, person: string): Promise<string | undefined> {
  if (isId(person)) return person
  const call = systemCall(parts, organizationId)
  const member =
    (await parts.directory.findMemberByEmail(call, { email: person })) ??
    (await parts.directory.findMemberByUserName(call, { userName: person }))
  return member?.id
}
