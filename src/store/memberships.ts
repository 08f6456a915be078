import { sql, type Kysely, type SelectQueryBuilder } from 'kysely'
import { fold } from '../directory/fold.ts'
import { readMembership, type Membership, type MembershipText } from '../directory/membership.ts'
import type { Page, Reader } from '../directory/store.ts'
import { countPeople, findPosition } from './blocks.ts'
import { countWhere, pageInOrder, pageWhere, type PageFrom } from './lists.ts'
import type { MembershipRow, Schema } from './schema.ts'
import type { Executor } from './executor.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'

/** What a membership is read from: never the search document. */
export const membershipColumns = [
  'memberships.organization_id',
  'memberships.id',
  'memberships.person_id',
  'memberships.user_name',
  'memberships.external_id',
  'memberships.status',
  'memberships.role_ids',
  'memberships.profile',
  'memberships.attribute_names',
  'memberships.accepted_at',
  'memberships.created_at',
  'memberships.updated_at',
  'memberships.version',
] as const
export type StoredMembership = Omit<MembershipRow, 'user_name_key' | 'email_key' | 'label' | 'search'>

interface Owned {
  readonly organization_id: string
}

export const storedMemberships = (db: Kysely<Schema>) => db.selectFrom('memberships').select(membershipColumns)
const byId = statement((db, p: Owned & { readonly id: string }) =>
  storedMemberships(db).where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byUserName = statement((db, p: Owned & { readonly key: string }) =>
  storedMemberships(db).where('organization_id', '=', p.organization_id).where('user_name_key', '=', p.key),
)
const byEmail = statement((db, p: Owned & { readonly key: string }) =>
  storedMemberships(db).where('organization_id', '=', p.organization_id).where('email_key', '=', p.key),
)
const byNames = statement((db, p: Owned & { readonly user_name_key: string; readonly email_key: string | null }) =>
  db
    .selectFrom('memberships')
    .select(['id', 'user_name_key', 'email_key'])
    .where('organization_id', '=', p.organization_id)
    .where((either) => either.or([either('user_name_key', '=', p.user_name_key), either('email_key', '=', p.email_key)])),
)
const byPerson = statement((db, p: Owned & { readonly person_id: string }) =>
  storedMemberships(db).where('organization_id', '=', p.organization_id).where('person_id', '=', p.person_id),
)
const ofPerson = statement((db, p: { readonly person_id: string }) =>
  storedMemberships(db).where('person_id', '=', p.person_id).orderBy('id', 'desc'),
)
const former = statement((db, p: Owned & { readonly person_id: string }) =>
  db
    .selectFrom('tombstones')
    .select('user_name')
    .where('organization_id', '=', p.organization_id)
    .where('person_id', '=', p.person_id)
    .orderBy('membership_id', 'desc')
    .limit(1),
)
const activeHolders = statement((db, p: Owned & { readonly role_ids: string; readonly except: string }, dialect) =>
  db
    .selectFrom('membership_roles as r')
    .innerJoin('memberships as m', (join) =>
      join.onRef('m.organization_id', '=', 'r.organization_id').onRef('m.id', '=', 'r.membership_id'),
    )
    .select(sql<number>`count(distinct m.id)`.as('count'))
    .where('r.organization_id', '=', p.organization_id)
    .where('r.role_id', 'in', dialect.texts(p.role_ids))
    .where('m.status', '=', 'active')
    .where('m.id', '<>', p.except),
)
export function readMemberships(executor: Executor, walks?: Walks) {
  const toOne = (row: StoredMembership | undefined) => row && toMembership(row)
  return {
    membership: async (organizationId, id) => toOne(await executor.first(byId, { organization_id: organizationId, id })),
    membershipByUserName: async (organizationId, userName) =>
      toOne(await executor.first(byUserName, { organization_id: organizationId, key: fold(userName) })),
    membershipByEmail: async (organizationId, email) =>
      toOne(await executor.first(byEmail, { organization_id: organizationId, key: fold(email) })),
    holdersOfNames: async (organizationId, { userName, email }) => {
      const keys = { user_name_key: fold(userName), email_key: email === undefined ? null : fold(email) }
      const rows = await executor.all(byNames, { organization_id: organizationId, ...keys })
      return {
        userName: rows.find((row) => row.user_name_key === keys.user_name_key)?.id,
        email: rows.find((row) => row.email_key !== null && row.email_key === keys.email_key)?.id,
      }
    },
    membershipByPerson: async (organizationId, personId) =>
      toOne(await executor.first(byPerson, { organization_id: organizationId, person_id: personId })),
    membershipsOfPerson: async (personId) => (await executor.all(ofPerson, { person_id: personId })).map(toMembership),
    formerUserName: async (organizationId, personId) =>
      (await executor.first(former, { organization_id: organizationId, person_id: personId }))?.user_name,
    memberships: async (organizationId, page) =>
      (await listMemberships(executor, { organizationId, page, walks }, storedMemberships)).map(toMembership),
    membershipsInOrder: async (organizationId, page) =>
      pageInOrder(executor, { organizationId, page, target: 'memberships' }, { select: storedMemberships, toItem: toMembership }),
    countMemberships: async (organizationId, where) =>
      where
        ? countWhere(executor, { organizationId, where, target: 'memberships', walks })
        : countPeople(executor, organizationId),
    countActiveHolders: async (organizationId, roleIds, exceptMembershipId) =>
      (
        await executor.first(activeHolders, {
          organization_id: organizationId,
          role_ids: JSON.stringify(roleIds),
          except: exceptMembershipId,
        })
      )?.count ?? 0,
  } satisfies Partial<Reader>
}

/** One page of an organization's people. `columns` names what `select` does where that is not `storedMemberships` (lists.ts). */
export async function listMemberships<Row extends StoredMembership>(
  executor: Executor,
  {
    page: asked,
    walks,
    ...listed
  }: { readonly organizationId: string; readonly page: Page; readonly walks: Walks | undefined; readonly columns?: string },
  select: (db: Kysely<Schema>, dialect: SqlDialect) => SelectQueryBuilder<Schema, 'memberships', Row>,
): Promise<readonly Row[]> {
  const page = await placed(executor, listed.organizationId, asked)
  if (page === 'behindTheEnd') return []
  return pageWhere(executor, { ...listed, page, target: 'memberships', walks: page.where && walks }, select)
}

/** Of the whole list a position is found without walking there. */
async function placed(executor: Executor, organizationId: string, page: Page): Promise<PageFrom | 'behindTheEnd'> {
  const { where, after, newestFirst, offset } = page
  if (!offset || where || after !== undefined || newestFirst) return page
  const position = await findPosition(executor, organizationId, offset)
  return position ? { ...page, ...position } : 'behindTheEnd'
}

export const toMembership = (row: StoredMembership): Membership => readMembership(toText(row))

export const toText = (row: StoredMembership): MembershipText => ({
  id: row.id,
  organizationId: row.organization_id,
  personId: row.person_id,
  userName: row.user_name,
  externalId: row.external_id ?? undefined,
  profile: row.profile,
  attributeNames: row.attribute_names ?? undefined,
  roleIds: row.role_ids,
  status: row.status,
  acceptedAtMs: row.accepted_at ?? undefined,
  createdAtMs: row.created_at,
  updatedAtMs: row.updated_at,
  version: row.version,
})
