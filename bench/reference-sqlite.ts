import { DatabaseSync } from 'node:sqlite'
import { pageSize, type ReferenceStore, type StoredPerson } from './reference-store.ts'

/** A SQLite file with these people in it, and these members of one group. */
export function openReferenceSqlite(
  file: string,
  {
    people,
    group,
  }: { readonly people: Iterable<StoredPerson>; readonly group: { readonly id: string; readonly members: readonly string[] } },
): ReferenceStore {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec(`
    create table users (id text primary key, userName text not null, document text not null) without rowid;
    create unique index usersByName on users (lower(userName));
    create table members (groupId text not null, userId text not null, primary key (groupId, userId)) without rowid`)
  const insert = database.prepare('insert into users (id, userName, document) values (?, ?, ?)')
  const byId = database.prepare('select document from users where id = ?')
  const byName = database.prepare('select document from users where lower(userName) = lower(?)')
  const page = database.prepare(`select document from users where id >= ? order by id limit ${pageSize}`)
  const update = database.prepare('update users set document = ? where id = ?')
  const addMember = database.prepare('insert into members (groupId, userId) values (?, ?) on conflict do nothing')
  const removeMember = database.prepare('delete from members where groupId = ? and userId = ?')

  database.exec('begin')
  for (const { id, userName, document } of people) insert.run(id, userName, document)
  for (const userId of group.members) addMember.run(group.id, userId)
  database.exec('commit')

  const documentIn = (row: Readonly<Record<string, unknown>> | undefined) => row && String(row['document'])
  return {
    byId: (id) => documentIn(byId.get(id)),
    byUserName: (userName) => byName.all(userName).map((row) => documentIn(row)!),
    pageFrom: (id) => page.all(id).map((row) => documentIn(row)!),
    insert: ({ id, userName, document }) => void insert.run(id, userName, document),
    set: (id, changes, at) => {
      const found = documentIn(byId.get(id))
      if (found === undefined) return undefined
      const resource = JSON.parse(found) as { readonly meta: object }
      const document = JSON.stringify({ ...resource, ...changes, meta: { ...resource.meta, lastModified: at } })
      update.run(document, id)
      return document
    },
    addMember: (groupId, userId) => void addMember.run(groupId, userId),
    removeMember: (groupId, userId) => void removeMember.run(groupId, userId),
  }
}
