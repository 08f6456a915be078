import type { Fact } from '../../../directory/fact.ts'
import type { Link } from '../../../sync/ledger.ts'
import type { Marking } from '../../../sync/link.ts'
import type { Compared } from '../../../sync/matching-rule.ts'
import type { Question } from '../../../sync/question.ts'
import type { Value } from '../../../wire/operation.ts'
import type * as wire from '../wire/links.ts'
import type { Question as QuestionBody } from '../wire/questions.ts'

type ExplanationBody = Value<(typeof wire.explainLink)['reply']>

export const toLink = (link: Link): ExplanationBody['link'] => ({
  connectionId: link.connectionId,
  memberId: link.membershipId,
  accountId: link.accountId,
  rule: link.rule,
  confidence: link.confidence,
  compared: link.compared?.map(toCompared),
  madeBy: link.madeBy,
  madeAt: link.madeAt,
  kept: link.kept?.map(({ attribute, ours, theirs }) => ({ attribute, ours: [...ours], theirs: [...theirs] })),
})

export const toHistory = ({ sequence, at, actor, action, detail }: Fact): ExplanationBody['history'][number] => ({
  sequence,
  at,
  actor,
  action,
  detail: { ...detail },
})

export const toMarking = (marking: Marking): Value<(typeof wire.listMarkings)['reply']>['items'][number] => ({
  connectionId: marking.connectionId,
  accountId: marking.accountId,
  subject: marking.subject,
  kind: marking.kind,
  ...(marking.kind === 'surplus' && { memberId: marking.membershipId, keptAccountId: marking.keptAccountId }),
  by: marking.by,
  at: marking.at,
  reason: marking.reason,
})

export const toQuestion = (question: Question): Value<typeof QuestionBody> => ({
  id: question.id,
  connectionId: question.connectionId,
  memberId: question.membershipId,
  subject: question.subject,
  reason: question.reason,
  candidates: question.candidates.map((candidate) => ({
    accountId: candidate.accountId,
    userName: candidate.userName,
    email: candidate.email,
    name: candidate.name,
    compared: candidate.compared.map(toCompared),
    heldBy: candidate.heldBy,
    alsoFits: [...candidate.alsoFits],
  })),
  ruledOut: [...question.ruledOut],
  state: question.state,
  answer: question.answer && {
    kind: question.answer.kind,
    accountId: question.answer.kind === 'link' ? question.answer.accountId : undefined,
    by: question.answer.by,
    at: question.answer.at,
    reason: question.answer.reason,
  },
  askedAt: question.askedAt,
  version: question.version,
})

const toCompared = ({
  attribute,
  member,
  account,
  agrees,
}: Compared): Value<typeof QuestionBody>['candidates'][number]['compared'][number] => ({
  attribute,
  member,
  account,
  agrees,
})
