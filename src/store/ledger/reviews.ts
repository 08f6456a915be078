import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { ItemFilter, ItemPage, ReviewLedgerReader, ReviewLedgerWriter } from '../../sync/reviews/ledger.ts'
import { stateOfItem, type Exclusion, type ItemState, type Review, type ReviewItem } from '../../sync/reviews/review.ts'
import { isFormer } from '../excluded.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { excluded, putRow } from '../rows.ts'
import type { Schema, Value } from '../schema.ts'
import type { SqlDialect } from '../sql-dialect.ts'
import { statement, type Parameters } from '../statement.ts'
import { newestWhere } from './newest.ts'

interface Owned {
  readonly organization_id: string
}
type OfReview = Owned & { readonly review_id: string }
type OfMember = Owned & { readonly connection_id: string; readonly membership_id: string }

const byId = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('reviews').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byName = statement((db, p: Owned & { readonly name: string }) =>
  db.selectFrom('reviews').select('content').where('organization_id', '=', p.organization_id).where('name', '=', p.name),
)
const putReview = putRow('reviews', { key: ['organization_id', 'id'], rest: ['name', 'content'] })

const itemsById = statement((db, p: OfReview & { readonly ids: string }, dialect) =>
  db
    .selectFrom('review_items')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('review_id', '=', p.review_id)
    .where('id', 'in', dialect.texts(p.ids))
    .orderBy('id'),
)
/** `rows`: JSON array of objects with the columns, each id once. */
const putItems = statement((db, p: OfReview & { readonly rows: string }, dialect) =>
  db
    .insertInto('review_items')
    .columns(['organization_id', 'review_id', 'id', 'connection_id', 'membership_id', 'state', 'privileged', 'content'])
    .expression(
      // SQLite takes "on conflict" for a part of the join without the condition; PostgreSQL needs the types.
      sql`select cast(${p.organization_id} as text), cast(${p.review_id} as text), r.value ->> 'id', r.value ->> 'connection_id',
        r.value ->> 'membership_id', r.value ->> 'state', cast(r.value ->> 'privileged' as bigint), r.value ->> 'content'
        from ${dialect.rows(p.rows)} where true`,
    )
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'review_id', 'id'])
        .doUpdateSet({ state: excluded('state'), content: excluded('content') }),
    ),
)
const removeItems = statement((db, p: OfReview) =>
  db.deleteFrom('review_items').where('organization_id', '=', p.organization_id).where('review_id', '=', p.review_id),
)

const exclusion = statement((db, p: OfMember) =>
  db
    .selectFrom('exclusions')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('membership_id', '=', p.membership_id),
)
/** Of whom the member is again, by one of the two names that the rows are found by. */
const former = (['user_name_key', 'external_id'] as const).map((name) =>
  statement((db, p: OfMember) =>
    db
      .selectFrom('exclusions as e')
      .innerJoin('memberships', (join) =>
        join.onRef('memberships.organization_id', '=', 'e.organization_id').onRef(`memberships.${name}`, '=', `e.${name}`),
      )
      .select('e.content')
      .where('memberships.id', '=', p.membership_id)
      .where('e.organization_id', '=', p.organization_id)
      .where('e.connection_id', '=', p.connection_id)
      .where(isFormer)
      .orderBy('e.membership_id')
      .limit(1),
  ),
)
/** The names are those that the directory has for the member now; who is no member has none. */
const putExclusion = statement((db, p: OfMember & { readonly content: string }) => {
  const named = (name: 'user_name_key' | 'external_id') =>
    sql`(select m.${sql.ref(name)} from memberships as m where m.organization_id = ${p.organization_id} and m.id = ${p.membership_id})`
  return db
    .insertInto('exclusions')
    .columns(['organization_id', 'connection_id', 'membership_id', 'user_name_key', 'external_id', 'content'])
    .expression(
      sql`select cast(${p.organization_id} as text), cast(${p.connection_id} as text), cast(${p.membership_id} as text),
        coalesce(${named('user_name_key')}, ''), ${named('external_id')}, cast(${p.content} as text) where true`,
    )
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'connection_id', 'membership_id']).doUpdateSet({ content: excluded('content') }),
    )
})
const removeExclusion = statement((db, p: OfMember) =>
  db
    .deleteFrom('exclusions')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('membership_id', '=', p.membership_id),
)

