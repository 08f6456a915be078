import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { Wanted } from '../../sync/ledger.ts'
import { isExcluded } from '../excluded.ts'
import type { Executor } from '../executor.ts'
import { readGroups } from '../groups.ts'
import { membershipColumns, toMembership, type StoredMembership } from '../memberships.ts'
import { readOrganizations } from '../organizations.ts'
import type { Schema } from '../schema.ts'

export interface OfConnection {
  readonly organization_id: string
  readonly connection_id: string
}

/** The active members who are assigned to a connection and not excluded from it. */
export const wantedMembers = (db: Kysely<Schema>, p: OfConnection) =>
  db
    .selectFrom('memberships')
    .select(membershipColumns)
    .where('memberships.organization_id', '=', p.organization_id)
    .where('memberships.status', '=', 'active')
    .where(isWanted(p))

/** Whether the connection wants the row of `memberships`, were it active. The groups that it is for, with those in them, are looked up once for all rows. */
export const isWanted = (p: OfConnection): RawBuilder<SqlBool> => sql<SqlBool>`((exists (
  select 1 from assignments as s
  where s.organization_id = ${p.organization_id} and s.connection_id = ${p.connection_id} and (
    s.kind = 'everyone' or (s.kind = 'member' and s.subject = memberships.id)))
  or exists (
    select 1 from group_members as gm
    where gm.organization_id = ${p.organization_id} and gm.membership_id = memberships.id and gm.group_id in (
      with recursive assigned(id) as (
        select s.subject from assignments as s
        where s.organization_id = ${p.organization_id} and s.connection_id = ${p.connection_id} and s.kind = 'group'
        union
        select gg.child_id from assigned join group_groups as gg on gg.organization_id = ${p.organization_id} and gg.parent_id = assigned.id)
      select id from assigned))) and not ${isExcluded(p.organization_id, p.connection_id)})`

/** The members with the names of what they hold. */
export async function toWanted(
  executor: Executor,
  organizationId: string,
  rows: readonly StoredMembership[],
): Promise<readonly Wanted[]> {
  const members = rows.map(toMembership)
  const ids = members.map(({ id }) => id)
  const [all, groupsOf] = await Promise.all([
    readOrganizations(executor).roles(organizationId),
    readGroups(executor).groupsOf(organizationId, ids),
  ])
  const roles = new Map(all.map(({ id, name }) => [id, name]))
  return members.map((member) => {
    const groups = groupsOf.get(member.id) ?? []
    const roleIds = new Set([...member.roleIds, ...groups.flatMap((group) => group.roleIds)])
    return {
      member,
      roleNames: [...roleIds].flatMap((id) => roles.get(id) ?? []),
      groupNames: groups.map(({ displayName }) => displayName),
    }
  })
}
