import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'

/** A database as SQL alone sees it. */
export interface Tables {
  readonly dialect: 'sqlite' | 'postgres'
  run(text: string): Promise<void>
  /** Reads every row of a query, a part at a time; answers how many there were. */
  readAll(text: string): Promise<number>
  close(): Promise<void>
}

/** How many rows are fetched at once. */
const fetchSize = 1_000

/** `location`: a SQLite file or a postgres:// URL. */
export async function openTables(location: string): Promise<Tables> {
  if (!location.startsWith('postgres')) {
    const db = new DatabaseSync(location)
    db.exec('pragma cache_size = -4096; pragma temp_store = file')
    return {
      dialect: 'sqlite',
      run: async (text) => db.exec(text),
      readAll: async (text) => {
        let count = 0
        for (const _ of db.prepare(text).iterate()) count++
        return count
      },
      close: async () => db.close(),
    }
  }
  const client = new Client({ connectionString: location })
  await client.connect()
  return {
    dialect: 'postgres',
    run: async (text) => void (await client.query(text)),
    readAll: async (text) => {
      let count = 0
      await client.query('begin; set local cursor_tuple_fraction = 1')
      await client.query(`declare everything no scroll cursor for ${text}`)
      for (;;) {
        const { rows } = await client.query(`fetch ${fetchSize} from everything`)
        count += rows.length
        if (rows.length < fetchSize) break
      }
      await client.query('commit')
      return count
    },
    close: () => client.end(),
  }
}

/** Of a thousand people, by the number of each modulo 1000: what is out of line. */
export const outOfLine = { created: 3, updated: 3, removed: 2, matched: 1, orphans: 1 } as const

/** Fills the directory with people who hold the role. Of a thousand two are suspended (6, 7). */
export async function fillPeople(
  tables: Tables,
  { organizationId, roleId, people }: { readonly organizationId: string; readonly roleId: string; readonly people: number },
): Promise<void> {
  const { series, padded, document } = spelled[tables.dialect]
  const at = Date.UTC(2026, 0, 1)
  const person = `'01930000-0000-7000-9000-' || ${padded(12)}`
  await tables.run(`insert into persons (id, created_at) select ${person}, ${at} from ${series(people)}`)
  await tables.run(`insert into memberships (organization_id, id, person_id, user_name, user_name_key, email_key, external_id, status, label,
      role_ids, profile, accepted_at, created_at, updated_at, version, search)
    select '${organizationId}', ${memberId(padded)}, ${person}, ${userName(padded)}, ${userName(padded)}, ${userName(padded)}, 'directory-' || ${padded(7)},
      case when n % 1000 in (6, 7) then 'suspended' else 'active' end, 'Given' || n || ' Family' || n, '["${roleId}"]',
      '{"displayName":"Given' || n || ' Family' || n || '","name":{"formatted":"Given' || n || ' Family' || n || '","familyName":"Family' || n
        || '","givenName":"Given' || n || '"},"emails":[{"value":"' || ${userName(padded)} || '","type":"work","primary":true}],"attributes":{"title":"Engineer","userType":"Employee","preferredLanguage":"en-US","locale":"en-US","timezone":"Europe/Oslo","phoneNumbers":[{"value":"+47-555-0100","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"' || (700000 + n) || '","costCenter":"4130","organization":"Example","division":"Operations","department":"Dept ' || (n % 50) || '"}}}',
      ${at}, ${at}, ${at}, 1, ${document} from ${series(people)}`)
}

/**
 * Fills one connection: an account for each person, linked, and as it should be; but of a thousand people two have none (0, 1), one has an account that
 * is not linked (2), two are called otherwise at the vendor since the directory changed (3, 4), one has another address there (5), one account is gone (9), and
 * one account more is nobody's (beside 8).
 */
