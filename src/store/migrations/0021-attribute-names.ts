import { sql, type Compilable, type RawBuilder } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** The names of the attributes in each profile, beside it. A migration that was released is never edited. */
export const attributeNames = (dialect: SqlDialect): readonly Compilable[] => {
  const { kysely, types } = dialect
  return [
    kysely.schema.alterTable('memberships').addColumn('attribute_names', sql`${types.text}`),
    { compile: () => sql`update memberships set attribute_names = ${namesInProfile(dialect)}`.compile(kysely) },
  ]
}

/** Null where an attribute is: what is read without its profile is shown as it stands. */
const namesInProfile = ({ name }: SqlDialect): RawBuilder<string | null> =>
  name === 'sqlite'
    ? sql`(select case when max(type = 'null') then null else json_group_array(key) end from json_each(profile, '$.attributes'))`
    : sql`(select case when bool_or(json_typeof(value) = 'null') then null else coalesce(json_agg(key), '[]')::text end
        from json_each(profile::json -> 'attributes'))`
