import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { membersOf, referenceGroupId, referenceId, scimUser } from '../people.ts'

/** A group may have 1,000 members, and the benchmark's guests have to find a place. */
const mostMembers = 800
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/**
 * Writes people and one group into the tables of better-auth's SCIM plugin 1.7.5, as its own creates leave them: through its API, at some 54 a second, a
 * hundred thousand would take half an hour. The driver reads some of them by API before it measures.
 */
export function fillBetterAuth(
  database: DatabaseSync,
  { connectionId, people }: { readonly connectionId: string; readonly people: number },
): void {
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const insert = (table: string, row: Readonly<Record<string, string | number | null>>) => {
    const names = Object.keys(row)
    const text = `insert into "${table}" (${names.map((name) => `"${name}"`).join(', ')}) values (${names.map(() => '?').join(', ')})`
    const statement = statements.get(table) ?? database.prepare(text)
    statements.set(table, statement)
    statement.run(...Object.values(row))
  }
  const now = new Date()
  const times = { createdAt: now.toISOString(), updatedAt: now.toISOString() }
  /** In order of creation: lists are sorted by it. */
  const orderKey = (number: number) => `${String(now.getTime()).padStart(15, '0')}:${String(number).padStart(16, '0')}`

  database.exec('begin')
  for (let number = 1; number <= people; number++) {
    const id = referenceId(number)
    const userId = `user-${number}`
    const { externalId, userName, displayName, active, [enterprise]: company, ...attributes } = scimUser(number)
    const emails = attributes.emails.map((email) => ({ ...email, primary: email.primary ?? false }))
    const index = (of: typeof emails) =>
      `|${of
        .map(({ value }) => digest(['scim-email-value', value]))
        .toSorted()
        .join('|')}|`
    insert('user', { id: userId, name: displayName, email: userName, emailVerified: 0, ...times })
    insert('scimSubject', { id: `subject-${number}`, userId, profileSourceId: id, revision: 1, ...times })
    insert('scimUser', {
      id,
      connectionId,
      provisioningDomainId: connectionId,
      userId,
      connectionUserKey: digest(['scim-user', connectionId, userId]),
      userName,
      userNameKey: digest(['scim-user-name', connectionId, userName.toLowerCase()]),
      primaryEmail: userName,
      workEmailValueIndex: index(emails.filter(({ type }) => type === 'work')),
      emailValueIndex: index(emails),
      displayName,
      formattedName: attributes.name.formatted,
      givenName: attributes.name.givenName,
      familyName: attributes.name.familyName,
      serializedEmails: JSON.stringify(emails),
      serializedAttributes: JSON.stringify({ ...attributes, emails, enterprise: company }),
      externalId,
      externalIdKey: digest(['scim-user-external-id', connectionId, externalId]),
      active: active ? 1 : 0,
      orderKey: orderKey(number),
      ...times,
    })
  }
  insert('scimGroup', {
    id: referenceGroupId,
    connectionId,
    provisioningDomainId: connectionId,
    revision: 1,
    displayName: 'Many',
    displayNameKey: digest(['scim-group-display-name', connectionId, 'many']),
    orderKey: orderKey(0),
    ...times,
  })
  for (const number of membersOf(people, mostMembers)) {
    const scimUserId = referenceId(number)
    insert('scimGroupMember', {
      id: `member-${number}`,
      connectionId,
      groupId: referenceGroupId,
      scimUserId,
      membershipKey: digest(['scim-group-member', connectionId, referenceGroupId, scimUserId]),
      createdAt: times.createdAt,
    })
  }
  database.exec('commit')
  database.exec('analyze')
}

/** Its keys are digests of tuples. */
const digest = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