export async function fillConnection(
  tables: Tables,
  {
    organizationId,
    connectionId,
    people,
  }: { readonly organizationId: string; readonly connectionId: string; readonly people: number },
): Promise<void> {
  const { series, padded } = spelled[tables.dialect]
  const owned = `'${organizationId}', '${connectionId}'`
  const id = accountId('n', padded)
  const email = `case n % 1000 when 5 then 'other-' else '' end || ${userName(padded)}`
  const family = `'Family' || n || case when n % 1000 in (3, 4) then '-Before' else '' end`
  const account = (of: { readonly id: string; readonly userName: string; readonly email: string }) =>
    `'{"id":"' || ${of.id} || '","userName":"' || ${of.userName} || '","email":"' || ${of.email} || '","givenName":"Given' || n || '","familyName":"' || ${family}
      || '","status":"active","roles":[{"id":"role-member","name":"Member"}],"raw":{"sid":"' || ${of.id} || '","friendly_name":"Given' || n || ' Family' || n || '","email":"' || ${of.email} || '","date_created":"2026-01-01T00:00:00Z","roles":["role-member"]}}'`
  // As after a read: in the order of the vendor's ids, which is not the directory's.
  await tables.run(`insert into accounts (organization_id, connection_id, id, content)
    select ${owned}, id, content from (
      select ${id} as id, ${account({ id, userName: userName(padded), email })} as content from ${series(people)} where n % 1000 not in (0, 1, 9)
      union all
      select ${accountId(`(n + ${people})`, padded)}, ${account({ id: accountId(`(n + ${people})`, padded), userName: `'nobody-' || n`, email: `'nobody-' || n || '@example.org'` })}
        from ${series(people)} where n % 1000 = 8) as made order by id`)
  await tables.run(`insert into links (organization_id, connection_id, membership_id, account_id, content)
    select ${owned}, ${memberId(padded)}, ${id}, '{"organizationId":"${organizationId}","connectionId":"${connectionId}","membershipId":"' || ${memberId(padded)}
      || '","accountId":"' || ${id} || '","rule":"created","madeAt":{"$date":1767225600000},"written":{"userName":"' || ${userName(padded)} || '","email":"' || ${userName(padded)}
      || '","givenName":"Given' || n || '","familyName":"' || ${family} || '","roleIds":["role-member"]}}'
    from ${series(people)} where n % 1000 not in (0, 1, 2)`)
}

/**
 * What a plan is made from, as one plain query: the full join of everybody who is active, the links and the accounts, whatever has no counterpart included.
 * Written as the three parts of a full join, since SQLite looks through the whole right side for each row of the left one where it is told `full join`.
 */
export const fullJoin = ({
  organizationId,
  connectionId,
}: {
  readonly organizationId: string
  readonly connectionId: string
}): string => {
  const owned = (table: string) => `${table}.organization_id = '${organizationId}' and ${table}.connection_id = '${connectionId}'`
  const active = `m.organization_id = '${organizationId}' and m.status = 'active'`
  const person = [
    'id',
    'person_id',
    'user_name',
    'external_id',
    'status',
    'role_ids',
    'profile',
    'accepted_at',
    'created_at',
    'updated_at',
    'version',
  ]
  const nobody = person.map(() => 'null').join(', ')
  return `select ${person.map((column) => `m.${column}`).join(', ')}, l.content as link, a.content as account
    from memberships as m
    left join links as l on ${owned('l')} and l.membership_id = m.id
    left join accounts as a on ${owned('a')} and a.id = l.account_id
    where ${active}
    union all
    select ${nobody}, l.content, a.content
    from links as l left join accounts as a on ${owned('a')} and a.id = l.account_id
    where ${owned('l')} and not exists (select 1 from memberships as m where ${active} and m.id = l.membership_id)
    union all
    select ${nobody}, null, a.content
    from accounts as a
    where ${owned('a')} and not exists (select 1 from links as l where ${owned('l')} and l.account_id = a.id)`
}

type Padded = (width: number, number?: string) => string

const spelled = {
  sqlite: {
    series: (count: number) =>
      `(with recursive s(n) as (select 1 union all select n + 1 from s where n < ${count}) select n from s) as s`,
    padded: ((width, number = 'n') => `printf('%0${width}d', ${number})`) as Padded,
    document: `'{}'`,
  },
  postgres: {
    series: (count: number) => `generate_series(1::bigint, ${count}) as s(n)`,
    padded: ((width, number = 'n') => `lpad(cast(${number} as text), ${width}, '0')`) as Padded,
    document: `'{}'::jsonb`,
  },
}

const memberId = (padded: Padded) => `'01930000-0000-7000-8000-' || ${padded(12)}`
const userName = (padded: Padded) => `'person' || ${padded(7)} || '@example.com'`
/** Each number once, in another order. */
const accountId = (number: string, padded: Padded) => `'US' || ${padded(10, `((${number} * 2654435761) % 4294967296)`)}`
