import { query, type Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { LedgerReader, LedgerWriter } from './ledger.ts'
import { checkReason, linkInHand } from './link-in-hand.ts'
import type { SyncParts } from './parts.ts'
import type { Answer, Question, QuestionFilter } from './question.ts'
import { withConnection } from './run.ts'
import { commit } from './work.ts'

type Choice =
  | { readonly kind: 'link'; readonly accountId: string }
  | { readonly kind: 'notTheSame' }
  | { readonly kind: 'ignore' }

/** What to ask a person, and what they answer. */
export interface QuestionEngine {
  /** Newest first. */
  listQuestions(
    call: Call,
    input: QuestionFilter & { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Question[]>
  getQuestion(call: Call, input: { readonly id: string }): Promise<Question>
  /**
   * Answers what was seen in that version; refuses a question that has changed since as `stale`. An answered question may be answered anew, until a
   * link came of it: that one is unlinked. Nothing is changed at the vendor by it, but what the answer lets happen follows.
   */
  answerQuestion(
    call: Call,
    input: { readonly id: string; readonly version: number; readonly answer: Choice; readonly reason: string },
  ): Promise<Question>
}

export function questionCommands(parts: SyncParts): QuestionEngine {
  const { ledger } = parts
  return {
    listQuestions: query(
      ledger,
      'read',
      (tx: LedgerReader, { organizationId }: Call, filter: Parameters<LedgerReader['questions']>[1]) =>
        tx.questions(organizationId, filter),
    ),
    getQuestion: query(ledger, 'read', (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
      findQuestion(tx, call, id),
    ),
    answerQuestion: async (call, { id, version, answer, reason }) => {
      const find = query(ledger, 'operate', (tx: LedgerReader, given: Call) => findQuestion(tx, given, id))
      const asked = await find(call, undefined)
      const why = checkReason(reason)
      if (isRepeated(asked, call, { version, answer })) return asked
      refuseStale(asked, version)
      if (answer.kind === 'link') refuseStranger(asked, answer.accountId)
      return withConnection(parts, call, {
        connectionId: asked.connectionId,
        work: async (hand) => {
          const settle = async (tx: LedgerWriter, now: Call): Promise<readonly [Question, FactDraft]> => {
            const current = await findQuestion(tx, now, id)
            refuseStale(current, version)
            const question = answered(current, { ...answer, by: now.actor, at: now.now, reason: why })
            await tx.putQuestion(question)
            return [question, factOf(question)]
          }
          if (answer.kind !== 'link') return commit(hand, settle)
          const { connectionId, membershipId } = asked
          return linkInHand(hand, { connectionId, membershipId, accountId: answer.accountId }, settle)
        },
      })
    },
  }
}

/** Whether the same caller gave just this answer: the reply was lost, and nothing is left to do. */
const isRepeated = (
  question: Question,
  { actor }: Call,
  { version, answer }: { readonly version: number; readonly answer: Choice },
): boolean =>
  question.version === version + 1 &&
  question.answer?.by === actor &&
  question.answer.kind === answer.kind &&
  (answer.kind !== 'link' || (question.answer.kind === 'link' && question.answer.accountId === answer.accountId))

/** What a person said holds from now on; who is not the same never becomes it again by a rule. */
function answered(question: Question, answer: Answer): Question {
  const candidates = question.candidates.map(({ accountId }) => accountId)
  const ruledOut = answer.kind === 'notTheSame' ? [...new Set([...question.ruledOut, ...candidates])] : question.ruledOut
  return {
    ...question,
    state: 'answered',
    answer,
    ruledOut: answer.kind === 'link' ? ruledOut.filter((id) => id !== answer.accountId) : ruledOut,
    unlinked: [],
    version: question.version + 1,
  }
}

async function findQuestion(tx: LedgerReader, call: Call, id: string): Promise<Question> {
  const question = await tx.question(call.organizationId, id)
  if (!question) throw new DirectoryError('notFound', 'There is no such question in this organization.', { field: 'id' })
  return question
}

function refuseStale(question: Question, version: number): void {
  if (question.version !== version)
    throw new DirectoryError(
      'stale',
      `The question has changed since: this is version ${question.version}, not ${version}. Look at it again and answer what it asks now.`,
      { field: 'version' },
    )
  if (question.state === 'withdrawn')
    throw new DirectoryError('conflict', 'The question does not arise any more: there is nothing to answer.')
}

function refuseStranger({ candidates }: Question, accountId: string): void {
  if (candidates.some((candidate) => candidate.accountId === accountId)) return
  const ids = candidates.map((candidate) => candidate.accountId).join(', ')
  throw new DirectoryError('invalid', `Account ${accountId} is none of those that are asked about: ${ids}.`, {
    field: 'accountId',
  })
}

const factOf = (question: Question): FactDraft => ({
  action: 'question.answered',
  subject: question.id,
  detail: {
    connectionId: question.connectionId,
    membershipId: question.membershipId,
    accountIds: question.candidates.map(({ accountId }) => accountId),
    answer: question.answer?.kind,
    accountId: question.answer?.kind === 'link' ? question.answer.accountId : undefined,
    reason: question.answer?.reason,
  },
})
