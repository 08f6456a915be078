import { sql, type Compilable, type CreateTableBuilder } from 'kysely'
import type { Schema } from '../schema.ts'
import type { SqlDialect } from '../sql-dialect.ts'

type Columns = Readonly<Record<string, 'text' | 'text?' | 'integer' | 'integer?' | 'document'>>

/** The schema that the product starts with. A migration that was released is never edited. */
export function start({ kysely, types, tableEnd }: SqlDialect): readonly Compilable[] {
  const table = (name: keyof Schema, columns: Columns, key: string[]): CreateTableBuilder<string, string> => {
    let builder: CreateTableBuilder<string, string> = kysely.schema.createTable(name)
    for (const [column, type] of Object.entries(columns)) {
      const kind = type === 'document' ? 'document' : type.startsWith('text') ? 'text' : 'integer'
      builder = builder.addColumn(column, sql`${types[kind]}`, (definition) =>
        type.endsWith('?') ? definition : definition.notNull(),
      )
    }
    return builder.addPrimaryKeyConstraint(`${name}_pk`, key).modifyEnd(tableEnd)
  }
  /** Rows of one organization by a column. Ends with what such a list is ordered by, so that no page of it is sorted or searched for. */
  const index = (name: keyof Schema, column: string, order = 'id') =>
    kysely.schema
      .createIndex(`${name}_by_${column}`)
      .on(name)
      .columns([...new Set(['organization_id', column, order])])
  /** Named for its last column: failure.ts tells by it which value is taken. */
  const unique = (name: keyof Schema, columns: string[]) =>
    kysely.schema
      .createIndex(`${name}_${columns.at(-1)}`)
      .on(name)
      .columns(columns)
      .unique()
  const installationWide = (name: keyof Schema, column: string) =>
    kysely.schema.createIndex(`${name}_by_${column}`).on(name).column(column)

  const owned = { organization_id: 'text', id: 'text' } as const
  const ofConnection = { organization_id: 'text', id: 'text', connection_id: 'text' } as const
  const byId = ['organization_id', 'id']
  const times = { created_at: 'integer', updated_at: 'integer' } as const

  return [
    table('organizations', { id: 'text', name: 'text', plan: 'text', sso: 'text', email_domains: 'text', ...times }, ['id']),
    table('workspaces', { ...owned, name: 'text', created_at: 'integer' }, byId),
    table('roles', { ...owned, workspace_id: 'text?', name: 'text', owner: 'integer', created_at: 'integer' }, byId),
    table('persons', { id: 'text', created_at: 'integer' }, ['id']),

    table(
      'memberships',
      {
        ...owned,
        person_id: 'text',
        user_name: 'text',
        user_name_key: 'text',
        email_key: 'text?',
        external_id: 'text?',
        status: 'text',
        label: 'text',
        role_ids: 'text',
        profile: 'text',
        accepted_at: 'integer?',
        ...times,
        version: 'integer',
        search: 'document',
      },
      byId,
    ),
    unique('memberships', ['organization_id', 'user_name_key']),
    unique('memberships', ['organization_id', 'email_key']),
    index('memberships', 'external_id'),
    table('membership_roles', { organization_id: 'text', role_id: 'text', membership_id: 'text' }, [
      'organization_id',
      'role_id',
      'membership_id',
    ]).addForeignKeyConstraint(
      'membership_roles_membership',
      ['organization_id', 'membership_id'],
      'memberships',
      ['organization_id', 'id'],
      (key) => key.onDelete('cascade'),
    ),
    index('membership_roles', 'membership_id', 'role_id'),
    table(
      'tombstones',
      { organization_id: 'text', membership_id: 'text', person_id: 'text', user_name: 'text', removed_at: 'integer' },
      ['organization_id', 'membership_id'],
    ),

    table(
      'groups',
      {
        ...owned,
        display_name: 'text',
        display_name_key: 'text',
        external_id: 'text?',
        role_ids: 'text',
        attributes: 'text',
        ...times,
        version: 'integer',
        search: 'document',
      },
      byId,
    ),
    unique('groups', ['organization_id', 'display_name_key']),
    index('groups', 'external_id'),
    table('group_members', { organization_id: 'text', group_id: 'text', membership_id: 'text' }, [
      'organization_id',
      'group_id',
      'membership_id',
    ])
      .addForeignKeyConstraint(
        'group_members_group',
        ['organization_id', 'group_id'],
        'groups',
        ['organization_id', 'id'],
        (key) => key.onDelete('cascade'),
      )
      .addForeignKeyConstraint(
        'group_members_membership',
        ['organization_id', 'membership_id'],
        'memberships',
        ['organization_id', 'id'],
        (key) => key.onDelete('cascade'),
      ),
    index('group_members', 'membership_id', 'group_id'),

    table(
      'invitations',
      {
        ...owned,
        membership_id: 'text',
        token_hash: 'text',
        created_at: 'integer',
        expires_at: 'integer',
        accepted_at: 'integer?',
        cancelled_at: 'integer?',
      },
      byId,
    ),
    unique('invitations', ['token_hash']),
    index('invitations', 'membership_id'),
    table('sessions', { ...owned, membership_id: 'text', started_at: 'integer', ended_at: 'integer?' }, byId),
    index('sessions', 'membership_id'),
    table(
      'credentials',
      {
        ...owned,
        kind: 'text',
        name: 'text',
        identifier: 'text',
        secret_hash: 'text',
        scopes: 'text',
        created_at: 'integer',
        expires_at: 'integer?',
        last_used_at: 'integer?',
        revoked_at: 'integer?',
      },
      byId,
    ),
    unique('credentials', ['identifier']),

    table(
      'facts',
      {
        organization_id: 'text',
        sequence: 'integer',
        at: 'integer',
        actor: 'text',
        via: 'text',
        request_id: 'text',
        action: 'text',
        subject: 'text',
        detail: 'text',
        previous_hash: 'text',
        hash: 'text',
      },
      ['organization_id', 'sequence'],
    ),
    table('chain_heads', { organization_id: 'text', sequence: 'integer', hash: 'text' }, ['organization_id']),
    table(
      'saved_results',
      { organization_id: 'text', actor: 'text', key_hash: 'text', fingerprint: 'text', sealed: 'text', at: 'integer' },
      ['organization_id', 'actor', 'key_hash'],
    ),
    index('saved_results', 'at', 'at'),

    table('connections', { ...owned, name: 'text', content: 'text' }, byId),
    unique('connections', ['organization_id', 'name']),
    table('assignments', { organization_id: 'text', connection_id: 'text', kind: 'text', subject: 'text' }, [
      'organization_id',
      'connection_id',
      'kind',
      'subject',
    ]),
    table('snapshots', { ...ofConnection, content: 'text' }, byId),
    index('snapshots', 'connection_id'),
    table('accounts', { organization_id: 'text', connection_id: 'text', id: 'text', content: 'text' }, [
      'organization_id',
      'connection_id',
      'id',
    ]),
    table(
      'links',
      { organization_id: 'text', connection_id: 'text', membership_id: 'text', account_id: 'text', content: 'text' },
      ['organization_id', 'connection_id', 'membership_id'],
    ),
    table('plans', { ...ofConnection, state: 'text', content: 'text' }, byId),
    index('plans', 'connection_id'),
    table('steps', { ...ofConnection, plan_id: 'text', position: 'integer', content: 'text' }, byId),
    index('steps', 'plan_id', 'position'),
    table('approvals', { ...owned, plan_id: 'text', content: 'text' }, byId),
    index('approvals', 'plan_id'),
    table('findings', { ...ofConnection, open: 'integer', content: 'text' }, byId),
    index('findings', 'connection_id'),
    table('receipts', { ...ofConnection, subject: 'text', content: 'text' }, byId),
    index('receipts', 'subject'),

    table('cursors', { organization_id: 'text', sequence: 'integer' }, ['organization_id']),
    table('plan_cursors', { organization_id: 'text', connection_id: 'text', sequence: 'integer' }, [
      'organization_id',
      'connection_id',
    ]),
    table(
      'work',
      {
        organization_id: 'text',
        kind: 'text',
        subject: 'text',
        due_at: 'integer?',
        lease_until: 'integer?',
        holder: 'text?',
        fence: 'integer',
      },
      ['organization_id', 'kind', 'subject'],
    ),
    installationWide('work', 'due_at'),
    installationWide('work', 'lease_until'),
  ]
}
