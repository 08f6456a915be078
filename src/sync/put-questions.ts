import { isDeepStrictEqual } from 'node:util'
import { unchanged } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { LedgerWriter } from './ledger.ts'
import type { Ambiguity } from './match.ts'
import type { Question } from './question.ts'
import { memberOrNone } from './leavers.ts'
import type { Survey } from './survey.ts'
import { commit, type Hand } from './work.ts'

/**
 * Asks what a complete read leaves open, words anew what is asked already, and withdraws what does not arise any more. A question about somebody who
 * is not wanted any more stays: whose account it is matters most when a person leaves. Answers the questions that are open then.
 */
export async function putQuestions(hand: Hand, seen: Survey): Promise<readonly Question[]> {
  const before = [...seen.questions.values()].filter(({ state }) => state === 'open')
  const arising = new Map(seen.matching.ambiguities.map((one) => [one.member.id, one]))
  const standing: Question[] = []
  const withdrawn: Question[] = []
  for (const question of before) {
    if (arising.has(question.membershipId)) continue
    if (await stillArises(hand, question, seen)) standing.push(question)
    else withdrawn.push({ ...question, state: 'withdrawn', unlinked: [], version: question.version + 1 })
  }
  const asked = [...arising.values()].map((one) => ask(hand, one, seen.questions.get(one.member.id)))
  const news = asked.filter((question) => !seen.questions.get(question.membershipId) || !before.includes(question))
  if (news.length + withdrawn.length > 0)
    await commit(hand, async (tx) => {
      for (const question of [...news, ...withdrawn]) await tx.putQuestion(question)
      const [first, ...rest] = [
        ...news.map((question) => toldOf('question.asked', question)),
        ...withdrawn.map((question) => toldOf('question.withdrawn', question)),
      ]
      return first ? [undefined, first, ...rest] : unchanged(undefined)
    })
  return [...standing, ...asked]
}

/** Opens the question whether an account that was just unlinked by hand is the member's after all. */
export async function askAboutUnlinked(
  tx: LedgerWriter,
  hand: Hand,
  { ambiguity, before }: { readonly ambiguity: Ambiguity; readonly before: Question | undefined },
): Promise<{ readonly question: Question; readonly fact: FactDraft }> {
  const accountIds = ambiguity.candidates.map(({ accountId }) => accountId)
  const asked = ask(hand, ambiguity, before)
  const question = { ...asked, unlinked: [...new Set([...asked.unlinked, ...accountIds])] }
  await tx.putQuestion(question)
  return { question, fact: toldOf('question.asked', question) }
}

/** The question as it stands, where it is asked already in these words. */
function ask({ parts, connection }: Hand, { member, reason, candidates }: Ambiguity, before: Question | undefined): Question {
  const content = { subject: member.userName, reason, candidates }
  if (
    before?.state === 'open' &&
    isDeepStrictEqual(plain({ subject: before.subject, reason: before.reason, candidates: before.candidates }), plain(content))
  )
    return before
  return {
    id: before?.id ?? parts.newId(),
    organizationId: connection.organizationId,
    connectionId: connection.id,
    membershipId: member.id,
    ...content,
    ruledOut: before?.ruledOut ?? [],
    unlinked: before?.unlinked ?? [],
    state: 'open',
    answer: undefined,
    askedAt: before?.state === 'open' ? before.askedAt : parts.clock(),
    version: (before?.version ?? 0) + 1,
  }
}

/** Whether a question about somebody whom this comparison did not look at still needs an answer: they are there, and so is an account that is nobody's. */
async function stillArises({ parts, connection }: Hand, question: Question, seen: Survey): Promise<boolean> {
  if (seen.members.some(({ id }) => id === question.membershipId)) return false
  if (seen.links.some(({ membershipId }) => membershipId === question.membershipId)) return false
  const linked = new Set(seen.links.map(({ accountId }) => accountId))
  const free = seen.accounts.some(
    ({ id }) => !linked.has(id) && !seen.markings.has(id) && question.candidates.some(({ accountId }) => accountId === id),
  )
  return free && (await memberOrNone(parts, connection.organizationId, question.membershipId)) !== undefined
}

const toldOf = (action: 'question.asked' | 'question.withdrawn', question: Question): FactDraft => ({
  action,
  subject: question.id,
  detail: {
    connectionId: question.connectionId,
    membershipId: question.membershipId,
    accountIds: question.candidates.map(({ accountId }) => accountId),
  },
})

/** What is stored leaves out members that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
