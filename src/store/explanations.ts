import { sql, type SqlBool } from 'kysely'
import type { Explanation, Explanations } from '../directory/explanation.ts'
import type { Reader } from '../directory/store.ts'
import type { Database } from './database.ts'
import type { Executor } from './executor.ts'
import { dateOf, msOf, putRow } from './rows.ts'
import type { ExplanationRow } from './schema.ts'
import { statement } from './statement.ts'

const mostPerRequest = 100

const put = putRow('explanations', {
  key: ['id'],
  rest: ['request_id', 'organization_id', 'at', 'dialect', 'operation', 'refusal', 'field', 'code', 'message'],
})
const byRequest = statement((db, p: { readonly request_id: string }) =>
  db.selectFrom('explanations').selectAll().where('request_id', '=', p.request_id).orderBy('id').limit(mostPerRequest),
)
const ofOrganization = statement((db, p: { readonly organization_id: string; readonly request_id: string }) =>
  db
    .selectFrom('explanations')
    .selectAll()
    .where('request_id', '=', p.request_id)
    .where('organization_id', '=', p.organization_id)
    .orderBy('id')
    .limit(mostPerRequest),
)
const pruneOld = statement((db, p: { readonly before: number }) => db.deleteFrom('explanations').where('at', '<', p.before))
/** Ids are in the order of creation. */
const pruneMany = statement((db, p: { readonly keep: number }) =>
  db
    .deleteFrom('explanations')
    .where(sql<SqlBool>`id <= (${db.selectFrom('explanations').select('id').orderBy('id', 'desc').limit(1).offset(p.keep)})`),
)

export function readExplanations(executor: Executor) {
  return {
    explanations: async (organizationId, requestId) =>
      (await executor.all(ofOrganization, { organization_id: organizationId, request_id: requestId })).map(toExplanation),
  } satisfies Partial<Reader>
}

export function createExplanations(database: Database): Explanations {
  return {
    add: async (explanations) => {
      if (explanations.length === 0) return
      await database.write(undefined, async (executor) => {
        for (const explanation of explanations) await executor.run(put, toRow(explanation))
      })
    },
    find: async (requestId) => (await database.reader.all(byRequest, { request_id: requestId })).map(toExplanation),
    prune: async ({ before, keep }) => {
      await database.write(undefined, async (executor) => {
        await executor.run(pruneOld, { before: msOf(before) })
        await executor.run(pruneMany, { keep })
      })
    },
  }
}

const toRow = (explanation: Explanation): ExplanationRow => ({
  id: explanation.id,
  request_id: explanation.requestId,
  organization_id: explanation.organizationId ?? null,
  at: msOf(explanation.at),
  dialect: explanation.dialect,
  operation: explanation.operation ?? null,
  refusal: explanation.refusal,
  field: explanation.field ?? null,
  code: explanation.code ?? null,
  message: explanation.message,
})

const toExplanation = (row: ExplanationRow): Explanation => ({
  id: row.id,
  requestId: row.request_id,
  at: dateOf(row.at),
  dialect: row.dialect,
  operation: row.operation ?? undefined,
  organizationId: row.organization_id ?? undefined,
  refusal: row.refusal,
  field: row.field ?? undefined,
  code: row.code ?? undefined,
  message: row.message,
})
