import type { Question, QuestionLedgerReader, QuestionLedgerWriter } from '../../sync/question.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { newestWhere } from './newest.ts'

const put = putRow('questions', {
  key: ['organization_id', 'id'],
  rest: ['connection_id', 'membership_id', 'state', 'content'],
})
const byId = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('questions').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)

export function readQuestions(executor: Executor) {
  return {
    question: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && decode<Question>(row.content)
    },
    questions: async (organizationId, { connectionId, membershipId, state, before, limit }) =>
      (
        await newestWhere(executor, {
          table: 'questions',
          organizationId,
          before,
          limit,
          equal: { connection_id: connectionId, membership_id: membershipId, state },
        })
      ).map((content) => decode<Question>(content)),
  } satisfies QuestionLedgerReader
}

export function writeQuestions(executor: Executor) {
  return {
    putQuestion: async (question) => {
      const { organizationId, connectionId, membershipId, id, state } = question
      await executor.run(put, {
        organization_id: organizationId,
        connection_id: connectionId,
        membership_id: membershipId,
        id,
        state,
        content: encode(question),
      })
    },
  } satisfies QuestionLedgerWriter
}
