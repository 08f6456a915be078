import { Pool } from 'pg'
import { pageSize, type ReferenceStore, type StoredPerson } from './reference-store.ts'

const batchSize = 5_000
/** As many as the product's pool has. */
const poolSize = 10

/** A PostgreSQL database with these people in it, and these members of one group. Documents are kept as text: they are sent as they stand. */
export async function openReferencePostgres(
  url: string,
  {
    people,
    group,
  }: { readonly people: Iterable<StoredPerson>; readonly group: { readonly id: string; readonly members: readonly string[] } },
): Promise<ReferenceStore> {
  const pool = new Pool({ connectionString: url, max: poolSize })
  const run = async (name: string, text: string, values: readonly unknown[]) =>
    (await pool.query<{ readonly document: string }>({ name, text, values: [...values] })).rows.map(({ document }) => document)

  await pool.query(`
    create table users (id uuid primary key, user_name text not null, document text not null);
    create unique index users_by_name on users (lower(user_name));
    create table members (group_id uuid not null, user_id uuid not null, primary key (group_id, user_id))`)
  for (const batch of batches(people))
    await pool.query('insert into users (id, user_name, document) select * from unnest($1::uuid[], $2::text[], $3::text[])', [
      batch.map(({ id }) => id),
      batch.map(({ userName }) => userName),
      batch.map(({ document }) => document),
    ])
  await pool.query('insert into members (group_id, user_id) select $1, unnest($2::uuid[])', [group.id, group.members])
  await pool.query('vacuum analyze')

  return {
    byId: async (id) => (await run('byId', 'select document from users where id = $1', [id]))[0],
    byUserName: (userName) => run('byUserName', 'select document from users where lower(user_name) = lower($1)', [userName]),
    pageFrom: (id) => run('pageFrom', `select document from users where id >= $1 order by id limit ${pageSize}`, [id]),
    insert: ({ id, userName, document }) =>
      run('insert', 'insert into users (id, user_name, document) values ($1, $2, $3)', [id, userName, document]),
    set: async (id, changes, at) =>
      (
        await run(
          'set',
          `update users set document = jsonb_set(document::jsonb || $2::jsonb, '{meta,lastModified}', to_jsonb($3::text))::text
            where id = $1 returning document`,
          [id, JSON.stringify(changes), at],
        )
      )[0],
    addMember: (groupId, userId) =>
      run('addMember', 'insert into members (group_id, user_id) values ($1, $2) on conflict do nothing', [groupId, userId]),
    removeMember: (groupId, userId) =>
      run('removeMember', 'delete from members where group_id = $1 and user_id = $2', [groupId, userId]),
  }
}

function* batches(people: Iterable<StoredPerson>): Generator<readonly StoredPerson[]> {
  let batch: StoredPerson[] = []
  for (const person of people) {
    batch.push(person)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
