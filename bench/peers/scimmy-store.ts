import { DatabaseSync } from 'node:sqlite'

/** A resource as scimmy hands it over and takes it back. */
export interface Kept {
  readonly id: string
  readonly [attribute: string]: unknown
}

/** Where a scimmy server keeps resources of one type. `name` is what they are found by: a userName, a displayName. */
export interface ScimmyStore {
  get(id: string): Kept | undefined
  /** Undefined where nothing but a look at all of them tells. */
  readonly byName: ((name: string) => Kept | undefined) | undefined
  /** One page and how many there are; undefined where scimmy cuts it from all of them. */
  readonly page: ((limit: number, offset: number) => { readonly page: Kept[]; readonly total: number }) | undefined
  all(): Kept[]
  /** Puts a resource in the place of the one with its id; false for a name that another one has. */
  put(resource: Kept, name: string): boolean
  remove(id: string): boolean
}

/** As scimmy's README has it: a map, and a filter is matched with every resource. */
export function openMemory(): ScimmyStore {
  const resources = new Map<string, Kept>()
  const owners = new Map<string, string>()
  const names = new Map<string, string>()
  return {
    get: (id) => resources.get(id),
    byName: undefined,
    page: undefined,
    all: () => [...resources.values()],
    put: (resource, name) => {
      const { id } = resource
      if ((owners.get(name) ?? id) !== id) return false
      const before = names.get(id)
      if (before !== undefined && before !== name) owners.delete(before)
      owners.set(name, id)
      names.set(id, name)
      resources.set(id, resource)
      return true
    },
    remove: (id) => {
      owners.delete(names.get(id) ?? '')
      names.delete(id)
      return resources.delete(id)
    },
  }
}

/** As somebody careful writes it: names are an index, and the database makes the pages. */
export function openTable(database: DatabaseSync, table: 'users' | 'groups'): ScimmyStore {
  database.exec(
    `create table ${table} (position integer primary key, id text not null unique, name text not null unique, document text not null)`,
  )
  const byId = database.prepare(`select document from ${table} where id = ?`)
  const byName = database.prepare(`select document from ${table} where name = ?`)
  const page = database.prepare(`select document from ${table} order by position limit ? offset ?`)
  const all = database.prepare(`select document from ${table} order by position`)
  const count = database.prepare(`select count(*) as total from ${table}`)
  const put = database.prepare(
    `insert into ${table} (id, name, document) values (?, ?, ?)
      on conflict (id) do update set name = excluded.name, document = excluded.document`,
  )
  const remove = database.prepare(`delete from ${table} where id = ?`)
  const read = (row: Readonly<Record<string, unknown>> | undefined) => row && (JSON.parse(String(row['document'])) as Kept)
  return {
    get: (id) => read(byId.get(id)),
    byName: (name) => read(byName.get(name)),
    page: (limit, offset) => ({ page: page.all(limit, offset).map((row) => read(row)!), total: Number(count.get()?.['total']) }),
    all: () => all.all().map((row) => read(row)!),
    put: (resource, name) => {
      try {
        put.run(resource.id, name, JSON.stringify(resource))
        return true
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('UNIQUE')) return false
        throw error
      }
    },
    remove: (id) => Number(remove.run(id).changes) > 0,
  }
}

/** Durable: whoever is answered has what was written on the disk. */
export function openDurable(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  return database
}