export function readReviews(executor: Executor): ReviewLedgerReader {
  const toReview = (row: { readonly content: string } | undefined) => row && decode<Review>(row.content)
  return {
    review: async (organizationId, id) => toReview(await executor.first(byId, { organization_id: organizationId, id })),
    reviewByName: async (organizationId, name) =>
      toReview(await executor.first(byName, { organization_id: organizationId, name })),
    reviews: async (organizationId, { before, limit }) =>
      (await newestWhere(executor, { table: 'reviews', organizationId, before, limit, equal: {} })).map((content) =>
        decode<Review>(content),
      ),
    reviewItems: async (organizationId, reviewId, { after, limit, ...filter }) => {
      const asked = askedItems({ organizationId, reviewId, after, limit }, filter)
      const rows = await executor.shaped(
        `items ${asked.shape}`,
        (db, p, dialect) =>
          compiled(
            db,
            sql<{
              readonly content: string
            }>`select content from review_items where ${asked.where(p, dialect)} order by id limit ${p['limit']}`,
          ),
        asked.values,
      )
      return rows.map(({ content }) => decode<ReviewItem>(content))
    },
    reviewItemsOf: async (organizationId, reviewId, ids) =>
      (await executor.all(itemsById, { organization_id: organizationId, review_id: reviewId, ids: JSON.stringify(ids) })).map(
        ({ content }) => decode<ReviewItem>(content),
      ),
    countReviewItems: async (organizationId, reviewId, filter) => {
      const asked = askedItems({ organizationId, reviewId, limit: 0 }, filter)
      const rows = await executor.shaped(
        `counted items ${asked.shape}`,
        (db, p, dialect) =>
          compiled(
            db,
            sql<{
              readonly state: ItemState
              readonly count: number
            }>`select state, count(*) as count from review_items where ${asked.where(p, dialect)} group by state`,
          ),
        asked.values,
      )
      const counts = new Map(rows.map(({ state, count }) => [state, count]))
      return { undecided: counts.get('undecided') ?? 0, keep: counts.get('keep') ?? 0, revoke: counts.get('revoke') ?? 0 }
    },
    exclusion: async (organizationId, connectionId, membershipId) => {
      const member = ofMember(organizationId, connectionId, membershipId)
      for (const look of [exclusion, ...former]) {
        const row = await executor.first(look, member)
        if (row) return decode<Exclusion>(row.content)
      }
      return undefined
    },
    exclusions: async (organizationId, { connectionId, membershipId, after, limit }) => {
      const equal = Object.entries({ connection_id: connectionId, membership_id: membershipId }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      )
      const rows = await executor.shaped(
        `exclusions ${equal.map(([name]) => name).join(' ')}`,
        (db, p) => {
          const narrowed = equal.map(([name]) => sql<SqlBool>` and ${sql.ref(name)} = ${p[name]}`)
          return compiled(
            db,
            sql<{
              readonly content: string
            }>`select content from exclusions where organization_id = ${p['organization_id']}${sql.join(narrowed, sql``)}
              and (connection_id, membership_id) > (${p['after_connection_id']}, ${p['after_membership_id']})
              order by connection_id, membership_id limit ${p['limit']}`,
          )
        },
        {
          ...Object.fromEntries(equal),
          organization_id: organizationId,
          after_connection_id: after?.connectionId ?? '',
          after_membership_id: after?.membershipId ?? '',
          limit,
        },
      )
      return rows.map(({ content }) => decode<Exclusion>(content))
    },
  }
}

export function writeReviews(executor: Executor): ReviewLedgerWriter {
  return {
    putReview: async (review) => {
      const { organizationId, id, name } = review
      await executor.run(putReview, { organization_id: organizationId, id, name, content: encode(review) })
    },
    putReviewItems: async (items) => {
      const [first] = items
      if (!first) return
      const rows = items.map((item) => ({
        id: item.id,
        connection_id: item.connection.id,
        membership_id: item.person?.id ?? '',
        state: stateOfItem(item),
        privileged: item.privileged.length > 0 ? 1 : 0,
        content: encode(item),
      }))
      await executor.run(putItems, {
        organization_id: first.organizationId,
        review_id: first.reviewId,
        rows: JSON.stringify(rows),
      })
    },
    removeReviewItems: async (organizationId, reviewId) => {
      await executor.run(removeItems, { organization_id: organizationId, review_id: reviewId })
    },
    putExclusion: async (value) => {
      const { organizationId, connectionId, membershipId } = value
      await executor.run(putExclusion, { ...ofMember(organizationId, connectionId, membershipId), content: encode(value) })
    },
    removeExclusion: async (organizationId, connectionId, membershipId) => {
      await executor.run(removeExclusion, ofMember(organizationId, connectionId, membershipId))
    },
  }
}

/** The conditions on items, with the name of their shape and what is put into it. An item of nobody has an empty membership id. */
function askedItems(
  { organizationId, reviewId, after, limit }: ItemPage & { readonly organizationId: string; readonly reviewId: string },
  { state, connectionId, membershipId, kind, for: reviewer }: ItemFilter,
) {
  const equal: Readonly<Record<string, Value | undefined>> = {
    organization_id: organizationId,
    review_id: reviewId,
    state,
    connection_id: connectionId,
    membership_id: membershipId,
    privileged: kind === 'privileged' ? 1 : kind === 'plain' ? 0 : undefined,
  }
  const names = Object.keys(equal).filter((name) => equal[name] !== undefined)
  const values: Record<string, Value> = { limit }
  for (const name of names) values[name] = equal[name] ?? null
  if (after !== undefined) values['after'] = after
  if (reviewer?.except !== undefined) values['except'] = reviewer.except
  if (reviewer?.connectionIds) values['connections'] = JSON.stringify(reviewer.connectionIds)
  const where = (p: Parameters, dialect: SqlDialect) =>
    sql.join(
      [
        ...names.map((name) => sql<SqlBool>`${sql.ref(name)} = ${p[name]}`),
        ...(kind === 'orphan' ? [sql<SqlBool>`membership_id = ''`] : []),
        ...(kind === 'plain' ? [sql<SqlBool>`membership_id <> ''`] : []),
        ...('after' in values ? [sql<SqlBool>`id > ${p['after']}`] : []),
        ...('except' in values ? [sql<SqlBool>`membership_id <> ${p['except']}`] : []),
        ...('connections' in values ? [sql<SqlBool>`connection_id in ${dialect.texts(p['connections'] ?? null)}`] : []),
      ],
      sql` and `,
    )
  return { shape: `${kind ?? ''} ${Object.keys(values).join(' ')}`, where, values }
}

const compiled = <Row>(db: Kysely<Schema>, query: RawBuilder<Row>) => ({ compile: () => query.compile(db) })

const ofMember = (organizationId: string, connectionId: string, membershipId: string): OfMember => ({
  organization_id: organizationId,
  connection_id: connectionId,
  membership_id: membershipId,
})
