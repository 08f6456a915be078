import { sql, type SqlBool } from 'kysely'

/** Whether the exclusion `e` is of somebody who was removed and is again the member of a row of `memberships` that has one of their names. */
export const isFormer = sql<SqlBool>`(e.external_id is null or memberships.external_id is null or e.external_id = memberships.external_id)
  and not exists (select 1 from memberships as own where own.organization_id = e.organization_id and own.id = e.membership_id)`

/** Whether a review denied the member of a row of `memberships` the connection; each part is one look into an index. */
export const isExcluded = (organizationId: string, connectionId: string) => sql<SqlBool>`(
  exists (select 1 from exclusions as e
    where e.organization_id = ${organizationId} and e.connection_id = ${connectionId} and e.membership_id = memberships.id)
  or exists (select 1 from exclusions as e
    where e.organization_id = ${organizationId} and e.connection_id = ${connectionId} and e.user_name_key = memberships.user_name_key and ${isFormer})
  or exists (select 1 from exclusions as e
    where e.organization_id = ${organizationId} and e.connection_id = ${connectionId} and e.external_id = memberships.external_id and ${isFormer}))`
