import { isDeepStrictEqual } from 'node:util'
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely'
import { fold } from '../directory/fold.ts'
import {
  displayNameOf,
  emailOf,
  readMembership,
  type Membership,
  type MembershipText,
  type Profile,
} from '../directory/membership.ts'
import type { JsonObject } from '../directory/json.ts'
import type { Page, Reader, Writer } from '../directory/store.ts'
import { countIn, countOut, countPeople, findPosition } from './blocks.ts'
import { countWhere, pageInOrder, pageWhere, type PageFrom } from './lists.ts'
import { keepEmails } from './member-emails.ts'
import { addRow, changeRow, msOf, msOrNull, putRow } from './rows.ts'
import { searchDocument } from './search-document.ts'
import type { MembershipRow, Schema } from './schema.ts'
import type { Executor } from './executor.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'
import { DirectoryError } from '../directory/errors.ts'

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
const columns = {
  key: ['organization_id', 'id'],
  rest: [
    'person_id',
    'user_name',
    'user_name_key',
    'email_key',
    'external_id',
    'status',
    'label',
    'role_ids',
    'profile',
    'attribute_names',
    'accepted_at',
    'created_at',
    'updated_at',
    'version',
    'search',
  ],
} as const
const add = addRow('memberships', columns)
const change = changeRow('memberships', columns)
const remove = statement((db, p: Owned & { readonly id: string }) =>
  db.deleteFrom('memberships').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const addRole = putRow('membership_roles', { key: ['organization_id', 'role_id', 'membership_id'], rest: [] })
const removeRoles = statement((db, p: Owned & { readonly membership_id: string }) =>
  db.deleteFrom('membership_roles').where('organization_id', '=', p.organization_id).where('membership_id', '=', p.membership_id),
)
const bury = putRow('tombstones', {
  key: ['organization_id', 'membership_id'],
  rest: ['person_id', 'user_name', 'removed_at', 'external_id'],
})
const buried = statement((db, p: Owned & { readonly id: string }) =>
  db
    .selectFrom('tombstones')
    .select('removed_at')
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', '=', p.id),
)
const putPerson = putRow('persons', { key: ['id'], rest: ['created_at'] })

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

export function writeMemberships(executor: Executor) {
  let last: Promise<void> = Promise.resolve()
  return {
    putPerson: async ({ id, createdAt }) => {
      await executor.run(putPerson, { id, created_at: msOf(createdAt) })
    },
    // One after the other, also of those that are put at once: whoever is counted is the last who came.
    putMembership: (membership, known) =>
      (last = last.then(() => (membership.version === 1 ? addNew(executor, membership) : putAgain(executor, membership, known)))),
    removeMembership: async (membership, at) => {
      const { organizationId, id, personId, userName, externalId } = membership
      await keepEmails(executor, { before: membership, after: undefined })
      if ((await executor.run(remove, { organization_id: organizationId, id })) > 0) await countOut(executor, organizationId, id)
      await executor.run(bury, {
        organization_id: organizationId,
        membership_id: id,
        person_id: personId,
        user_name: userName,
        removed_at: msOf(at),
        external_id: externalId ?? null,
      })
    },
  } satisfies Partial<Writer>
}

/** Statements that do not need each other's answers go to the database together. */
async function addNew(executor: Executor, membership: Membership): Promise<void> {
  const { organizationId, id } = membership
  const [grave] = await Promise.all([
    executor.first(buried, { organization_id: organizationId, id }),
    executor.run(add, toRow(membership)),
    countIn(executor, organizationId, id),
    keepEmails(executor, { before: undefined, after: membership }),
    addRoles(executor, membership),
  ])
  if (grave) throw new DirectoryError('conflict', 'This id belonged to a member who was removed. Use a new one.')
}

async function putAgain(executor: Executor, membership: Membership, known: Membership | undefined): Promise<void> {
  const { organizationId, id } = membership
  const there = known ? undefined : await executor.first(byId, { organization_id: organizationId, id })
  const before = there ? toMembership(there) : known
  const row = toRow(membership)
  await Promise.all([
    before ? executor.run(change, row) : executor.run(add, row),
    before ? undefined : countIn(executor, organizationId, id),
    keepEmails(executor, { before, after: membership }),
    isDeepStrictEqual(before?.roleIds, membership.roleIds) ? undefined : replaceRoles(executor, membership),
  ])
}

async function replaceRoles(executor: Executor, membership: Membership): Promise<void> {
  const { organizationId, id } = membership
  await Promise.all([
    executor.run(removeRoles, { organization_id: organizationId, membership_id: id }),
    addRoles(executor, membership),
  ])
}

async function addRoles(executor: Executor, { organizationId, id, roleIds }: Membership): Promise<void> {
  await Promise.all(
    roleIds.map((role_id) => executor.run(addRole, { organization_id: organizationId, role_id, membership_id: id })),
  )
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

function toRow(membership: Membership): MembershipRow {
  const { displayName, name, emails, attributes, externalId, roleIds } = membership
  const email = emailOf(membership)
  const profile: Profile = { displayName, name, emails, attributes }
  return {
    organization_id: membership.organizationId,
    id: membership.id,
    person_id: membership.personId,
    user_name: membership.userName,
    user_name_key: fold(membership.userName),
    email_key: email === undefined ? null : fold(email),
    external_id: externalId ?? null,
    status: membership.status,
    label: displayNameOf(membership),
    role_ids: JSON.stringify(roleIds),
    profile: JSON.stringify(profile),
    attribute_names: namesIn(attributes),
    accepted_at: msOrNull(membership.acceptedAt),
    created_at: msOf(membership.createdAt),
    updated_at: msOf(membership.updatedAt),
    version: membership.version,
    search: searchDocument({ ...profile, externalId, roleIds }),
  }
}

/** What migration 21 makes of profiles that were kept before it. */
function namesIn(attributes: JsonObject): string | null {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return present.some(([, value]) => value === null) ? null : JSON.stringify(present.map(([name]) => name))
}
