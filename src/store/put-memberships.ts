import { isDeepStrictEqual } from 'node:util'
import { DirectoryError } from '../directory/errors.ts'
import { fold } from '../directory/fold.ts'
import type { JsonObject } from '../directory/json.ts'
import { displayNameOf, emailOf, type Membership, type Profile } from '../directory/membership.ts'
import type { Writer } from '../directory/store.ts'
import { countIn, countOut } from './blocks.ts'
import type { Executor } from './executor.ts'
import { keepEmails } from './member-emails.ts'
import { readMemberships } from './memberships.ts'
import { addRow, changeRow, msOf, msOrNull, putRow } from './rows.ts'
import type { MembershipRow } from './schema.ts'
import { searchDocument } from './search-document.ts'
import { statement } from './statement.ts'

interface Owned {
  readonly organization_id: string
}

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
  const before = known ?? (await readMemberships(executor).membership(organizationId, id))
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
